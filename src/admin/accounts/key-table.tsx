import { Button, Table, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Ago, agoText, Status, Tag, useNow } from '../parts/data.tsx';
import { notice } from '../parts/notice.ts';
import { useCan } from '../session.tsx';
import { KEYS } from '../texts/accounts.ts';
import { COMMON } from '../texts/common.ts';
import { type Key, keysQuery } from './queries.ts';

const { columns } = KEYS;
const TONES = { active: 'ok', expired: 'look', revoked: 'off' } as const;

export function KeyTable({ keys }: { keys: readonly Key[] }) {
  const queries = useQueryClient();
  const now = useNow();
  const [asked, setAsked] = useState<Key | null>(null);
  const revoke = async () => {
    if (asked === null) return;
    await result(api['api-keys']({ id: asked.id }).delete());
    notice(KEYS.revoked(asked.name));
    await queries.invalidateQueries(keysQuery);
  };
  const used = asked?.lastUsedAt == null ? COMMON.never : agoText(asked.lastUsedAt, now);
  return (
    <>
      <Table aria-label={KEYS.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{columns.name}</Table.Th>
            <Table.Th visibleFrom="sm">{columns.scope}</Table.Th>
            <Table.Th visibleFrom="md">{columns.state}</Table.Th>
            <Table.Th visibleFrom="sm">{columns.expires}</Table.Th>
            <Table.Th>{columns.used}</Table.Th>
            <Table.Th visibleFrom="md">{columns.made}</Table.Th>
            <Table.Th w={110}>{columns.action}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Row key={key.id} of={key} onRevoke={() => setAsked(key)} />
          ))}
        </Table.Tbody>
      </Table>
      <Confirm
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={KEYS.revokeTitle(asked?.name ?? '')}
        action={KEYS.revokeAction}
        destructive
        run={revoke}
      >
        {KEYS.revokeText(used)}
      </Confirm>
    </>
  );
}

function Row({ of, onRevoke }: { of: Key; onRevoke(): void }) {
  const allowed = useCan('accounts');
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        <Text size="md">{of.name}</Text>
        <Text size="sm" c="dimmed" className="mono">
          {of.hint}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Tag>{KEYS.scopes[of.scope]}</Tag>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Status tone={TONES[of.status]}>{KEYS.status[of.status]}</Status>
      </Table.Td>
      <Table.Td visibleFrom="sm">{of.expiresAt === null ? KEYS.never : <Ago at={of.expiresAt} />}</Table.Td>
      <Table.Td>
        <Ago at={of.lastUsedAt} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Ago at={of.createdAt} />
        {of.createdBy !== null && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {KEYS.by(of.createdBy)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {of.status === 'active' && (
          <Button
            size="xs"
            variant="default"
            disabled={!allowed}
            onClick={onRevoke}
            aria-label={KEYS.revokeOf(of.name)}
          >
            {KEYS.revoke}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
