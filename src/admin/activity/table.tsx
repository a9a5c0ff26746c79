import { Anchor, Skeleton, Table, Text } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { formatLatency } from '../format.ts';
import { Ago } from '../parts/data.tsx';
import { ACTIVITY } from '../texts/activity.ts';
import type { Entry } from './entries.ts';
import { Outcome } from './outcome.tsx';
import { type Names, whoOf, wordsOf } from './words.ts';

const { columns, direction } = ACTIVITY;

export interface EntryTableProps {
  entries: readonly Entry[];
  names: Names;
  open: string;
  /** The address with an entry open. */
  hrefOf(key: string): string;
}

/** One row each; on a phone only when and what, with who below. */
export const EntryTable = memo(function EntryTable({ entries, names, open, hrefOf }: EntryTableProps) {
  return (
    <Frame>
      {entries.map((entry) => (
        <Row key={entry.key} entry={entry} names={names} href={hrefOf(entry.key)} open={entry.key === open} />
      ))}
    </Frame>
  );
});

function Frame({ children }: { children: ReactNode }) {
  return (
    <Table layout="fixed" verticalSpacing={6} aria-label={ACTIVITY.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={92}>{columns.time}</Table.Th>
          <Table.Th w={130} visibleFrom="md">
            {columns.direction}
          </Table.Th>
          <Table.Th w="28%" visibleFrom="sm">
            {columns.who}
          </Table.Th>
          <Table.Th>{columns.what}</Table.Th>
          <Table.Th w={80} ta="right" visibleFrom="sm">
            {columns.latency}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  );
}

const Row = memo(function Row({
  entry,
  names,
  href,
  open,
}: {
  entry: Entry;
  names: Names;
  href: string;
  open: boolean;
}) {
  const [, navigate] = useLocation();
  const { tone, text } = wordsOf(entry, names);
  const who = whoOf(entry);
  const faint = entry.of.user === null;
  return (
    <Table.Tr
      className="opens"
      bg={open ? 'var(--mantine-color-default-hover)' : undefined}
      onClick={(event) => {
        // The link works by itself, and whoever marks text wants to copy it.
        const onLink = event.target instanceof Element && event.target.closest('a') !== null;
        if (!onLink && getSelection()?.isCollapsed !== false) navigate(href);
      }}
    >
      <Table.Td c="dimmed" style={{ whiteSpace: 'nowrap', verticalAlign: 'top' }}>
        <Ago at={entry.at} />
      </Table.Td>
      <Table.Td c="dimmed" visibleFrom="md" style={{ whiteSpace: 'nowrap', verticalAlign: 'top' }}>
        <span aria-hidden="true">{entry.direction === 'in' ? '→ ' : '← '}</span>
        {direction[entry.direction]}
      </Table.Td>
      <Table.Td visibleFrom="sm" style={{ verticalAlign: 'top' }}>
        <Text size="md" truncate {...(faint ? { c: 'dimmed' } : {})} title={who}>
          {who}
        </Text>
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere', verticalAlign: 'top' }}>
        <Anchor component={Link} href={href} id={`row-${entry.key}`} data-row c="inherit" underline="hover">
          <Outcome tone={tone}>{text}</Outcome>
        </Anchor>
        <Text size="sm" c="dimmed" hiddenFrom="sm">
          {who}
        </Text>
      </Table.Td>
      <Table.Td ta="right" c="dimmed" visibleFrom="sm" style={{ whiteSpace: 'nowrap', verticalAlign: 'top' }}>
        {formatLatency(entry.of.latencyMs)}
      </Table.Td>
    </Table.Tr>
  );
});

/** The table while its rows are on their way. */
export function LoadingTable() {
  return (
    <div role="status" aria-busy="true" aria-label={ACTIVITY.what}>
      <Frame>
        {Array.from({ length: 12 }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines that are all alike
          <Table.Tr key={i}>
            <Table.Td colSpan={5}>
              <Skeleton height={22} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Frame>
    </div>
  );
}
