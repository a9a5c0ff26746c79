import { Radio, Stack } from '@mantine/core';
import { EDITOR } from '../texts/segments.ts';
import type { Draft } from './use-draft.ts';

export function TypeChoice({
  value,
  onChange,
}: {
  value: Draft['type'];
  onChange(type: Draft['type']): void;
}) {
  return (
    <Radio.Group
      label={EDITOR.type}
      description={EDITOR.dynamicNote}
      value={value}
      onChange={(type) => onChange(type === 'manual' ? 'manual' : 'dynamic')}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="dynamic" label={EDITOR.dynamic} description={EDITOR.dynamicText} />
        <Radio value="manual" label={EDITOR.manual} description={EDITOR.manualText} />
      </Stack>
    </Radio.Group>
  );
}
