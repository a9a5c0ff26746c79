import { Button, Group, Table, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Ago, Tag } from '../parts/data.tsx';
import { notice } from '../parts/notice.ts';
import { Section } from '../parts/page.tsx';
import { beginAnew } from '../sign-in/signed-out.ts';
import { ACCOUNT } from '../texts/accounts.ts';
import { deviceOf } from './device.ts';
import { Queried } from './queried.tsx';
import { type Session, sessionsQuery } from './queries.ts';

const texts = ACCOUNT.sessions;

/** Every browser that is signed in, and how to sign it out. */
export function SessionsSection() {
  const sessions = useQuery(sessionsQuery);
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Session | null>(null);
  const device = deviceOf(asked?.userAgent ?? null);

  const end = async () => {
    if (asked === null) return;
    await result(api.sessions({ id: asked.id }).delete());
    if (asked.current) beginAnew(queries);
    else {
      notice(texts.done(device));
      await queries.invalidateQueries(sessionsQuery);
    }
  };

  return (
    <Section title={texts.title}>
      <Queried query={sessions} what={texts.what} rows={3}>
        {(list) => (
          <Table aria-label={texts.title}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.device}</Table.Th>
                <Table.Th visibleFrom="sm">{texts.ip}</Table.Th>
                <Table.Th visibleFrom="sm">{texts.began}</Table.Th>
                <Table.Th>{texts.seen}</Table.Th>
                <Table.Th w={110}>{texts.action}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map((session) => (
                <Row key={session.id} session={session} onEnd={() => setAsked(session)} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Queried>
      <Confirm
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={texts.endTitle}
        action={texts.end}
        destructive
        run={end}
      >
        {asked?.current === true ? texts.endHereText : texts.endText(device, asked?.ip ?? texts.unknownIp)}
      </Confirm>
    </Section>
  );
}

function Row({ session, onEnd }: { session: Session; onEnd(): void }) {
  const device = deviceOf(session.userAgent);
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs">
          <span title={session.userAgent ?? undefined}>{device}</span>
          {session.current && <Tag>{texts.here}</Tag>}
        </Group>
        <Text size="sm" c="dimmed" hiddenFrom="sm">
          {session.ip ?? texts.unknownIp}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{session.ip ?? texts.unknownIp}</Table.Td>
      <Table.Td visibleFrom="sm">
        <Ago at={session.createdAt} />
      </Table.Td>
      <Table.Td>
        <Ago at={session.lastSeenAt} />
      </Table.Td>
      <Table.Td>
        <Button size="xs" variant="default" onClick={onEnd} aria-label={texts.endOf(device)}>
          {texts.end}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
