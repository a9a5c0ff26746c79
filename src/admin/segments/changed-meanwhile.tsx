import { Anchor, Group, Text } from '@mantine/core';
import { Status } from '../parts/data.tsx';
import { EDITOR } from '../texts/segments.ts';

/** Says that what is being edited is not what is stored any more, and offers to begin anew with that. */
export function ChangedMeanwhile({ onLoad }: { onLoad(): void }) {
  return (
    <Group gap="0 12px" role="status">
      <Status tone="look">{EDITOR.meanwhile}</Status>
      <Text fz="sm">{EDITOR.meanwhileText}</Text>
      <Anchor component="button" type="button" fz="sm" onClick={onLoad}>
        {EDITOR.loadNewer}
      </Anchor>
    </Group>
  );
}
