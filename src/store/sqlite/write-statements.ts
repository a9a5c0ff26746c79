import { and, desc, eq, sql } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { membershipHistory, memberships, retractions, segments, users } from '../../../db/schema.ts';
import { prepareUserLookups } from './user-rows.ts';

/** The statements of the write path, prepared once. */
export function createWriteStatements(db: BunSQLiteDatabase) {
  const { byId, byEmail } = prepareUserLookups(db);
  const byExternalId = db
    .select()
    .from(users)
    .where(eq(users.externalId, sql.placeholder('externalId')))
    .orderBy(desc(users.externalIdAt), users.id)
    .limit(1)
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
  // Three updates: most events bring newer clocks and no other value, which costs half as much where the text stays as
  // it is; and SQLite rewrites every index whose columns an UPDATE names.
  const clocks = {
    clock: sql`${sql.placeholder('clock')}`,
    clocks: sql`${sql.placeholder('clocks')}`,
    nameAt: sql`${sql.placeholder('nameAt')}`,
    externalIdAt: sql`${sql.placeholder('externalIdAt')}`,
    updatedAt: sql`${sql.placeholder('updatedAt')}`,
    lastSeenAt: sql`${sql.placeholder('lastSeenAt')}`,
  };
  const updateClocks = db
    .update(users)
    .set(clocks)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const updateData = db
    .update(users)
    .set({ ...clocks, attributes: sql`${sql.placeholder('attributes')}` })
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const updateIdentity = db
    .update(users)
    .set({
      email: sql`${sql.placeholder('email')}`,
      name: sql`${sql.placeholder('name')}`,
      externalId: sql`${sql.placeholder('externalId')}`,
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
    byId,
    byEmail,
    byExternalId,
    insertUser,
    updateClocks,
    updateData,
    updateIdentity,
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
