import { Anchor, Box, Code, Group, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { formatLatency, formatMoment } from '../format.ts';
import { Ago, Copyable, Tag } from '../parts/data.tsx';
import { ACTIVITY } from '../texts/activity.ts';
import type { Call, Delivery } from './entries.ts';

const { panel } = ACTIVITY;

/** A heading and what belongs to it. */
export function Part({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <Box component="section">
      <Group justify="space-between" mb="xs">
        <Title order={3} fz="md">
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </Box>
  );
}

/** What both directions know of an entry; `more` are further lines. */
export function Facts({ of, type, more = [] }: { of: Delivery | Call; type?: string | null; more?: Line[] }) {
  const lines: Line[] = [
    [
      panel.when,
      <span key="at">
        {formatMoment(of.at)} (<Ago at={of.at} />)
      </span>,
    ],
    [panel.took, formatLatency(of.latencyMs)],
    [panel.user, of.user === null ? null : <UserLink key="user" user={of.user} />],
    [panel.type, type == null ? null : <Tag key="type">{type}</Tag>],
    [panel.events, of.events === 1 ? null : ACTIVITY.severalEvents(of.events)],
    ...more,
    [
      panel.messageId,
      of.messageId === null ? null : (
        <Copyable key="id" value={of.messageId} what={panel.messageId.toLowerCase()} />
      ),
    ],
  ];
  return (
    <Table layout="fixed" verticalSpacing={4} aria-label={panel.facts} withRowBorders={false}>
      <Table.Tbody>
        {lines
          .filter(([, value]) => value !== null)
          .map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th w={140} fw={400} c="dimmed" px={0} style={{ verticalAlign: 'top' }}>
                {label}
              </Table.Th>
              <Table.Td px={0} style={{ overflowWrap: 'anywhere' }}>
                {value}
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
export type Line = [label: string, value: ReactNode];

/** To the person among the users, who may have another email by now, or be gone. */
export function UserLink({ user }: { user: string }) {
  return (
    <Anchor component={Link} href={`/users?search=${encodeURIComponent(user)}`} title={panel.findUser(user)}>
      {user}
    </Anchor>
  );
}

/** Text as it came, in a box that scrolls. */
export function TextBox({ label, text, note }: { label: string; text: string; note?: string | undefined }) {
  return (
    <Stack gap={4}>
      <ScrollArea.Autosize
        mah={360}
        viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': label }}
        type="auto"
      >
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {text}
        </Code>
      </ScrollArea.Autosize>
      {note !== undefined && (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      )}
    </Stack>
  );
}
