import { eq } from 'drizzle-orm';
import { settings } from '../../../db/schema.ts';
import type { SqliteConnection } from './database.ts';

const DAY_MS = 86_400_000;
/** A clock that is wrong is wrong by years; a service that was off for less than this goes on as if it had not been. */
const LEAP_MS = 60 * DAY_MS;
/** How often it is written down how far time has come: some things are pruned every second. */
const NOTED_EVERY_MS = 600_000;

/**
 * Whether time has gone on evenly for a day, so that what is older than `before` may be deleted; to be asked inside a
 * transaction each time that is about to be done. One look at a clock that is far in the future, at a start or after
 * a machine was restored, would cost everything that is kept by age. A service that was off for long prunes a day later.
 */
export function createEvenTime({ db }: SqliteConnection, what: string) {
  const key = `pruned.${what}`;
  const read = db.select().from(settings).where(eq(settings.key, key)).prepare();

  return (before: number): boolean => {
    const stored = read.get()?.value;
    const last: EvenTime = stored === undefined ? { at: before, since: null } : JSON.parse(stored);
    const leapt = Math.abs(before - last.at) > LEAP_MS;
    const since = leapt ? before : last.since;
    if (stored === undefined || leapt || Math.abs(before - last.at) >= NOTED_EVERY_MS) {
      const value = JSON.stringify({ at: before, since } satisfies EvenTime);
      db.insert(settings)
        .values({ key, value })
        .onConflictDoUpdate({ target: settings.key, set: { value } })
        .run();
    }
    return since === null || before - since >= DAY_MS;
  };
}

interface EvenTime {
  /** The last `before`, Unix milliseconds. */
  at: number;
  /** The one after the last leap; null where there was none. */
  since: number | null;
}
