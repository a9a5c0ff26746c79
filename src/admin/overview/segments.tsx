import { Anchor, Button, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatCount } from '../format.ts';
import { Empty, Section } from '../parts/page.tsx';
import { segmentsQuery } from '../queries.ts';
import { useCan } from '../session.tsx';
import { OVERVIEW } from '../texts/overview.ts';
import { trendsQuery } from './data.ts';
import { Queried } from './queried.tsx';
import { Sparkline } from './sparkline.tsx';

const TEXT = OVERVIEW.segments;
const SHOWN = 8;
const DAYS = 30;

/** The largest segments, with how they have grown. */
export function Segments() {
  const segments = useQuery(segmentsQuery);
  const trends = useQuery(trendsQuery);
  const can = useCan('write');
  const pointsOf = (id: string) => trends.data?.find((trend) => trend.id === id)?.points ?? [];
  return (
    <Section
      title={TEXT.title}
      aside={
        (segments.data?.length ?? 0) > 0 && (
          <Anchor component={Link} fz="sm" href="/segments">
            {TEXT.all(segments.data?.length ?? 0)}
          </Anchor>
        )
      }
    >
      <Queried query={segments} rows={5}>
        {(list) =>
          list.length === 0 ? (
            <Empty
              title={TEXT.none}
              text={TEXT.noneText}
              action={
                can && (
                  <Button component={Link} href="/segments/new">
                    {TEXT.create}
                  </Button>
                )
              }
            />
          ) : (
            <Table layout="fixed" className="flush">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{TEXT.name}</Table.Th>
                  <Table.Th w={80} ta="end">
                    {TEXT.people}
                  </Table.Th>
                  <Table.Th className="trend">{TEXT.trend}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {[...list]
                  .sort((a, b) => b.memberCount - a.memberCount)
                  .slice(0, SHOWN)
                  .map(({ id, slug, name, memberCount }) => (
                    <Table.Tr key={id}>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>
                        <Anchor component={Link} href={`/segments/${slug}`}>
                          {name}
                        </Anchor>
                      </Table.Td>
                      <Table.Td ta="end">{formatCount(memberCount)}</Table.Td>
                      <Table.Td className="trend">
                        <Trend points={pointsOf(id)} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Queried>
    </Section>
  );
}

function Trend({ points }: { points: readonly { day: string; members: number }[] }) {
  const by = (points.at(-1)?.members ?? 0) - (points[0]?.members ?? 0);
  return (
    <span className="key">
      <Sparkline points={points} days={DAYS} />
      <Text span fz="sm" c="dimmed">
        {by === 0 ? TEXT.same : by > 0 ? TEXT.grown(by) : TEXT.shrunk(-by)}
      </Text>
    </span>
  );
}
