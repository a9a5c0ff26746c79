import { Select, TextInput } from '@mantine/core';
import { EDITOR } from '../../texts/segments.ts';
import { fitValue, type Json, type Operand } from '../rules.ts';
import type { Field } from '../vocabulary.ts';
import { ComparableEditor } from './comparable-editor.tsx';
import { ListEditor } from './list-editor.tsx';
import { RangeEditor } from './range-editor.tsx';
import { SegmentEditor } from './segment-editor.tsx';
import { SpanEditor } from './span-editor.tsx';
import { TextEditor } from './text-editor.tsx';

export interface EditorProps {
  field: Field;
  /** As the operand takes it; undefined where nothing was entered yet. */
  value: Json | undefined;
  onChange(value: Json | undefined): void;
  wrong: boolean;
  describedBy: string | undefined;
}

/** The control for what an operator takes. */
export function ValueEditor({
  operand,
  value: kept,
  ...props
}: Omit<EditorProps, 'value'> & { operand: Operand | null; value: unknown }) {
  const editor = { ...props, value: fitValue(operand, kept) };
  const { field, value, onChange, wrong, describedBy } = editor;
  if (operand === 'none') return null;
  if (field.isSegment) return <SegmentEditor {...editor} many={operand === 'list'} />;
  switch (operand) {
    case 'list':
      return <ListEditor {...editor} />;
    case 'range':
      return <RangeEditor {...editor} />;
    case 'span':
      return <SpanEditor {...editor} />;
    case 'comparable':
    case 'date':
      return <ComparableEditor {...editor} date={operand === 'date'} label={EDITOR.value} />;
    case 'pattern':
      return (
        <TextInput
          aria-label={EDITOR.pattern}
          aria-describedby={describedBy}
          placeholder={EDITOR.patternHint}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={wrong}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          autoComplete="off"
        />
      );
    case 'scalar':
      if (field.types[0] === 'boolean' && (value === undefined || typeof value === 'boolean')) {
        return (
          <Select
            aria-label={EDITOR.value}
            aria-describedby={describedBy}
            data={[
              { value: 'true', label: EDITOR.yes },
              { value: 'false', label: EDITOR.no },
            ]}
            value={value === undefined ? null : String(value)}
            onChange={(chosen) => onChange(chosen === null ? undefined : chosen === 'true')}
            allowDeselect={false}
            error={wrong}
          />
        );
      }
      if (field.types[0] === 'date') return <ComparableEditor {...editor} date label={EDITOR.value} />;
      return <TextEditor {...editor} suggest />;
    default:
      return <TextEditor {...editor} suggest={false} />;
  }
}
