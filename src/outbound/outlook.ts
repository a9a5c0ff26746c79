import { turnOfTheLoop } from '../scheduler/clock.ts';
import type { SegmentSettings } from '../settings/service.ts';
import type { OutboundChange, Store } from '../store/store.ts';

export interface OutlookDeps {
  store: Store;
  settings(): SegmentSettings;
  /** Milliseconds that pass meanwhile, for the budget alone. */
  elapsed(): number;
}

export interface Outlook {
  /** Traits to be told, those retracted included. */
  updates: number;
  /** Of those, traits taken back with false from ids that no membership speaks for (any more). */
  retracted: number;
  /** Identify calls that carry them: one for each user, or rather for each id. */
  calls: number;
  /** Seconds that takes at the configured rate; null without a limit. */
  seconds: number | null;
  segments: { id: number; slug: string; name: string; updates: number }[];
  /** Whether every user was counted; otherwise the numbers are extrapolated. */
  complete: boolean;
  /** Whether work is under way that changes them. */
  changing: boolean;
}

/** Users of one step, some 10 ms; in between, everything else gets its turn. */
const STEP = 5000;
/** Milliseconds of counting at most. */
const BUDGET_MS = 2000;

/** Counts what Segment would be told by a change, before it is made. Nothing is changed. */
export async function lookAhead(
  { store, settings, elapsed }: OutlookDeps,
  change: OutboundChange,
  step = STEP,
): Promise<Outlook> {
  const segments = await store.listSegments();
  const bySegment = new Map(segments.map(({ id }) => [id, 0]));
  const { last } = await store.userIdRange();
  let [users, retracted, moved, through] = [0, 0, 0, 0];
  while (through < last && elapsed() <= BUDGET_MS) {
    const until = Math.min(through + step, last);
    const part = await store.countOutlook(change, through, until);
    for (const [id, n] of part.updates) bySegment.set(id, (bySegment.get(id) ?? 0) + n);
    users += part.users;
    retracted += part.retracted;
    moved += part.moved;
    through = until;
    await turnOfTheLoop();
  }
  const complete = through >= last;
  const whole = (n: number) => (complete ? n : Math.round((n * last) / through));
  const waiting = await store.countRetractions();
  const list = segments
    .map(({ id, slug, name }) => ({ id, slug, name, updates: whole(bySegment.get(id) ?? 0) }))
    .filter(({ updates }) => updates > 0);
  const takenBack = whole(retracted) + waiting;
  const calls = whole(users + moved) + waiting;
  const { eventsPerSecond } = settings().outbound;
  return {
    updates: list.reduce((sum, { updates }) => sum + updates, takenBack),
    retracted: takenBack,
    calls,
    seconds: eventsPerSecond === null ? null : Math.ceil(calls / eventsPerSecond),
    segments: list,
    complete,
    changing: (await store.listJobs()).length > 0,
  };
}
