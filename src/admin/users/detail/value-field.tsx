import { Input, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { ATTRIBUTES } from '../../texts/users.ts';
import type { ValueType } from '../value.ts';

export interface ValueFieldProps {
  type: ValueType;
  text: string;
  error: string | null;
  onChange(text: string): void;
}

/** What a value is typed into, by its type. */
export function ValueField({ type, text, error, onChange }: ValueFieldProps) {
  const props = {
    label: ATTRIBUTES.value,
    value: text,
    error,
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => onChange(value),
    'data-autofocus': true,
  };
  switch (type) {
    case 'boolean':
      return (
        <Input.Wrapper label={ATTRIBUTES.value}>
          <div>
            <SegmentedControl
              aria-label={ATTRIBUTES.value}
              value={text === 'true' ? 'true' : 'false'}
              onChange={onChange}
              data={[
                { value: 'true', label: ATTRIBUTES.yes },
                { value: 'false', label: ATTRIBUTES.no },
              ]}
            />
          </div>
        </Input.Wrapper>
      );
    case 'number':
      return <TextInput {...props} inputMode="decimal" />;
    case 'date':
      return <TextInput {...props} description={ATTRIBUTES.dateHint} />;
    case 'list':
      return (
        <Textarea {...props} description={ATTRIBUTES.listHint} autosize minRows={2} maxRows={12} dir="auto" />
      );
    case 'json':
      return (
        <Textarea
          {...props}
          autosize
          minRows={3}
          maxRows={18}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
      );
    case 'text':
      return <Textarea {...props} autosize minRows={1} maxRows={12} dir="auto" />;
  }
}
