import { Anchor, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatCount } from '../format.ts';
import type { Tone } from '../parts/data.tsx';
import { segmentSettingsQuery } from '../queries.ts';
import { ACTIVITY } from '../texts/activity.ts';
import { ADVICE } from '../texts/outcomes.ts';
import { CopyCommand } from './copy-command.tsx';
import { callAsCurl, eventOf } from './curl.ts';
import type { Call } from './entries.ts';
import { Facts, type Line, Part, TextBox } from './facts.tsx';
import { Outcome } from './outcome.tsx';
import { Retry } from './retry.tsx';

const { panel } = ACTIVITY;
type Segments = readonly { slug: string; name: string; traitKey: string }[];

/** What Segment was told and how it answered. */
export function CallDetails({
  call,
  words,
  segments,
}: {
  call: Call;
  words: { tone: Tone; text: string };
  segments: Segments;
}) {
  const { data: settings } = useQuery(segmentSettingsQuery);
  const single = call.traits !== null;
  const more: Line[] = [
    [panel.path, call.path],
    [panel.answer, call.status === null ? panel.noAnswer : panel.status(call.status)],
    [panel.error, call.error],
  ];
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Text fw={600} size="lg" component="h2" m={0}>
          <Outcome tone={words.tone}>{words.text}</Outcome>
        </Text>
        <Text>{ADVICE[call.outcome]}</Text>
        <Group gap="xs">
          {call.outcome === 'parked' && <Retry parked={settings?.outbound.parked} />}
          {single && settings !== undefined && (
            <CopyCommand command={callAsCurl(settings.outbound.region, call)} />
          )}
          {call.outcome === 'unauthorised' && (
            <Anchor component={Link} href="/settings/integrations/segment">
              {panel.settings}
            </Anchor>
          )}
        </Group>
      </Stack>
      <Facts of={call} more={more} />
      <Part title={panel.told}>
        <Told call={call} segments={segments} />
      </Part>
      {single && (
        <Part title={panel.event}>
          <TextBox label={panel.event} text={eventOf(call)} />
        </Part>
      )}
    </Stack>
  );
}

function Told({ call: { traits, counts }, segments }: { call: Call; segments: Segments }) {
  const rows =
    traits === null
      ? Object.entries(counts ?? {})
      : Object.entries(traits).map(
          ([trait, joined]) => [trait, { joined: joined ? 1 : 0, left: joined ? 0 : 1 }] as const,
        );
  if (rows.length === 0) return <Text c="dimmed">{panel.noTraits}</Text>;
  return (
    <Table aria-label={panel.told} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{panel.segment}</Table.Th>
          <Table.Th>{panel.trait}</Table.Th>
          <Table.Th ta="right" w={90}>
            {panel.joined}
          </Table.Th>
          <Table.Th ta="right" w={90}>
            {panel.left}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([trait, { joined, left }]) => {
          const segment = segments.find(({ traitKey }) => traitKey === trait);
          return (
            <Table.Tr key={trait}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {segment === undefined ? (
                  '–'
                ) : (
                  <Anchor component={Link} href={`/segments/${segment.slug}`}>
                    {segment.name}
                  </Anchor>
                )}
              </Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <code>{trait}</code>
              </Table.Td>
              <Table.Td ta="right">{formatCount(joined)}</Table.Td>
              <Table.Td ta="right">{formatCount(left)}</Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
