import { Text } from '@mantine/core';
import { EDITOR } from '../../texts/segments.ts';
import type { Field } from '../vocabulary.ts';

/** Common values as text, each once. */
export const suggestionsOf = (field: Field): string[] => [
  ...new Set(field.values.map(({ value }) => String(value))),
];

/** A common value and how many people have it. */
export function SuggestedValue({ field, text }: { field: Field; text: string }) {
  const users = field.values
    .filter(({ value }) => String(value) === text)
    .reduce((sum, value) => sum + value.users, 0);
  return (
    <div className="field-option">
      <span className="one-line">{text}</span>
      <Text span fz="xs" c="dimmed">
        {EDITOR.people(users)}
      </Text>
    </div>
  );
}
