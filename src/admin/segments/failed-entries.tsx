import { Group, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { formatCount } from '../format.ts';
import { Copy } from '../parts/data.tsx';
import { DETAIL, EDITOR } from '../texts/segments.ts';
import type { Failure } from './pasted-list.ts';

/** Rows that are drawn; all of them can be copied. */
const SHOWN = 200;

/** Which lines were not taken and why, with all of them to take elsewhere. */
export function FailedEntries({ failed }: { failed: Failure[] }) {
  const byLine = failed.toSorted((a, b) => a.line - b.line);
  const reasons: Record<string, string> = DETAIL.reasons;
  return (
    <Stack gap={4}>
      <Group gap={4}>
        <Text fw={500}>{DETAIL.pasteFailed(failed.length)}</Text>
        <Copy value={byLine.map(({ text }) => text).join('\n')} what={DETAIL.copyFailed} />
      </Group>
      <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: 0 }}>
        <Table aria-label={DETAIL.pasteFailed(failed.length)}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{DETAIL.line}</Table.Th>
              <Table.Th>{DETAIL.entry}</Table.Th>
              <Table.Th>{DETAIL.reason}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {byLine.slice(0, SHOWN).map(({ line, text, reason }) => (
              <Table.Tr key={text}>
                <Table.Td>{formatCount(line)}</Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{text}</Table.Td>
                <Table.Td>{reasons[reason] ?? reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {byLine.length > SHOWN && (
          <Text fz="sm" c="dimmed">
            {EDITOR.more(formatCount(byLine.length - SHOWN))}
          </Text>
        )}
      </ScrollArea.Autosize>
    </Stack>
  );
}
