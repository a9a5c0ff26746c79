import type { Backlog } from '../store/store.ts';

/** Counting longer than this, everything else waits for it, milliseconds. */
const COSTLY_MS = 20;
/** Of the time, counting may take this part at most: one in so many. */
const SHARE = 20;

/**
 * Counts what Segment has not taken yet, for everybody who looks. A few thousand are counted anew each time; of millions
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
    const took = elapsed() - startedAt;
    if (took > COSTLY_MS) until = elapsed() + took * SHARE;
    return backlog;
  };
}
