import { and, eq, sql } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { membershipHistory, memberships, retractions, segments, users } from '../../../db/schema.ts';

/** The statements of the write path, prepared once. */
export function createWriteStatements(db: BunSQLiteDatabase) {
  const idByEmail = db
    .select({ id: users.id })
    .from(users)
    .where(eq(users.email, sql.placeholder('email')))
    .prepare();
  const insertUser = db
    .insert(users)
    .values({
      email: sql.placeholder('email'),
      name: sql.placeholder('name'),
      nameAt: sql.placeholder('nameAt'),
      externalId: sql.placeholder('externalId'),
      externalIdAt: sql.placeholder('externalIdAt'),
      attributes: sql.placeholder('attributes'),
      clock: sql.placeholder('clock'),
      clocks: sql.placeholder('clocks'),
      createdAt: sql.placeholder('createdAt'),
      updatedAt: sql.placeholder('updatedAt'),
      lastSeenAt: sql.placeholder('lastSeenAt'),
    })
    .returning({ id: users.id })
    .prepare();
  const updateUser = db
    .update(users)
    .set({
      email: sql`${sql.placeholder('email')}`,
      name: sql`${sql.placeholder('name')}`,
      nameAt: sql`${sql.placeholder('nameAt')}`,
      externalId: sql`${sql.placeholder('externalId')}`,
      externalIdAt: sql`${sql.placeholder('externalIdAt')}`,
      attributes: sql`${sql.placeholder('attributes')}`,
      clock: sql`${sql.placeholder('clock')}`,
      clocks: sql`${sql.placeholder('clocks')}`,
      updatedAt: sql`${sql.placeholder('updatedAt')}`,
      lastSeenAt: sql`${sql.placeholder('lastSeenAt')}`,
    })
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const updateDue = db
    .update(users)
    .set({ dueAt: sql`${sql.placeholder('dueAt')}` })
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const deleteUser = db
    .delete(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const rowsOfUser = db
    .select()
    .from(memberships)
    .where(eq(memberships.userId, sql.placeholder('userId')))
    .prepare();
  const deleteRowsOfUser = db
    .delete(memberships)
    .where(eq(memberships.userId, sql.placeholder('userId')))
    .prepare();
  const putMembership = db
    .insert(memberships)
    .values({
      userId: sql.placeholder('userId'),
      segmentId: sql.placeholder('segmentId'),
      member: sql.placeholder('member'),
      told: 0,
      version: 1,
      changedAt: sql.placeholder('changedAt'),
    })
    .onConflictDoUpdate({
      target: [memberships.userId, memberships.segmentId],
      set: {
        member: sql`excluded.member`,
        version: sql`${memberships.version} + 1`,
        changedAt: sql`excluded.changed_at`,
        parked: null,
      },
    })
    .prepare();
  const forgetTold = db
    .update(memberships)
    .set({ told: 0, version: sql`${memberships.version} + 1`, parked: null })
    .where(
      and(
        eq(memberships.userId, sql.placeholder('userId')),
        eq(memberships.segmentId, sql.placeholder('segmentId')),
      ),
    )
    .prepare();
  const insertRetraction = db
    .insert(retractions)
    .values({
      outboundId: sql.placeholder('outboundId'),
      traitKey: sql.placeholder('traitKey'),
      createdAt: sql.placeholder('createdAt'),
    })
    .prepare();
  const addToCount = db
    .update(segments)
    .set({ memberCount: sql`${segments.memberCount} + ${sql.placeholder('delta')}` })
    .where(eq(segments.id, sql.placeholder('id')))
    .prepare();
  const insertHistory = db
    .insert(membershipHistory)
    .values({
      userId: sql.placeholder('userId'),
      segmentId: sql.placeholder('segmentId'),
      member: sql.placeholder('member'),
      at: sql.placeholder('at'),
      cause: sql.placeholder('cause'),
    })
    .prepare();

  const deleteHistoryOfUser = db
    .delete(membershipHistory)
    .where(eq(membershipHistory.userId, sql.placeholder('userId')))
    .prepare();

  return {
    idByEmail,
    insertUser,
    updateUser,
    updateDue,
    deleteUser,
    rowsOfUser,
    deleteRowsOfUser,
    putMembership,
    forgetTold,
    insertRetraction,
    addToCount,
    insertHistory,
    deleteHistoryOfUser,
  };
}
