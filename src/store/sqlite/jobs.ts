import { and, asc, eq, gt, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm';
import { memberships, segmentJobs, segments, users } from '../../../db/schema.ts';
import type { WriteContext } from '../../users/change.ts';
import { type IdentifyAs, outboundId } from '../../users/user.ts';
import type { SegmentJob } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import { createEvaluation, type EvaluationDeps } from './evaluation.ts';
import type { OutboundClaims } from './outbound-claims.ts';
import { countRows, isMember, isParked, isPending, lastUserId } from './terms.ts';
import type { UserCount } from './user-count.ts';

/** For each row a resending may change, so many users are looked at: few of them may ever have been members. */
const RESENT_USERS = 10;

type JobRow = typeof segmentJobs.$inferSelect;

/** Work over many users, in chunks whose progress is committed with their effects: a crash loses nothing and repeats nothing. */
export function createJobs(
  connection: SqliteConnection,
  deps: EvaluationDeps & { userCount: UserCount; claims: OutboundClaims },
) {
  const { db } = connection;
  const { cache, path, scanner, userCount, claims } = deps;
  const first = db
    .select()
    .from(segmentJobs)
    .orderBy(sql`${segmentJobs.kind} <> 'retract'`, asc(segmentJobs.cursor), asc(segmentJobs.segmentId))
    .limit(1)
    .prepare();
  const evaluation = createEvaluation(connection, deps);

  function queue(segmentId: number, kind: JobRow['kind'], now: number, retracting?: RetractAs) {
    const row: JobRow = {
      segmentId,
      kind,
      cursor: 0,
      done: 0,
      total: kind === 'retract' ? membersOf(segmentId) : userCount.current(),
      traitKey: retracting?.traitKey ?? null,
      identifyAs: retracting?.identifyAs ?? null,
      createdAt: now,
    };
    db.insert(segmentJobs)
      .values(row)
      .onConflictDoUpdate({
        target: [segmentJobs.segmentId, segmentJobs.kind],
        // A retraction under way keeps the key and id it began with: that is what Segment still holds.
        set: kind === 'retract' ? { cursor: 0, done: 0, total: row.total } : row,
      })
      .run();
    cache.invalidate();
    evaluation.restart();
  }

  function membersOf(segmentId: number): number {
    const [row] = db
      .select({ members: segments.memberCount })
      .from(segments)
      .where(eq(segments.id, segmentId))
      .all();
    return row?.members ?? 0;
  }

  /** Gets ready what the next chunk needs, outside of any transaction; false when nothing is queued. */
  async function prepare(context: WriteContext, limit: number): Promise<boolean> {
    const next = first.get();
    if (next?.kind === 'evaluate') await evaluation.prepare(next.cursor, context, limit);
    else await scanner.rest();
    return next !== undefined;
  }

  /** Works on the next chunk, inside a transaction of the caller's; false when nothing is queued. */
  function work(context: WriteContext, limit: number): boolean {
    // Retractions first: their segments are held back from Segment until they are through.
    const next = first.get();
    if (next === undefined) return false;
    if (next.kind === 'retract') retractChunk(next, context, limit);
    else if (next.kind === 'resend') resendChunk(next, context, limit);
    else evaluation.store(next.cursor, context, limit);
    return true;
  }

  /** By users, not by members: who has left may still be one to the source that is told now. */
  function resendChunk(job: JobRow, { now }: WriteContext, limit: number) {
    const end = job.cursor + RESENT_USERS * limit;
    const between = (through: number) =>
      and(
        eq(memberships.segmentId, job.segmentId),
        gt(memberships.userId, job.cursor),
        lte(memberships.userId, through),
      );
    const ids = firstUsers(between(end), limit);
    const through = ids.length < limit ? end : (ids.at(-1) ?? end);
    db.update(memberships)
      .set({ told: 2, version: sql`${memberships.version} + 1`, changedAt: now, parked: null })
      .where(between(through))
      .run();
    if (through >= lastUserId(db)) finish(job);
    else advance(job, through, countRows(db, users, and(gt(users.id, job.cursor), lte(users.id, through))));
  }

  /** Members first, by cursor; then those who left but may not have been told so, who are done when none is left. */
  function retractChunk(job: JobRow, context: WriteContext, limit: number) {
    claims.spill();
    const { last, count } = nextMembers(job, limit);
    if (last !== undefined) {
      retractRows(job, and(membersAfter(job), lte(memberships.userId, last)), context);
      advance(job, last, count);
      return;
    }
    const left = [isPending, isParked].flatMap((term) =>
      db
        .select({ userId: memberships.userId })
        .from(memberships)
        .where(and(eq(memberships.segmentId, job.segmentId), term, sql`${memberships.member} = 0`))
        .limit(limit)
        .all()
        .map((row) => row.userId),
    );
    if (left.length > 0) {
      retractRows(
        job,
        and(eq(memberships.segmentId, job.segmentId), inArray(memberships.userId, left)),
        context,
      );
      return;
    }
    finish(job);
    if (!isDeleted(job.segmentId)) return;
    db.delete(segments).where(eq(segments.id, job.segmentId)).run();
    db.delete(segmentJobs).where(eq(segmentJobs.segmentId, job.segmentId)).run();
    // Rows of those who had left before say nothing any more; they go with their users. To find them now would take a
    // walk over all memberships.
  }

  const membersAfter = (job: JobRow) =>
    and(eq(memberships.segmentId, job.segmentId), isMember, gt(memberships.userId, job.cursor));

  function nextMembers(job: JobRow, limit: number): { last: number | undefined; count: number } {
    const ids = firstUsers(membersAfter(job), limit);
    return { last: ids.at(-1), count: ids.length };
  }

  function firstUsers(which: SQL | undefined, limit: number): number[] {
    const rows = db
      .select({ userId: memberships.userId })
      .from(memberships)
      .where(which)
      .orderBy(memberships.userId)
      .limit(limit)
      .all();
    return rows.map(({ userId }) => userId);
  }

  function retractRows(job: JobRow, which: SQL | undefined, context: WriteContext) {
    const rows = db
      .select({
        userId: memberships.userId,
        told: memberships.told,
        email: users.email,
        externalId: users.externalId,
      })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(which)
      .all();
    for (const row of rows) {
      if (row.told === 0) continue;
      const oldId = outboundId(row, job.identifyAs ?? context.identifyAs);
      path.retract(row.userId, job.segmentId, oldId, job.traitKey ?? '', context.now);
    }
    if (isDeleted(job.segmentId)) db.delete(memberships).where(which).run();
  }

  const isDeleted = (segmentId: number) =>
    countRows(db, segments, and(eq(segments.id, segmentId), isNotNull(segments.deletedAt))) > 0;

  function advance(job: JobRow, cursor: number | undefined, done: number) {
    db.update(segmentJobs)
      .set({ cursor: cursor ?? job.cursor, done: job.done + done })
      .where(and(eq(segmentJobs.segmentId, job.segmentId), eq(segmentJobs.kind, job.kind)))
      .run();
  }

  function finish(job: JobRow) {
    db.delete(segmentJobs)
      .where(and(eq(segmentJobs.segmentId, job.segmentId), eq(segmentJobs.kind, job.kind)))
      .run();
    cache.invalidate();
  }

  function list(): SegmentJob[] {
    return db
      .select({
        segmentId: segmentJobs.segmentId,
        kind: segmentJobs.kind,
        done: segmentJobs.done,
        total: segmentJobs.total,
      })
      .from(segmentJobs)
      .all();
  }

  return { queue, prepare, work, list };
}

interface RetractAs {
  traitKey: string;
  identifyAs: IdentifyAs;
}
