import { and, eq, sql } from 'drizzle-orm';
import { segmentJobs } from '../../../db/schema.ts';
import type { WriteContext } from '../../users/change.ts';
import type { SqliteConnection } from './database.ts';
import {
  decideRows,
  type Member,
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
  const membersNamed = sqlite.query<Member, [string]>(
    `SELECT user_id, segment_id FROM memberships
     WHERE user_id IN (SELECT value FROM json_each(?)) AND member = 1 ORDER BY user_id, segment_id`,
  );
  const evaluations = db
    .select({ segmentId: segmentJobs.segmentId, cursor: segmentJobs.cursor })
    .from(segmentJobs)
    .where(eq(segmentJobs.kind, 'evaluate'))
    .orderBy(segmentJobs.segmentId)
    .prepare();
  let ahead: Looking | null = null;
  let found: Found | null = null;
  /**
   * Users whose rows said less than the journal when the evaluation of these segments began: rows alone say nothing of
   * them. Who came into the journal since was evaluated by what brought them there.
   */
  let journalled: (Segments & { ids: number[] }) | null = null;

  /** Never goes past the place of another evaluation: from there on the two go together, so that each user is loaded once. */
  function stretchAt(cursor: number): Stretch {
    const queued = evaluations.all();
    return {
      definitions: cache.current().definitions,
      which: queued.filter((job) => job.cursor === cursor).map((job) => job.segmentId),
      cursor,
      through: Math.min(...queued.map((job) => job.cursor).filter((place) => place > cursor), END),
    };
  }

  function look(stretch: Stretch, now: number, limit: number): Looking {
    const answer = scanner.scan({ ...stretch, now, limit });
    // Asked for ahead of time, it may never be wanted.
    answer.catch(() => {});
    return { ...stretch, answer };
  }

  /** Looks at the users after `cursor`, unless that was done; must be followed by `store`. */
  async function prepare(cursor: number, { now }: WriteContext, limit: number) {
    const stretch = reading(() => {
      const here = stretchAt(cursor);
      if (journalled === null || !hasSameSegments(journalled, here)) {
        journalled = { ...here, ids: journal.ids() };
      }
      return here;
    });
    if (found !== null && isSame(found, stretch)) return;
    const looking = ahead !== null && isSame(ahead, stretch) ? ahead : look(stretch, now, limit);
    ahead = null;
    found = null;
    const began = journalled;
    const { last, users, news } = await looking.answer;
    // An evaluation began anew meanwhile.
    if (began === null || began !== journalled) return;
    const unread = began.ids.filter((id) => id > cursor && id <= last);
    found = { ...stretch, last, users, news: inOrder(news, unread) };
    if (scanner.concurrent && last < stretch.through) ahead = look({ ...stretch, cursor: last }, now, limit);
  }

  /** Nothing that was looked at counts any more: an evaluation begins anew. */
  function restart() {
    ahead = null;
    found = null;
    journalled = null;
  }

  /** Stores the next of what was found, up to `limit` users, and moves the cursor behind them. Inside a transaction. */
  function store(cursor: number, context: WriteContext, limit: number) {
    // Segments may have been edited meanwhile: then it is all to be looked at again.
    const stretch = found;
    // Also if this fails: what it was about to store would be missing from what remains.
    found = null;
    if (stretch === null || !isSame(stretch, stretchAt(cursor))) return restart();
    const ids = stretch.news.splice(0, limit);
    if (ids.length > 0) decide(ids, new Set(stretch.which), context);

    const here = and(eq(segmentJobs.kind, 'evaluate'), eq(segmentJobs.cursor, cursor));
    const whole = stretch.news.length === 0;
    const last = whole ? stretch.last : (ids.at(-1) as number);
    const done = whole ? stretch.users : Math.min(ids.length, stretch.users);
    if (whole && last === END) {
      db.delete(segmentJobs).where(here).run();
      cache.invalidate();
      return restart();
    }
    db.update(segmentJobs)
      .set({ cursor: last, done: sql`${segmentJobs.done} + ${done}` })
      .where(here)
      .run();
    if (!whole) found = { ...stretch, cursor: last, users: stretch.users - done };
  }

  function decide(ids: readonly number[], which: ReadonlySet<number>, { now }: WriteContext) {
    const list = JSON.stringify(ids);
    const rows = usersNamed.all(list);
    const members = membersNamed.values(list) as Member[];
    const { set } = cache.current();
    const counts = new Map<number, number>();
    for (const decided of decideRows(set, which, rows, members, now, journal.completeSubject)) {
      path.storeFlips(decided.user.id, decided.flips, 'edit', now, counts);
      path.bringForwardDue(decided.user, decided.validUntil);
    }
    path.storeCounts(counts);
  }

  return { prepare, store, restart };
}

type Segments = Pick<Stretch, 'definitions' | 'which'>;

const hasSameSegments = (a: Segments, b: Segments): boolean =>
  a.which.join() === b.which.join() && a.definitions === b.definitions;

const isSame = (a: Stretch, b: Stretch): boolean =>
  a.cursor === b.cursor && a.through === b.through && hasSameSegments(a, b);

const inOrder = (a: readonly number[], b: readonly number[]): number[] =>
  [...new Set([...a, ...b])].sort((x, y) => x - y);

/** Beyond every id. */
const END = Number.MAX_SAFE_INTEGER;
