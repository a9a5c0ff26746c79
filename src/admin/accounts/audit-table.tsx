import { Stack, Table, Text } from '@mantine/core';
import type { api } from '../api.ts';
import { Ago, Status } from '../parts/data.tsx';
import { AUDIT, AUDIT_ACTIONS } from '../texts/audit.ts';
import { Changes } from './changes.tsx';

type Answer = Awaited<ReturnType<typeof api.audit.get>>['data'];
export type AuditEntry = NonNullable<Answer>['data'][number];

const { columns } = AUDIT;
/** What somebody who looks for trouble looks for. */
const REFUSED = ['session.refused', 'password.change_refused'];

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <Table layout="fixed" aria-label={AUDIT.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={92}>{columns.time}</Table.Th>
          <Table.Th w="22%" visibleFrom="sm">
            {columns.who}
          </Table.Th>
          <Table.Th w={{ base: undefined, sm: '26%' }}>{columns.did}</Table.Th>
          <Table.Th visibleFrom="sm">{columns.change}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Row key={entry.id} entry={entry} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ entry: { at, actor, ip, action, target, changes } }: { entry: AuditEntry }) {
  const did = AUDIT_ACTIONS[action] ?? action;
  const who = (
    <>
      <Text size="sm">{actor.name ?? AUDIT.kinds[actor.kind]}</Text>
      <Text size="sm" c="dimmed">
        {[actor.kind === 'key' ? AUDIT.kinds.key : null, ip].filter((part) => part !== null).join(' · ')}
      </Text>
    </>
  );
  const cell = { overflowWrap: 'anywhere', verticalAlign: 'top' } as const;
  return (
    <Table.Tr>
      <Table.Td c="dimmed" style={{ ...cell, whiteSpace: 'nowrap' }}>
        <Ago at={at} />
      </Table.Td>
      <Table.Td visibleFrom="sm" style={cell}>
        {who}
      </Table.Td>
      <Table.Td style={cell}>
        {REFUSED.includes(action) ? <Status tone="look">{did}</Status> : did}
        {target !== null && (
          <Text size="sm" c="dimmed">
            {target}
          </Text>
        )}
        <Stack gap={4} hiddenFrom="sm" mt={4}>
          {who}
          <Changes changes={changes} />
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm" style={cell}>
        <Changes changes={changes} />
      </Table.Td>
    </Table.Tr>
  );
}
