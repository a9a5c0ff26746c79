import { statusByReason } from '../../inbound/service.ts';
import { type SegmentSettings, validSecrets } from '../../settings/service.ts';
import type { Store } from '../../store/store.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const TOPIC = 'From Segment';
const DAY_MS = 86_400_000;

/** Whether events can come in, and whether any were turned away of late. */
export async function checkInbound(store: Store, settings: SegmentSettings, now: number): Promise<Finding> {
  if (!settings.inbound.enabled)
    return warning(
      TOPIC,
      'Receiving is switched off; deliveries are answered 503',
      'Set inbound.enabled in the settings: Segment gives up after four hours',
    );
  const secrets = validSecrets(settings, now).length;
  if (secrets === 0)
    return failure(
      TOPIC,
      'No shared secret is set; deliveries are answered 503',
      'Set inbound.sharedSecret in the settings, and the same in Segment: it gives up after four hours',
    );
  const counters = await store.activityCounters(now - DAY_MS, now, DAY_MS);
  const statuses = statusByReason();
  const refused = new Map<string, number>();
  for (const { direction, outcome, count } of counters) {
    if (direction === 'in' && statuses.get(outcome) === 401)
      refused.set(outcome, (refused.get(outcome) ?? 0) + count);
  }
  const known = secrets === 1 ? 'A shared secret is set' : `${secrets} shared secrets are valid`;
  if (refused.size === 0) return ok(TOPIC, `${known}; nothing was refused in the last 24 hours`);
  const list = [...refused].map(([reason, count]) => `${count} × ${reason}`).join(', ');
  return warning(
    TOPIC,
    `${known}, but deliveries were refused with 401 in the last 24 hours: ${list}`,
    'Segment dropped them; ask POST /api/v1/settings/integrations/segment/diagnose what was wrong',
  );
}
