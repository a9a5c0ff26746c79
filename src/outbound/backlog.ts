import type { Backlog } from '../store/store.ts';

/** So many are counted in some milliseconds. */
const FEW = 10_000;
/** Of the time, counting more may take this part at most: one in so many. */
const SHARE = 20;

/**
 * Counts what Segment has not taken yet, for everybody who looks. Some thousands are counted anew each time; of millions
 * the count is answered again for a while, because it takes most of a second in which nothing else happens.
 * `elapsed` is a clock of milliseconds.
 */
export function createBacklogCount(count: () => Promise<Backlog>, elapsed: () => number) {
  let counted: Promise<Backlog> | null = null;
  let until = Number.NEGATIVE_INFINITY;
  return async (): Promise<Backlog> => {
    if (counted !== null && elapsed() < until) return counted;
    const startedAt = elapsed();
    counted = count();
    const backlog = await counted;
    // By their number, not by the time it took: on a busy machine counting none may take long.
    if (backlog.pending + backlog.parked > FEW) until = elapsed() + (elapsed() - startedAt) * SHARE;
    return backlog;
  };
}
