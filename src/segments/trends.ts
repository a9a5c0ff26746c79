import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
/** How long sizes are kept, days. */
const KEPT_DAYS = 400;

export const dayOf = (at: number): number => at - (at % DAY_MS);

/** Notes the size of every segment for its trend; what stands at the end of a day stays. */
export const recordSizes = (store: Store, now: number): Promise<void> =>
  store.recordSegmentSizes(dayOf(now), dayOf(now) - KEPT_DAYS * DAY_MS);

export interface Trend {
  id: number;
  slug: string;
  /** Days (Unix milliseconds of their beginning, UTC) with the size at their end; the last is today with the size now. */
  points: { day: number; members: number }[];
}

/** The sizes of every segment over `days`, today included; days on which the service did not run are left out. */
export async function segmentTrends(store: Store, now: number, days: number): Promise<Trend[]> {
  const today = dayOf(now);
  const [segments, sizes] = await Promise.all([
    store.listSegments(),
    store.segmentSizes(today - (days - 1) * DAY_MS),
  ]);
  const bySegment = Map.groupBy(sizes, ({ segmentId }) => segmentId);
  return segments.map(({ id, slug, memberCount }) => {
    const before = (bySegment.get(id) ?? []).filter(({ day }) => day < today);
    const points = before.map(({ day, members }) => ({ day, members }));
    return { id, slug, points: [...points, { day: today, members: memberCount }] };
  });
}
