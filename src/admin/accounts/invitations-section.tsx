import { Box, Button, Table, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Ago, Status } from '../parts/data.tsx';
import { notice } from '../parts/notice.ts';
import { useCan } from '../session.tsx';
import { ADMINS, ROLES } from '../texts/accounts.ts';
import { Queried } from './queried.tsx';
import { type Invitation, invitationsQuery } from './queries.ts';

const whoOf = ({ email }: Invitation) => email ?? ADMINS.anybody;

/** Links that nobody has used yet. */
export function InvitationsSection() {
  const invitations = useQuery(invitationsQuery);
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Invitation | null>(null);
  const withdraw = async () => {
    if (asked === null) return;
    await result(api.invitations({ id: asked.id }).delete());
    notice(ADMINS.withdrawn);
    await queries.invalidateQueries(invitationsQuery);
  };
  return (
    <Box component="section">
      <Title order={2} mb="xs">
        {ADMINS.invitations}
      </Title>
      <Queried query={invitations} what={ADMINS.invitationsWhat} rows={2}>
        {(list) =>
          list.length === 0 ? (
            <Text c="dimmed">{ADMINS.invitationsNone}</Text>
          ) : (
            <InvitationTable invitations={list} onAsk={setAsked} />
          )
        }
      </Queried>
      <Confirm
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={ADMINS.withdrawTitle}
        action={ADMINS.withdrawAction}
        destructive
        run={withdraw}
      >
        {ADMINS.withdrawText(asked === null ? '' : whoOf(asked))}
      </Confirm>
    </Box>
  );
}

function InvitationTable({
  invitations,
  onAsk,
}: {
  invitations: readonly Invitation[];
  onAsk(invitation: Invitation): void;
}) {
  const allowed = useCan('accounts');
  return (
    <Table aria-label={ADMINS.invitations}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{ADMINS.columns.who}</Table.Th>
          <Table.Th>{ADMINS.role}</Table.Th>
          <Table.Th visibleFrom="sm">{ADMINS.invitedBy}</Table.Th>
          <Table.Th visibleFrom="sm">{ADMINS.until}</Table.Th>
          {allowed && <Table.Th w={120}>{ADMINS.columns.action}</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {invitations.map((invitation) => (
          <Table.Tr key={invitation.id}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{whoOf(invitation)}</Table.Td>
            <Table.Td>{ROLES[invitation.role]}</Table.Td>
            <Table.Td visibleFrom="sm" style={{ overflowWrap: 'anywhere' }}>
              {invitation.createdBy}
            </Table.Td>
            <Table.Td visibleFrom="sm">
              {invitation.expired ? (
                <Status tone="off">{ADMINS.expired}</Status>
              ) : (
                <Ago at={invitation.expiresAt} />
              )}
            </Table.Td>
            {allowed && (
              <Table.Td>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => onAsk(invitation)}
                  aria-label={ADMINS.withdrawOf(whoOf(invitation))}
                >
                  {ADMINS.withdraw}
                </Button>
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
