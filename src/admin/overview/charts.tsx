import { Anchor, Box, Group, SegmentedControl, SimpleGrid, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useAddressParam } from '../address.ts';
import { formatCount } from '../format.ts';
import { Section } from '../parts/page.tsx';
import { summaryQuery } from '../queries.ts';
import { activityLink, byKind, inboundKind, outboundKind } from '../reasons.ts';
import { OVERVIEW } from '../texts/overview.ts';
import { BarChart, type Layer } from './bar-chart.tsx';
import { isRange, RANGES, type Range, toBars } from './buckets.ts';
import { Queried } from './queried.tsx';

const TEXT = OVERVIEW.charts;
const INBOUND = [
  { kind: 'applied', label: TEXT.applied, color: 'ok' },
  { kind: 'ignored', label: TEXT.ignored, color: 'off' },
  { kind: 'rejected', label: TEXT.rejected, color: 'bad' },
] as const;
const OUTBOUND = [
  { kind: 'taken', label: TEXT.taken, color: 'ok' },
  { kind: 'retried', label: TEXT.retried, color: 'look' },
  { kind: 'refused', label: TEXT.refused, color: 'bad' },
] as const;

const hours = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** What came and what was told over time, both directions one below the other or side by side. */
export function Charts() {
  const [param, setParam] = useAddressParam('range');
  const range: Range = isRange(param) ? param : '24h';
  const span = RANGES[range];
  const summary = useQuery(summaryQuery(span.hours, span.step));
  const timeOf = (at: number) => (range === '30d' ? dates : hours).format(at);
  return (
    <Section
      title={TEXT.title}
      aside={
        <SegmentedControl
          size="xs"
          transitionDuration={0}
          aria-label={TEXT.range}
          value={range}
          onChange={(value) => setParam(value === '24h' ? '' : value, { replace: true })}
          data={Object.entries(TEXT.ranges).map(([value, label]) => ({ value, label }))}
        />
      }
    >
      {/* While the next range is fetched, the last one is shown, and not as if it were that. */}
      <Box style={{ opacity: summary.isPlaceholderData ? 0.5 : 1 }} aria-busy={summary.isPlaceholderData}>
        <Queried query={summary} rows={8}>
          {({ steps, inbound, outbound }) => {
            const now = Date.now();
            const from = new Date(now - span.hours * 3_600_000).toISOString();
            const caption = (what: string) => TEXT.table(what, TEXT.ranges[range]);
            return (
              <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
                <div>
                  <Title order={3} fz="md">
                    {TEXT.inbound}
                  </Title>
                  <BarChart
                    caption={caption(TEXT.inbound)}
                    bars={toBars(
                      steps.map(({ at, inbound: counts }) => ({ at, counts })),
                      INBOUND.map(({ kind }) => kind),
                      inboundKind,
                      span,
                      now,
                    )}
                    layers={INBOUND}
                    timeOf={timeOf}
                    legend={
                      <Legend
                        layers={INBOUND}
                        sums={byKind(inbound, inboundKind)}
                        direction="in"
                        from={from}
                      />
                    }
                  />
                </div>
                <div>
                  <Title order={3} fz="md">
                    {TEXT.outbound}
                  </Title>
                  <BarChart
                    caption={caption(TEXT.outbound)}
                    bars={toBars(
                      steps.map(({ at, outbound: counts }) => ({ at, counts })),
                      OUTBOUND.map(({ kind }) => kind),
                      outboundKind,
                      span,
                      now,
                    )}
                    layers={OUTBOUND}
                    timeOf={timeOf}
                    legend={
                      <Legend
                        layers={OUTBOUND}
                        sums={byKind(outbound, outboundKind)}
                        direction="out"
                        from={from}
                      />
                    }
                  />
                </div>
              </SimpleGrid>
            );
          }}
        </Queried>
      </Box>
    </Section>
  );
}

interface LegendProps<Kind extends string> {
  layers: readonly Layer<Kind>[];
  sums: Partial<Record<Kind, number>>;
  direction: 'in' | 'out';
  from: string;
}

/** What the colours stand for, with sums that lead to their list. */
function Legend<Kind extends string>({ layers, sums, direction, from }: LegendProps<Kind>) {
  return (
    <Group gap="md" mt={6}>
      {layers.map(({ kind, label, color }) => (
        <span key={kind} className="key">
          <span className={`swatch swatch-${color}`} aria-hidden="true" />
          <Anchor component={Link} fz="sm" href={activityLink({ direction, from })}>
            {formatCount(sums[kind] ?? 0)} {label}
          </Anchor>
        </span>
      ))}
    </Group>
  );
}
