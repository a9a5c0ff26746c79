import { and, eq, sql } from 'drizzle-orm';
import { segmentJobs } from '../../../db/schema.ts';
import type { Subject } from '../../segments/evaluate.ts';
import { beginDeciding, type Deciding, decideMemberships } from '../../segments/membership.ts';
import type { WriteContext } from '../../users/change.ts';
import type { SqliteConnection } from './database.ts';
import type { SegmentCache } from './segment-cache.ts';
import type { UserJournal } from './user-journal.ts';
import type { WritePath } from './write.ts';

/** What an evaluation reads of a user. */
interface UserRow extends Omit<Subject, 'attributes'> {
  id: number;
  dueAt: number | null;
  attributes: string;
}

/**
 * The evaluation of segments over all users, in chunks. A million users go through its two reading statements, so they
 * are SQL that SQLite itself turns into objects of just the columns needed: through Drizzle each row costs twice that.
 */
export function createEvaluation(
  { sqlite, db }: SqliteConnection,
  cache: SegmentCache,
  journal: UserJournal,
  path: WritePath,
) {
  const usersBetween = sqlite.query<UserRow, [number, number, number]>(
    `SELECT id, email, name, external_id AS externalId, created_at AS createdAt, last_seen_at AS lastSeenAt,
       due_at AS dueAt, attributes
     FROM users WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
  );
  const membersBetween = sqlite.query<[userId: number, segmentId: number], [number, number]>(
    `SELECT user_id, segment_id FROM memberships
     WHERE user_id > ? AND user_id <= ? AND member = 1 ORDER BY user_id, segment_id`,
  );

  /**
   * Evaluates the users after `cursor` for every segment whose evaluation stands there, so that each user is loaded
   * once. Never goes past the place of another evaluation: from there on the two go together.
   */
  function chunk(cursor: number, context: WriteContext, limit: number) {
    const queued = db
      .select({ segmentId: segmentJobs.segmentId, cursor: segmentJobs.cursor })
      .from(segmentJobs)
      .where(eq(segmentJobs.kind, 'evaluate'))
      .all();
    const which = new Set(queued.filter((job) => job.cursor === cursor).map((job) => job.segmentId));
    const through = Math.min(...queued.map((job) => job.cursor).filter((place) => place > cursor), END);
    const rows = usersBetween.all(cursor, through, limit);
    const complete = rows.length < limit;
    const last = complete ? through : (rows.at(-1)?.id ?? through);

    const { set } = cache.current();
    const members = membersBetween.values(cursor, last) as [userId: number, segmentId: number][];
    let next = 0;
    const counts = new Map<number, number>();
    const users = rows.map((row) => {
      // Both lists are in the order of users.
      const current = new Map<number, boolean>();
      for (
        let member = members[next];
        member !== undefined && member[0] <= row.id;
        member = members[++next]
      ) {
        if (member[0] === row.id) current.set(member[1], true);
      }
      const subject = Object.assign(row, { attributes: JSON.parse(row.attributes) });
      journal.completeSubject(subject);
      return beginDeciding(subject, current);
    });
    decideMemberships(set, which, users, context.now);
    rows.forEach((row, i) => {
      const { flips, validUntil } = users[i] as Deciding;
      path.storeFlips(row.id, flips, 'edit', context.now, counts);
      path.bringForwardDue(row, validUntil);
    });
    path.storeCounts(counts);

    const here = and(eq(segmentJobs.kind, 'evaluate'), eq(segmentJobs.cursor, cursor));
    if (complete && through === END) {
      db.delete(segmentJobs).where(here).run();
    } else {
      db.update(segmentJobs)
        .set({ cursor: last, done: sql`${segmentJobs.done} + ${rows.length}` })
        .where(here)
        .run();
    }
  }

  return { chunk };
}

/** Beyond every id. */
const END = Number.MAX_SAFE_INTEGER;
