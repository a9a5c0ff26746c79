import { Button, Paper, Stack, Text } from '@mantine/core';
import { Status } from '../parts/data.tsx';
import { EDITOR } from '../texts/segments.ts';

/** Says that what is being edited is not what is stored any more, and offers to begin anew with that. */
export function ChangedMeanwhile({ onLoad }: { onLoad(): void }) {
  return (
    <Paper withBorder p="md" role="status">
      <Stack gap="sm" align="flex-start">
        <Text fw={600}>
          <Status tone="look">{EDITOR.meanwhile}</Status>
        </Text>
        <Text>{EDITOR.meanwhileText}</Text>
        <Button variant="default" onClick={onLoad}>
          {EDITOR.loadNewer}
        </Button>
      </Stack>
    </Paper>
  );
}
