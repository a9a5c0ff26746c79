import { turnOfTheLoop } from '../scheduler/clock.ts';
import type { Store } from '../store/store.ts';

/** What Segment holds of a segment. */
export interface Told {
  /** People for whom Segment has the trait, as far as is known: what a deletion or another key takes back. */
  told: number;
  /** Whether everybody was looked at; else there may be more. */
  complete: boolean;
  /** Changes that wait to be sent, and such as Segment refused. */
  pending: number;
  parked: number;
}

/** Users of one step: their memberships in all segments are read. */
const STEP = 5000;

/** Counts within a budget of time, giving everything else its turn in between. */
export async function countTold(
  store: Store,
  segmentId: number,
  { budgetMs, elapsed }: { budgetMs: number; elapsed(): number },
): Promise<Told> {
  const { last } = await store.userIdRange();
  const counts = { told: 0, complete: true, ...(await store.segmentBacklog(segmentId)) };
  for (let after = 0; after < last; after += STEP) {
    if (elapsed() > budgetMs) return { ...counts, complete: false };
    counts.told += await store.countTold(segmentId, after, Math.min(after + STEP, last));
    await turnOfTheLoop();
  }
  return counts;
}
