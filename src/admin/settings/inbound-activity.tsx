import { Anchor, Group, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatCount } from '../format.ts';
import { Ago, Status } from '../parts/data.tsx';
import { summaryQuery } from '../queries.ts';
import { activityLink, byKind, inboundKind, reasonLabel, rejections } from '../reasons.ts';
import { COMMON } from '../texts/common.ts';
import { SETTINGS } from '../texts/settings.ts';
import { Field } from './field.tsx';

const { inbound: TEXT } = SETTINGS;
const lastHour = summaryQuery(1, 'minute');
const TONES = { applied: 'ok', ignored: 'off', rejected: 'bad' } as const;

/** What came last, and what became of it. */
export function LastEventField() {
  const summary = useQuery(lastHour);
  return (
    <Field label={TEXT.lastEvent}>
      <Waited summary={summary}>
        {({ lastDelivery: last }) => {
          if (last === null) return <Text c="dimmed">{TEXT.noEvent}</Text>;
          const batch = last.reason === 'batch';
          const what = batch ? TEXT.batchOf(last.events) : (last.eventType ?? TEXT.event);
          return (
            <Text style={{ overflowWrap: 'anywhere' }}>
              <Anchor component={Link} href={activityLink({ direction: 'in', open: `in-${last.id}` })}>
                {last.user === null ? what : `${what} ${TEXT.from} ${last.user}`}
              </Anchor>
              , <Ago at={last.at} />{' '}
              <Status tone={batch ? 'ok' : TONES[inboundKind(last.reason)]}>
                {reasonLabel(last.reason)}
              </Status>
            </Text>
          );
        }}
      </Waited>
    </Field>
  );
}

/** What came within the last hour, each number leading to its list. */
export function HourField() {
  const summary = useQuery(lastHour);
  return (
    <Field label={TEXT.lastHour}>
      <Waited summary={summary}>{({ inbound }) => <Hour counts={inbound} />}</Waited>
    </Field>
  );
}

function Hour({ counts }: { counts: Record<string, number> }) {
  const { applied = 0, ignored = 0, rejected = 0 } = byKind(counts, inboundKind);
  if (applied + ignored + rejected === 0) return <Text c="dimmed">{TEXT.nothing}</Text>;
  const from = new Date(Date.now() - 3_600_000).toISOString();
  return (
    <>
      <Text>
        {formatCount(applied)} {TEXT.applied} · {formatCount(ignored)} {TEXT.ignored} ·{' '}
        {rejected === 0 ? (
          `0 ${TEXT.rejected}`
        ) : (
          <Status tone="bad">
            {formatCount(rejected)} {TEXT.rejected}
          </Status>
        )}
      </Text>
      {rejected > 0 && (
        <Group gap="md" mt={2}>
          {rejections(counts).map(([reason, n]) => (
            <Text key={reason} fz="sm">
              {formatCount(n)} {reasonLabel(reason)}:{' '}
              <Anchor
                component={Link}
                fz="sm"
                href={activityLink({ direction: 'in', outcome: reason, from })}
              >
                {TEXT.why}
              </Anchor>
            </Text>
          ))}
        </Group>
      )}
    </>
  );
}

type Summary = NonNullable<Awaited<ReturnType<NonNullable<typeof lastHour.queryFn>>>>;

/** A line of the same height while it loads, and the reason where it can't. */
function Waited({
  summary: { data, isPending, error, refetch },
  children,
}: {
  summary: { data: Summary | undefined; isPending: boolean; error: Error | null; refetch(): unknown };
  children(data: Summary): React.ReactNode;
}) {
  if (isPending) return <Skeleton height={22} width="60%" />;
  if (data !== undefined) return children(data);
  return (
    <Text>
      {error?.message}{' '}
      <Anchor component="button" onClick={() => refetch()}>
        {COMMON.retry}
      </Anchor>
    </Text>
  );
}
