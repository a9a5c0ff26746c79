import { Group, Text } from '@mantine/core';
import { EDITOR } from '../../texts/segments.ts';
import type { Json } from '../rules.ts';
import { ComparableEditor } from './comparable-editor.tsx';
import type { EditorProps } from './value-editor.tsx';

export function RangeEditor({ value, onChange, ...rest }: EditorProps) {
  const [from = '', to = ''] = Array.isArray(value) ? value : [];
  const shown = (end: Json) => (end === '' ? undefined : end);
  return (
    <Group gap={8} wrap="nowrap" align="center" className="range">
      <ComparableEditor
        {...rest}
        date={false}
        label={EDITOR.from}
        value={shown(from)}
        onChange={(next) => onChange([next ?? '', to])}
      />
      <Text span>{EDITOR.and.trim()}</Text>
      <ComparableEditor
        {...rest}
        date={false}
        label={EDITOR.to}
        value={shown(to)}
        onChange={(next) => onChange([from, next ?? ''])}
      />
    </Group>
  );
}
