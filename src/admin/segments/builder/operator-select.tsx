import { Select } from '@mantine/core';
import { EDITOR } from '../../texts/segments.ts';
import { useBuilding } from './context.ts';

export function OperatorSelect({
  field,
  value,
  onChange,
  wrong,
  describedBy,
}: {
  field: string;
  value: string;
  onChange(name: string): void;
  wrong: boolean;
  describedBy: string | undefined;
}) {
  const { vocabulary } = useBuilding();
  const data = vocabulary
    .operatorsFor(field, value)
    .map(({ name, title }) => ({ value: name, label: title }));
  return (
    <Select
      aria-label={EDITOR.operator}
      aria-describedby={describedBy}
      data={data}
      value={value}
      onChange={(name) => name !== null && onChange(name)}
      allowDeselect={false}
      error={wrong}
      maxDropdownHeight={360}
    />
  );
}
