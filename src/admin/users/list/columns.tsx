import { Button, MultiSelect, Popover } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAddressParam } from '../../address.ts';
import { attributesQuery } from '../../queries.ts';
import { attributeTitle } from '../../segments/vocabulary.ts';
import { USERS } from '../../texts/users.ts';

const MOST = 6;

/** Attribute paths shown as columns; a path may hold any character, a comma too. */
export function useColumns(): [string[], (columns: string[]) => void] {
  const [text, setText] = useAddressParam('columns');
  const columns = useMemo(
    () => (text === '' ? [] : [...new Set(text.split(',').map(decode))].slice(0, MOST)),
    [text],
  );
  return [columns, (next) => setText(next.map(encodeURIComponent).join(','), { replace: true })];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function ColumnChoice() {
  const [columns, setColumns] = useColumns();
  const attributes = useQuery(attributesQuery).data ?? [];
  const paths = [...new Set([...columns, ...attributes.map(({ path }) => path)])];
  return (
    <Popover position="bottom-end" width={320} trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default">{USERS.columns}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={USERS.columns}>
        <MultiSelect
          label={USERS.columnsLabel}
          description={USERS.columnsNote}
          data={paths.map((path) => ({ value: path, label: attributeTitle(path) }))}
          value={columns}
          onChange={setColumns}
          maxValues={MOST}
          limit={200}
          searchable
          nothingFoundMessage={USERS.noAttributes}
          comboboxProps={{ withinPortal: false }}
          data-autofocus
        />
      </Popover.Dropdown>
    </Popover>
  );
}
