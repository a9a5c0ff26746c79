import { Button, Stack, Text } from '@mantine/core';
import { formatMoment } from '../format.ts';
import { Copyable } from '../parts/data.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { ADMINS } from '../texts/accounts.ts';

/** The link of an invitation that was just made, this once. */
export function FreshLink({ url, expiresAt, onKept }: { url: string; expiresAt: string; onKept(): void }) {
  return (
    <ShownOnce label={ADMINS.linkTitle}>
      <Stack gap="sm" align="flex-start">
        <Text fw={600}>{ADMINS.linkTitle}</Text>
        <Text maw={640}>{ADMINS.linkText(formatMoment(expiresAt))}</Text>
        <Copyable value={url} what={ADMINS.link} />
        <Button size="xs" variant="default" onClick={onKept}>
          {ADMINS.sent}
        </Button>
      </Stack>
    </ShownOnce>
  );
}
