import { Autocomplete, TextInput } from '@mantine/core';
import { useState } from 'react';
import { EDITOR } from '../../texts/segments.ts';
import { readScalar } from '../scalar.ts';
import { SuggestedValue, suggestionsOf } from './suggested-value.tsx';
import type { EditorProps } from './value-editor.tsx';

/** Text, or a number where the attribute holds numbers; common values are offered while typing. */
export function TextEditor({
  field,
  value,
  onChange,
  wrong,
  describedBy,
  suggest,
}: EditorProps & { suggest: boolean }) {
  // What was typed, for "1." is no number yet and must not lose its dot.
  const [text, setText] = useState(value === undefined ? '' : String(value));
  const [offering, setOffering] = useState(false);
  const shared = {
    'aria-label': EDITOR.value,
    'aria-describedby': describedBy,
    error: wrong,
    maxLength: 1024,
  };
  const change = (typed: string) => {
    setText(typed);
    onChange(typed === '' ? undefined : suggest ? readScalar(typed, field, value) : typed);
  };
  if (!suggest || field.values.length === 0) {
    return (
      <TextInput
        {...shared}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        autoComplete="off"
      />
    );
  }
  return (
    <Autocomplete
      {...shared}
      value={text}
      onChange={change}
      data={suggestionsOf(field)}
      limit={20}
      dropdownOpened={offering}
      onDropdownOpen={() => setOffering(true)}
      onDropdownClose={() => setOffering(false)}
      // Enter takes the suggestion that is marked, or what was typed.
      onKeyDown={(event) => event.key === 'Enter' && setOffering(false)}
      renderOption={({ option }) => <SuggestedValue field={field} text={option.value} />}
      autoComplete="off"
    />
  );
}
