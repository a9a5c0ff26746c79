import { ActionIcon, Anchor, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, result } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Ago } from '../parts/data.tsx';
import { CloseIcon } from '../parts/icons.tsx';
import { notice } from '../parts/notice.ts';
import { DETAIL } from '../texts/segments.ts';
import type { Member, Segment } from './data.ts';

/** People of a segment, on a phone with the name below; those of one by hand can be taken out. */
export function MemberTable({
  people,
  segment,
  canTake,
}: {
  people: Member[];
  segment: Segment;
  canTake: boolean;
}) {
  const [taking, setTaking] = useState<Member | null>(null);
  const queries = useQueryClient();
  return (
    <>
      <Table layout="fixed" aria-label={DETAIL.membersWhat}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{DETAIL.person}</Table.Th>
            <Table.Th className="from-sm">{DETAIL.name}</Table.Th>
            <Table.Th w={110}>{DETAIL.lastSeen}</Table.Th>
            {canTake && (
              <Table.Th w={56}>
                <VisuallyHidden>{DETAIL.takeDo}</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Table.Tr key={person.id}>
              <Table.Td className="one-line">
                <Anchor inherit component={Link} href={`/users/${person.id}`} title={person.email}>
                  {person.email}
                </Anchor>
                <Text fz="sm" c="dimmed" className="one-line until-sm">
                  {person.name}
                </Text>
              </Table.Td>
              <Table.Td className="one-line from-sm" title={person.name ?? undefined}>
                {person.name}
              </Table.Td>
              <Table.Td>
                <Ago at={person.lastSeenAt} />
              </Table.Td>
              {canTake && (
                <Table.Td>
                  <Tooltip label={DETAIL.takeDo}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={DETAIL.take(person.email)}
                      onClick={() => setTaking(person)}
                    >
                      <CloseIcon />
                    </ActionIcon>
                  </Tooltip>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Confirm
        opened={taking !== null}
        onClose={() => setTaking(null)}
        title={DETAIL.takeTitle(taking?.email ?? '')}
        action={DETAIL.takeDo}
        destructive
        run={async () => {
          if (taking === null) return;
          await result(api.segments({ id: segment.id }).members.delete({ userIds: [taking.id] }));
          notice(DETAIL.taken(taking.email, segment.name));
          await queries.invalidateQueries({ queryKey: ['segments'] });
        }}
      >
        {DETAIL.takeText(segment.name, segment.traitKey)}
      </Confirm>
    </>
  );
}
