import { Button, Stack, Text } from '@mantine/core';
import { Copyable } from '../parts/data.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { SETTINGS } from '../texts/settings.ts';

/** A new secret, to be copied now: it is not shown again. */
export function FreshSecret({ secret, onStored }: { secret: string; onStored(): void }) {
  return (
    <ShownOnce label={SETTINGS.secret.shownOnce}>
      <Stack gap="xs" align="flex-start">
        <Text fw={600}>{SETTINGS.secret.shownOnce}</Text>
        <Copyable value={secret} what={SETTINGS.secret.copySecret} />
        <Button variant="default" size="xs" onClick={onStored}>
          {SETTINGS.secret.stored}
        </Button>
      </Stack>
    </ShownOnce>
  );
}
