import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { Copy, Copyable } from '../parts/data.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { KEYS } from '../texts/accounts.ts';

/** A key that was just made, this once, with something to try it by. */
export function FreshKey({ name, value, onKept }: { name: string; value: string; onKept(): void }) {
  const example = KEYS.example(location.origin, value);
  return (
    <ShownOnce label={KEYS.madeTitle(name)}>
      <Stack gap="sm" align="flex-start">
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {KEYS.madeTitle(name)}
        </Text>
        <Text>{KEYS.made}</Text>
        <Copyable value={value} what={KEYS.key} />
        <div style={{ maxWidth: '100%' }}>
          <Group gap={4}>
            <Text size="sm" c="dimmed">
              {KEYS.try}
            </Text>
            <Copy value={example} what={KEYS.tryName} />
          </Group>
          <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {example}
          </Code>
        </div>
        <Button size="xs" variant="default" onClick={onKept}>
          {KEYS.kept}
        </Button>
      </Stack>
    </ShownOnce>
  );
}
