import { Alert, Anchor, Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { formatLatency } from '../format.ts';
import { Ago, Status } from '../parts/data.tsx';
import { activityLink } from '../reasons.ts';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';
import { useRetryParked } from './actions.ts';
import { lastHandedOverQuery, type Outbound } from './data.ts';
import { Field } from './field.tsx';

const { now: TEXT } = SETTINGS;
const TONES = { off: 'off', idle: 'ok', syncing: 'ok', backing_off: 'look', paused: 'bad' } as const;

/** What is going on towards Segment at this moment. */
export function NowField({ outbound: { status, pending, parked, lastError } }: { outbound: Outbound }) {
  const can = useCan('settings');
  const retry = useRetryParked();
  return (
    <Field label={TEXT.label}>
      <Text mih={28}>
        <Status tone={TONES[status]}>{TEXT[status]}</Status> · {TEXT.pending(pending)} · <HandedOver />
      </Text>
      {parked > 0 && (
        <Group gap="sm">
          <Status tone="bad">
            <Anchor component={Link} href={activityLink({ direction: 'out', outcome: 'parked' })}>
              {TEXT.parked(parked)}
            </Anchor>
          </Status>
          <Text fz="sm" c="dimmed">
            {TEXT.parkedText}
          </Text>
          {can && (
            <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
              {TEXT.retry}
            </Button>
          )}
        </Group>
      )}
      {lastError !== null && (status === 'paused' || status === 'backing_off') && (
        <Alert mt="xs" color="red" variant="light">
          {TEXT.lastError}, <Ago at={lastError.at} />: {lastError.message}
        </Alert>
      )}
    </Field>
  );
}

/** The last call Segment took; that it was handed over is all it says. */
function HandedOver() {
  const { data } = useQuery(lastHandedOverQuery);
  if (data === undefined || data === null) return TEXT.nothing;
  const { id, at, events, status, latencyMs } = data;
  return (
    <>
      {TEXT.handedOver} <Ago at={at} /> (
      <Anchor component={Link} href={activityLink({ direction: 'out', open: `out-${id}` })}>
        {TEXT.detail(events, status, formatLatency(latencyMs))}
      </Anchor>
      )
    </>
  );
}
