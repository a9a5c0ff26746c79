import type { ReconcilerState } from '../outbound/reconciler.ts';
import type { SegmentJob, Store } from '../store/store.ts';

/** What is asked for when somebody looks, because nobody has to count it before. */
export interface Readings {
  queueDepth: number;
  queueLimit: number;
  outboundStatus: ReconcilerState['status'];
  /** Null while the store can't be read. */
  stored: StoredReadings | null;
}
export interface StoredReadings {
  pending: number;
  parked: number;
  /** Age of the oldest change Segment has not taken, seconds; 0 where there is none. */
  oldestPendingSeconds: number;
  /** Users still to be worked on, by kind of work. */
  backlog: Record<SegmentJob['kind'], number>;
  /** How long the user whose time-relative rules are due first has been due, seconds. */
  overdueSeconds: number;
  membershipsChanged: number;
  bytes: Record<string, number>;
}

export interface ReadingDeps {
  store: Store;
  queue: { depth(): number };
  queueLimit: number;
  outbound: { state(): Pick<ReconcilerState, 'status'> };
  now(): number;
}

/** Counting what is pending takes time on a large database: asked for too often, it is answered from memory. */
const CACHED_MS = 5000;

export function createReadings({ store, queue, queueLimit, outbound, now }: ReadingDeps) {
  let stored: Promise<StoredReadings | null> = Promise.resolve(null);
  let readAt = Number.NEGATIVE_INFINITY;

  async function readStore(): Promise<StoredReadings> {
    const [{ pending, parked, oldestAt }, jobs, dueAt, stats] = await Promise.all([
      store.outboundBacklog(),
      store.listJobs(),
      store.nextDueAt(),
      store.stats(),
    ]);
    const secondsSince = (at: number | null) => (at === null ? 0 : Math.max(0, now() - at) / 1000);
    const backlog = { evaluate: 0, resend: 0, retract: 0 };
    for (const { kind, done, total } of jobs) backlog[kind] += Math.max(0, total - done);
    return {
      pending,
      parked,
      oldestPendingSeconds: secondsSince(oldestAt),
      backlog,
      overdueSeconds: secondsSince(dueAt),
      ...stats,
    };
  }

  return async (): Promise<Readings> => {
    if (Math.abs(now() - readAt) >= CACHED_MS) {
      readAt = now();
      // What was counted in memory is worth showing when the database is in trouble, and then most of all.
      stored = readStore().catch(() => null);
    }
    return {
      queueDepth: queue.depth(),
      queueLimit,
      outboundStatus: outbound.state().status,
      stored: await stored,
    };
  };
}
export type ReadAll = ReturnType<typeof createReadings>;
