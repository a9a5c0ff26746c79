import { ActionIcon, Group, Menu, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { Ago, Status, Tag } from '../parts/data.tsx';
import { MoreIcon } from '../parts/icons.tsx';
import { useCan, useMe } from '../session.tsx';
import { ADMINS, ROLES } from '../texts/accounts.ts';
import { AdminQuestion, type Deed } from './admin-question.tsx';
import type { Admin } from './queries.ts';

const { columns } = ADMINS;

/** Who can sign in; what can be done to them stands in a menu at the end of the row. */
export function AdminTable({ admins }: { admins: readonly Admin[] }) {
  const [asked, setAsked] = useState<{ admin: Admin; deed: Deed } | null>(null);
  const allowed = useCan('accounts');
  return (
    <>
      <Table aria-label={ADMINS.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{columns.who}</Table.Th>
            <Table.Th>{columns.role}</Table.Th>
            <Table.Th visibleFrom="sm">{columns.second}</Table.Th>
            <Table.Th visibleFrom="sm">{columns.seen}</Table.Th>
            {allowed && <Table.Th w={80}>{columns.action}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {admins.map((admin) => (
            <Row key={admin.id} admin={admin} onAsk={(deed) => setAsked({ admin, deed })} />
          ))}
        </Table.Tbody>
      </Table>
      <AdminQuestion asked={asked} onClose={() => setAsked(null)} />
    </>
  );
}

function Row({ admin, onAsk }: { admin: Admin; onAsk(deed: Deed): void }) {
  const me = useMe();
  const allowed = useCan('accounts');
  const second = admin.twoFactor ? ADMINS.on : admin.password ? ADMINS.off : ADMINS.provider;
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        <Group gap="xs">
          <Text size="md">{admin.name}</Text>
          {admin.id === me.id && <Tag>{ADMINS.you}</Tag>}
          {admin.disabled && <Status tone="off">{ADMINS.disabled}</Status>}
        </Group>
        <Text size="sm" c="dimmed">
          {admin.email}
        </Text>
      </Table.Td>
      <Table.Td>{ROLES[admin.role]}</Table.Td>
      <Table.Td visibleFrom="sm">
        <Status tone={admin.twoFactor ? 'ok' : 'off'}>{second}</Status>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {admin.lastSeenAt === null ? ADMINS.notSignedIn : <Ago at={admin.lastSeenAt} />}
      </Table.Td>
      {allowed && (
        <Table.Td>
          <Menu position="bottom-end" returnFocus>
            <Menu.Target>
              <ActionIcon variant="default" aria-label={ADMINS.actions(admin.name)}>
                <MoreIcon />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => onAsk(admin.role === 'admin' ? 'makeViewer' : 'makeAdmin')}>
                {admin.role === 'admin' ? ADMINS.makeViewer : ADMINS.makeAdmin}
              </Menu.Item>
              <Menu.Item onClick={() => onAsk(admin.disabled ? 'enable' : 'disable')}>
                {admin.disabled ? ADMINS.enable : ADMINS.disable}
              </Menu.Item>
              <Menu.Item onClick={() => onAsk('remove')}>{ADMINS.remove}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Table.Td>
      )}
    </Table.Tr>
  );
}
