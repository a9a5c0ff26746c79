import { and, eq, sql } from 'drizzle-orm';
import { membershipHistory, memberships, retractions, users } from '../../../db/schema.ts';
import type { SqliteConnection } from './database.ts';

/** The statements of the write path, prepared once. */
export function createWriteStatements({ sqlite, db }: SqliteConnection) {
  // What one event in five runs, as SQL: through Drizzle each of these costs a third more.
  const updateDue = sqlite.query('UPDATE users SET due_at = ? WHERE id = ?');
  const segmentsOf = sqlite.query<[number], [number]>(
    'SELECT segment_id FROM memberships WHERE user_id = ? AND member = 1',
  );
  // What was told is not certain while a resending is under way, which may be to another source.
  const putMembership = sqlite.query(
    `INSERT INTO memberships (user_id, segment_id, member, told, version, changed_at) VALUES (?, ?, ?, 0, 1, ?)
     ON CONFLICT (user_id, segment_id) DO UPDATE
     SET member = excluded.member, version = version + 1, changed_at = excluded.changed_at, parked = NULL,
       told = CASE
         WHEN told = 1 AND EXISTS (
           SELECT 1 FROM segment_jobs WHERE kind = 'resend' AND segment_id = excluded.segment_id
         ) THEN 2
         ELSE told
       END`,
  );
  const insertHistory = sqlite.query(
    'INSERT INTO membership_history (user_id, segment_id, member, at, cause) VALUES (?, ?, ?, ?, ?)',
  );
  const addToCount = sqlite.query('UPDATE segments SET member_count = member_count + ? WHERE id = ?');
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
  const forgetTold = db
    .update(memberships)
    .set({
      told: 0,
      version: sql`${memberships.version} + 1`,
      // What is told next has to be later than the retraction, for whoever goes by the time.
      changedAt: sql`${sql.placeholder('now')}`,
      parked: null,
    })
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
      userId: sql.placeholder('userId'),
    })
    .prepare();
  // But for ids that somebody else has by now.
  const deleteRetractionsOfUser = db
    .delete(retractions)
    .where(
      and(
        eq(retractions.userId, sql.placeholder('userId')),
        sql`NOT EXISTS (SELECT 1 FROM users WHERE email = outbound_id OR external_id = outbound_id)`,
      ),
    )
    .prepare();

  const deleteHistoryOfUser = db
    .delete(membershipHistory)
    .where(eq(membershipHistory.userId, sql.placeholder('userId')))
    .prepare();

  return {
    segmentsOf,
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
    deleteRetractionsOfUser,
  };
}
