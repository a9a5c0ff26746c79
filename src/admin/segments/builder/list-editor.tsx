import { TagsInput } from '@mantine/core';
import { EDITOR } from '../../texts/segments.ts';
import type { Json } from '../rules.ts';
import { readScalar } from '../scalar.ts';
import { useBuilding } from './context.ts';
import { SuggestedValue, suggestionsOf } from './suggested-value.tsx';
import type { EditorProps } from './value-editor.tsx';

/** Several values; those already there keep the type they have. */
export function ListEditor({ field, value, onChange, wrong, describedBy }: EditorProps) {
  const { vocabulary } = useBuilding();
  const list = Array.isArray(value) ? value : [];
  const change = (texts: string[]) => {
    const left = [...list];
    const next = texts.map((text): Json => {
      const at = left.findIndex((one) => String(one) === text);
      return at === -1 ? readScalar(text, field, undefined) : (left.splice(at, 1)[0] as Json);
    });
    onChange(next.length === 0 ? undefined : next);
  };
  return (
    <TagsInput
      aria-label={EDITOR.values}
      aria-describedby={describedBy}
      placeholder={list.length === 0 ? EDITOR.addValue : undefined}
      value={list.map(String)}
      onChange={change}
      data={suggestionsOf(field)}
      limit={20}
      maxTags={vocabulary.limits.values}
      acceptValueOnBlur
      error={wrong}
      renderOption={({ option }) => <SuggestedValue field={field} text={option.value} />}
    />
  );
}
