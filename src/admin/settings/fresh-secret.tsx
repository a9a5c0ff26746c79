import { Button, Paper, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Copyable } from '../parts/data.tsx';
import { SETTINGS } from '../texts/settings.ts';

/** A new secret, to be copied now: it is not shown again. */
export function FreshSecret({ secret, onStored }: { secret: string; onStored(): void }) {
  const panel = useRef<HTMLDivElement>(null);
  // After the dialog has given the focus back to its button, which is not where one goes on.
  useEffect(() => {
    const timer = setTimeout(() => panel.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  return (
    <Paper
      ref={panel}
      tabIndex={-1}
      withBorder
      p="md"
      my="xs"
      className="shown-once"
      component="section"
      aria-label={SETTINGS.secret.shownOnce}
    >
      <Stack gap="xs" align="flex-start">
        <Text fw={600}>{SETTINGS.secret.shownOnce}</Text>
        <Copyable value={secret} what={SETTINGS.secret.copySecret} />
        <Button variant="default" size="xs" onClick={onStored}>
          {SETTINGS.secret.stored}
        </Button>
      </Stack>
    </Paper>
  );
}
