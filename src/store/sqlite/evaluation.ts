import { and, eq, sql } from 'drizzle-orm';
import { segmentJobs } from '../../../db/schema.ts';
import { beginDeciding, type Deciding, decideMemberships } from '../../segments/membership.ts';
import type { WriteContext } from '../../users/change.ts';
import type { SqliteConnection } from './database.ts';
import {
  byUser,
  type ScanAnswer,
  type ScanRequest,
  SUBJECT_COLUMNS,
  type SubjectRow,
} from './evaluation-scan.ts';
import type { Scanner } from './scanner.ts';
import type { SegmentCache } from './segment-cache.ts';
import type { UserJournal } from './user-journal.ts';
import type { WritePath } from './write.ts';

/** Segments to be evaluated for the users above `cursor`, up to and with `through`, as they are defined now. */
type Stretch = Pick<ScanRequest, 'definitions' | 'which' | 'cursor' | 'through'>;

export interface EvaluationDeps {
  cache: SegmentCache;
  journal: UserJournal;
  path: WritePath;
  scanner: Scanner;
  /** Runs what reads as of one moment. */
  reading: <T>(work: () => T) => T;
}

/** A stretch being looked at. */
interface Looking extends Stretch {
  /** Users whose rows said less than the journal when it began. */
  journalled: number[];
  answer: Promise<ScanAnswer>;
}

/** A stretch that was looked at, and what remains to be stored of it. */
interface Found extends Stretch {
  last: number;
  users: number;
  news: number[];
}

/**
 * The evaluation of segments over all users. First it is looked, outside of any transaction, which of the next users
 * there is something to store for; then these are decided on once more and stored, in chunks. So what was looked at may
 * be a little old: what an event changes meanwhile, its own commit evaluates by the same rules.
 */
export function createEvaluation(
  { sqlite, db }: SqliteConnection,
  { cache, journal, path, scanner, reading }: EvaluationDeps,
) {
  const usersNamed = sqlite.query<SubjectRow, [string]>(
    `SELECT ${SUBJECT_COLUMNS} FROM users WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
  );
  const membersNamed = sqlite.query<[userId: number, segmentId: number], [string]>(
    `SELECT user_id, segment_id FROM memberships
     WHERE user_id IN (SELECT value FROM json_each(?)) AND member = 1 ORDER BY user_id, segment_id`,
  );
  let ahead: Looking | null = null;
  let found: Found | null = null;

  /** Never goes past the place of another evaluation: from there on the two go together, so that each user is loaded once. */
  function stretchAt(cursor: number): Stretch {
    const queued = db
      .select({ segmentId: segmentJobs.segmentId, cursor: segmentJobs.cursor })
      .from(segmentJobs)
      .where(eq(segmentJobs.kind, 'evaluate'))
      .orderBy(segmentJobs.segmentId)
      .all();
    return {
      definitions: cache.current().definitions,
      which: queued.filter((job) => job.cursor === cursor).map((job) => job.segmentId),
      cursor,
      through: Math.min(...queued.map((job) => job.cursor).filter((place) => place > cursor), END),
    };
  }

  const look = (stretch: Stretch, now: number, limit: number): Looking =>
    reading(() => {
      const answer = scanner.scan({ ...stretch, now, limit });
      // Asked for ahead of time, it may never be wanted.
      answer.catch(() => {});
      return { ...stretch, journalled: journal.idsAfter(stretch.cursor), answer };
    });

  /** Looks at the users after `cursor`, unless that was done; must be followed by `store`. */
  async function prepare(cursor: number, { now }: WriteContext, limit: number) {
    const stretch = reading(() => stretchAt(cursor));
    if (found !== null && isSame(found, stretch)) return;
    const looking = ahead !== null && isSame(ahead, stretch) ? ahead : look(stretch, now, limit);
    ahead = null;
    found = null;
    const { last, users, news } = await looking.answer;
    const journalled = looking.journalled.filter((id) => id <= last);
    const both = [...new Set([...news, ...journalled])].sort((a, b) => a - b);
    found = { ...stretch, last, users, news: both };
    if (scanner.concurrent && last < stretch.through) ahead = look({ ...stretch, cursor: last }, now, limit);
  }

  /** Stores the next of what was found, up to `limit` users, and moves the cursor behind them. Inside a transaction. */
  function store(cursor: number, context: WriteContext, limit: number) {
    // Segments may have been edited meanwhile: then it is all to be looked at again.
    if (found === null || !isSame(found, stretchAt(cursor))) return;
    const ids = found.news.splice(0, limit);
    if (ids.length > 0) decide(ids, new Set(found.which), context);

    const here = and(eq(segmentJobs.kind, 'evaluate'), eq(segmentJobs.cursor, cursor));
    const whole = found.news.length === 0;
    const last = whole ? found.last : (ids.at(-1) as number);
    if (whole && last === END) db.delete(segmentJobs).where(here).run();
    else {
      const done = whole ? found.users : Math.min(ids.length, found.users);
      db.update(segmentJobs)
        .set({ cursor: last, done: sql`${segmentJobs.done} + ${done}` })
        .where(here)
        .run();
      found.users -= done;
    }
    found = whole ? null : { ...found, cursor: last };
  }

  function decide(ids: readonly number[], which: ReadonlySet<number>, { now }: WriteContext) {
    const list = JSON.stringify(ids);
    const rows = usersNamed.all(list);
    const current = byUser(rows, membersNamed.values(list) as [number, number][]);
    const users = rows.map((row, i) => {
      const subject = Object.assign(row, { attributes: JSON.parse(row.attributes) });
      journal.completeSubject(subject);
      return beginDeciding(subject, current[i] as Map<number, boolean>);
    });
    decideMemberships(cache.current().set, which, users, now);
    const counts = new Map<number, number>();
    rows.forEach((row, i) => {
      const { flips, validUntil } = users[i] as Deciding;
      path.storeFlips(row.id, flips, 'edit', now, counts);
      path.bringForwardDue(row, validUntil);
    });
    path.storeCounts(counts);
  }

  return { prepare, store };
}

const isSame = (a: Stretch, b: Stretch): boolean =>
  a.cursor === b.cursor &&
  a.through === b.through &&
  a.which.join() === b.which.join() &&
  a.definitions === b.definitions;

/** Beyond every id. */
const END = Number.MAX_SAFE_INTEGER;
