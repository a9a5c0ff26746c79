import type { SegmentSettings } from '../../settings/service.ts';
import type { Store } from '../../store/store.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const TOPIC = 'To Segment';
/** The longest backoff is a minute; what waits for longer than this waits for somebody. Milliseconds. */
const LATE_MS = 15 * 60_000;

/** Whether what changed reaches Segment. */
export async function checkOutbound(
  store: Store,
  { outbound }: SegmentSettings,
  now: number,
): Promise<Finding> {
  const { pending, parked, oldestAt } = await store.outboundBacklog();
  const age = oldestAt === null ? 0 : Math.max(0, now - oldestAt);
  const backlog =
    pending === 0 ? 'nothing is pending' : `${traits(pending)} pending, the oldest for ${duration(age)}`;
  if (!outbound.enabled) {
    const key = outbound.writeKey === null ? 'no write key is set' : 'a write key is set';
    return ok(TOPIC, `Sending is switched off and ${key}; ${backlog}`);
  }
  const [last] = await store.listCalls({ limit: 1 });
  if (last?.entry.outcome === 'unauthorised')
    return failure(
      TOPIC,
      `Segment refused the write key (${last.entry.status}); ${backlog}`,
      'Set outbound.writeKey to that of an enabled source of the right region',
    );
  if (age > LATE_MS) {
    const answer = last?.entry.error ?? 'none failed of late';
    return failure(
      TOPIC,
      `Changes do not get through: ${backlog}; last call: ${answer}`,
      'See that the service runs, and what GET /api/v1/activity/outbound says',
    );
  }
  if (parked > 0)
    return warning(
      TOPIC,
      `Segment refused ${traits(parked)} for good; ${backlog}`,
      'See why in GET /api/v1/activity/outbound?outcome=parked, then POST /api/v1/settings/integrations/segment/retry-parked',
    );
  return ok(TOPIC, `Sending is on; ${backlog}`);
}

const traits = (count: number) => (count === 1 ? '1 trait' : `${count.toLocaleString('en')} traits`);

function duration(ms: number): string {
  const units: [ms: number, unit: string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ];
  const [size, unit] = units.find(([least]) => ms >= least) ?? [1000, 's'];
  return `${Math.floor(ms / size)} ${unit}`;
}
