import { and, eq, gt, lte, sql } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { memberships, segmentJobs, users } from '../../../db/schema.ts';
import { subjectOf } from '../../segments/evaluate.ts';
import { decideMembership } from '../../segments/membership.ts';
import type { WriteContext } from '../../users/change.ts';
import type { SegmentCache } from './segment-cache.ts';
import { isMember } from './terms.ts';
import { userFromRow } from './user-rows.ts';
import type { WritePath } from './write.ts';

/** The evaluation of segments over all users, in chunks: the statements are prepared, a million users go through them. */
export function createEvaluation(db: BunSQLiteDatabase, cache: SegmentCache, path: WritePath) {
  const usersBetween = db
    .select()
    .from(users)
    .where(and(gt(users.id, sql.placeholder('after')), lte(users.id, sql.placeholder('through'))))
    .orderBy(users.id)
    .limit(sql.placeholder('limit'))
    .prepare();
  const membersBetween = db
    .select({ userId: memberships.userId, segmentId: memberships.segmentId })
    .from(memberships)
    .where(
      and(
        gt(memberships.userId, sql.placeholder('after')),
        lte(memberships.userId, sql.placeholder('through')),
        isMember,
      ),
    )
    .prepare();

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
    const rows = usersBetween.all({ after: cursor, through, limit });
    const complete = rows.length < limit;
    const last = complete ? through : (rows.at(-1)?.id ?? through);

    const { set } = cache.current();
    const memberOf = memberMap(cursor, last);
    const counts = new Map<number, number>();
    for (const row of rows) {
      const user = userFromRow(row);
      const subject = subjectOf(user);
      const current = memberOf.get(user.id) ?? new Map<number, boolean>();
      const { flips, validUntil } = decideMembership(set, which, subject, current, context.now);
      path.storeFlips(user.id, flips, 'edit', context.now, counts);
      path.bringForwardDue(user, validUntil);
    }
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

  function memberMap(after: number, through: number): Map<number, Map<number, boolean>> {
    const byUser = new Map<number, Map<number, boolean>>();
    for (const { userId, segmentId } of membersBetween.all({ after, through })) {
      let own = byUser.get(userId);
      if (own === undefined) {
        own = new Map();
        byUser.set(userId, own);
      }
      own.set(segmentId, true);
    }
    return byUser;
  }

  return { chunk };
}

/** Beyond every id. */
const END = Number.MAX_SAFE_INTEGER;
