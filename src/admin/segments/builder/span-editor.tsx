import { Group, NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import { EDITOR } from '../../texts/segments.ts';
import type { EditorProps } from './value-editor.tsx';

/** How long: an amount of days or hours. */
export function SpanEditor({ value, onChange, wrong, describedBy }: EditorProps) {
  const given = value as { [unit: string]: number } | undefined;
  const [chosen, setChosen] = useState<'days' | 'hours'>('days');
  const unit = given === undefined ? chosen : 'hours' in given ? 'hours' : 'days';
  const amount = given?.[unit];
  return (
    <Group gap={8} wrap="nowrap">
      <NumberInput
        aria-label={EDITOR.amount}
        aria-describedby={describedBy}
        value={amount ?? ''}
        onChange={(entered) => onChange(typeof entered === 'number' ? { [unit]: entered } : undefined)}
        allowNegative={false}
        hideControls
        error={wrong}
        flex={1}
        miw={64}
      />
      <Select
        aria-label={EDITOR.unit}
        data={[
          { value: 'days', label: EDITOR.days },
          { value: 'hours', label: EDITOR.hours },
        ]}
        value={unit}
        onChange={(next) => {
          if (next !== 'days' && next !== 'hours') return;
          setChosen(next);
          if (amount !== undefined) onChange({ [next]: amount });
        }}
        allowDeselect={false}
        w={104}
      />
    </Group>
  );
}
