import { Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { IMPORT } from '../../texts/import.ts';
import { type Column, type ColumnType, type MappingProblem, TARGETS, type Target, TYPES } from './mapping.ts';

const { map } = IMPORT;

export interface MapColumnsProps {
  columns: Column[];
  rows: readonly (readonly string[])[];
  problems: readonly MappingProblem[];
  onChange(columns: Column[]): void;
}

/** One line for each column of the file: its first values, and what it becomes. */
export function MapColumns({ columns, rows, problems, onChange }: MapColumnsProps) {
  const change = (i: number, change: Partial<Column>) =>
    onChange(columns.map((column, j) => (i === j ? { ...column, ...change } : column)));
  return (
    <Table layout="fixed" fz="md" aria-label={map.table} className="flush map-table">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{map.column}</Table.Th>
          <Table.Th className="from-sm">{map.examples}</Table.Th>
          <Table.Th w={150}>{map.becomes}</Table.Th>
          <Table.Th w={200} className="from-sm">
            {map.key}
          </Table.Th>
          <Table.Th w={140} className="from-sm">
            {map.type}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {columns.map((column, i) => (
          <ColumnRow
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one title, and none ever moves
            key={i}
            column={column}
            place={i + 1}
            examples={rows.map((row) => row[i] ?? '').filter((cell) => cell.trim() !== '')}
            problem={problems.find((one) => 'column' in one && one.column === i)}
            onChange={(next) => change(i, next)}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

interface ColumnRowProps {
  column: Column;
  place: number;
  examples: string[];
  problem: MappingProblem | undefined;
  onChange(change: Partial<Column>): void;
}

function ColumnRow({ column, place, examples, problem, onChange }: ColumnRowProps) {
  const name = column.title === '' ? map.unnamed(place) : column.title;
  const isAttribute = column.target === 'attribute';
  const shown = examples.slice(0, 3).map((example) => example.slice(0, 120));
  const skipped = column.target === 'skip';
  const wrong = problem === undefined ? null : problemText(problem, name);
  const key = (
    <TextInput
      aria-label={map.of(map.key, name)}
      value={column.key}
      onChange={(event) => onChange({ key: event.currentTarget.value })}
      onBlur={() => onChange({ key: column.key.trim() })}
      maxLength={256}
      error={isAttribute && wrong !== null}
    />
  );
  const type = (
    <Select
      aria-label={map.of(map.type, name)}
      data={TYPES.map((value) => ({ value, label: map.types[value] }))}
      value={column.type}
      onChange={(next) => onChange({ type: next as ColumnType })}
      allowDeselect={false}
    />
  );
  return (
    <Table.Tr className={skipped ? 'is-skipped' : ''}>
      <Table.Td className="one-line" title={name}>
        <bdi>{name}</bdi>
      </Table.Td>
      <Table.Td className="from-sm one-line" c="dimmed" title={shown.join(' · ')}>
        {shown.length === 0 && map.noExamples}
        {shown.map((example, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: values may be equal
          <span key={n}>
            {n > 0 && ' · '}
            <bdi>{example}</bdi>
          </span>
        ))}
      </Table.Td>
      <Table.Td>
        <Select
          aria-label={map.of(map.becomes, name)}
          data={TARGETS.map((value) => ({ value, label: map.targets[value] }))}
          value={column.target}
          onChange={(target) => onChange({ target: target as Target })}
          allowDeselect={false}
          error={wrong !== null}
        />
        {wrong !== null && (
          <Text size="sm" c="var(--bad-color)">
            {wrong}
          </Text>
        )}
        {isAttribute && (
          <Stack gap={4} mt={4} hiddenFrom="sm">
            {key}
            {type}
          </Stack>
        )}
      </Table.Td>
      {isAttribute ? (
        <>
          <Table.Td className="from-sm">{key}</Table.Td>
          <Table.Td className="from-sm">{type}</Table.Td>
        </>
      ) : (
        <Table.Td colSpan={2} className="from-sm" aria-hidden="true" />
      )}
    </Table.Tr>
  );
}

function problemText(problem: MappingProblem, column: string): string {
  if (problem.kind === 'noEmail') return map.noEmail;
  if (problem.kind === 'noKey') return map.noKey(column);
  return map.twice(problem.target === 'attribute' ? `“${problem.key}”` : `“${map.targets[problem.target]}”`);
}
