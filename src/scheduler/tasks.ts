import type { Recorder } from '../activity/recorder.ts';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { Audit } from '../auth/audit.ts';
import { recordSizes } from '../segments/trends.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Store } from '../store/store.ts';
import type { WriteContext } from '../users/change.ts';

/** Users of one chunk of background work: few, because everything else waits while it is committed. */
const CHUNK = 200;

const PRUNE_CHUNK = 1000;
/** A user leaves a time-relative segment within a second of the moment, whoever brought the moment forward. */
const DUE_EVERY_MS = 500;
const CLOCK_EVERY_MS = 1000;
/** Clocks are set right by less all the time. */
const SET_BACK_MS = 60_000;
const ACTIVITY_EVERY_MS = 1000;
const BODIES_EVERY_MS = 600_000;
const SIZES_EVERY_MS = 60_000;
const KEY_USES_EVERY_MS = 10_000;
const AUDIT_EVERY_MS = 600_000;
const KEPT_AUDIT_EVERY_MS = 10_000;
/** Smaller still: each of these users lies on a page of its own. */
const CATCH_UP_CHUNK = 50;
/** Commits of events in between don't have to wait for one chunk after the other; 7,000 users a second are enough. */
const CATCH_UP_PAUSE_MS = 5;
/** How much of events is in memory, and has to be read again after a crash: what comes in so many milliseconds. */
const CATCH_UP_EVERY_MS = 15_000;
const HOUR_MS = 3_600_000;

export interface TaskDeps {
  store: Store;
  context(): WriteContext;
}

/** Evaluations, resendings and retractions over many users, chunk by chunk. */
export async function workOnJobs({ store, context }: TaskDeps): Promise<number | null> {
  return (await store.workOnJobs(context(), CHUNK)) ? 0 : null;
}

/** Evaluates the users whose time-relative rules are due, exactly when they are. */
export async function evaluateDue({ store, context }: TaskDeps): Promise<number | null> {
  const { now } = context();
  const due = await store.dueUsers(now, CHUNK);
  if (due.length > 0) {
    // Not through the queue of webhooks: it may be full, and these are few and in time.
    await store.apply(
      due.map((id) => ({ kind: 'evaluate', target: { id }, cause: 'time' })),
      context(),
    );
    return 0;
  }
  const next = await store.nextDueAt();
  // Another process (an import) may bring an earlier moment meanwhile: never sleep long.
  return Math.min(Math.max(1, (next ?? Number.POSITIVE_INFINITY) - now), DUE_EVERY_MS);
}

/**
 * Evaluates everybody once more after the clock was set back: what time-relative rules answered in a future that was none
 * would stay, because an answer is looked at again only where it changes.
 */
export function createClockWatch({ store, context }: TaskDeps): () => Promise<number | null> {
  let latest = Number.NEGATIVE_INFINITY;
  return async () => {
    const { now } = context();
    if (latest - now > SET_BACK_MS) {
      const dynamic = (await store.listSegments()).filter(({ type }) => type === 'dynamic');
      await store.queueJobs(
        dynamic.map(({ id }) => id),
        'evaluate',
        now,
      );
    }
    latest = now;
    return CLOCK_EVERY_MS;
  };
}

/** Deletes what is older than the history is to be kept, a little at a time. */
export async function pruneHistory({ store, context }: TaskDeps, days: number): Promise<number | null> {
  const before = context().now - days * 86_400_000;
  return (await store.pruneHistory(before, PRUNE_CHUNK)) === PRUNE_CHUNK ? 0 : HOUR_MS;
}

/** Forgets the bodies of rejected deliveries when their time is over. */
export async function forgetBodies({ store, context }: TaskDeps, hours: number): Promise<number | null> {
  await store.forgetBodies(context().now - hours * HOUR_MS);
  return BODIES_EVERY_MS;
}

/** Writes down what happened, once a second and not with every wake: it is never urgent. */
export async function writeActivity(recorder: Recorder): Promise<number | null> {
  await recorder.flush();
  return ACTIVITY_EVERY_MS;
}

/** Does what commits put off, in small pieces: the longer it is put off, the more events of a user it is done for at once. */
export async function catchUp({ store }: TaskDeps): Promise<number | null> {
  return (await store.catchUp(CATCH_UP_CHUNK)) ? CATCH_UP_PAUSE_MS : CATCH_UP_EVERY_MS;
}

/** Notes how large the segments are. */
export async function writeSizes({ store, context }: TaskDeps): Promise<number | null> {
  await recordSizes(store, context().now);
  return SIZES_EVERY_MS;
}

/** Writes down when keys were last used. */
export async function writeKeyUses(keys: ApiKeys): Promise<number | null> {
  await keys.flush();
  return KEY_USES_EVERY_MS;
}

/** Writes how often programs have changed users, which the audit log tells as a number. */
export async function writeAudit(audit: Audit): Promise<number | null> {
  await audit.flush();
  return AUDIT_EVERY_MS;
}

/** Writes entries of the audit log that the database did not take when they came. */
export async function writeKeptAudit(audit: Audit): Promise<number | null> {
  await audit.writeKept();
  return KEPT_AUDIT_EVERY_MS;
}

/** Deletes sessions that have expired, and of the audit log what is older than it is to be kept, a little at a time. */
export async function tidyAccounts(store: AccountStore, now: number, days: number): Promise<number | null> {
  await store.pruneExpired(now);
  return (await store.pruneAudit(now - days * 86_400_000, PRUNE_CHUNK)) === PRUNE_CHUNK ? 0 : HOUR_MS;
}
