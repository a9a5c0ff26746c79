import { NumberInput, TextInput } from '@mantine/core';
import type { EditorProps } from './value-editor.tsx';

/** A number or a date, whichever the attribute holds or was given before. */
export function ComparableEditor({
  field,
  value,
  onChange,
  wrong,
  describedBy,
  date,
  label,
}: EditorProps & { date: boolean; label: string }) {
  const isDate =
    date || field.types[0] === 'date' || (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value));
  const shared = { 'aria-label': label, 'aria-describedby': describedBy, error: wrong };
  if (!isDate) {
    return (
      <NumberInput
        {...shared}
        value={typeof value === 'number' || typeof value === 'string' ? value : ''}
        onChange={(entered) => onChange(entered === '' ? undefined : entered)}
        hideControls
        inputMode="decimal"
      />
    );
  }
  const text = value === undefined ? '' : String(value);
  // A moment, as the API takes it, has no control of its own: it stays as it was written.
  const isDay = text === '' || /^\d{4}-\d{2}-\d{2}$/.test(text);
  return (
    <TextInput
      {...shared}
      type={isDay ? 'date' : 'text'}
      max="9999-12-31"
      value={text}
      onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
    />
  );
}
