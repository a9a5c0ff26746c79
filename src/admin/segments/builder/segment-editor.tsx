import { MultiSelect, Select } from '@mantine/core';
import { EDITOR } from '../../texts/segments.ts';
import { useBuilding } from './context.ts';
import type { EditorProps } from './value-editor.tsx';

/** One of the other segments, or several. One that is gone stays to be seen, by its slug. */
export function SegmentEditor({
  value,
  onChange,
  wrong,
  describedBy,
  many,
}: EditorProps & { many: boolean }) {
  const { segments } = useBuilding();
  const chosen = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  const gone = chosen.filter((slug) => !segments.some((segment) => segment.slug === slug));
  const data = [
    ...segments.map(({ slug, name }) => ({ value: slug, label: name })),
    ...gone.map((slug) => ({ value: slug, label: slug })),
  ];
  const shared = {
    'aria-label': EDITOR.segment,
    'aria-describedby': describedBy,
    placeholder: chosen.length === 0 ? EDITOR.chooseSegment : undefined,
    data,
    searchable: true,
    error: wrong,
  };
  return many ? (
    <MultiSelect {...shared} value={chosen} onChange={onChange} />
  ) : (
    <Select
      {...shared}
      value={chosen[0] ?? null}
      onChange={(slug) => onChange(slug ?? undefined)}
      allowDeselect={false}
    />
  );
}
