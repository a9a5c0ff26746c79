import { type SQL, sql } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { memberships, retractions, users } from '../../../db/schema.ts';

// Terms of the partial indexes, with literals: SQLite uses such an index only where it can prove the term, and it
// can't prove a bound parameter.
export const isMember = sql`${memberships.member} = 1`;
export const PENDING = 'memberships.member <> memberships.told AND memberships.parked IS NULL';
export const isPending = sql.raw(PENDING);
export const isParked = sql`${memberships.parked} IS NOT NULL`;
export const isPendingRetraction = sql`${retractions.parked} IS NULL`;
export const isParkedRetraction = sql`${retractions.parked} IS NOT NULL`;

/** The highest id of a user, 0 where there is none. */
export function lastUserId(db: BunSQLiteDatabase): number {
  const [row] = db
    .select({ last: sql<number | null>`max(${users.id})` })
    .from(users)
    .all();
  return row?.last ?? 0;
}

/** How many rows of a table fit a condition. */
export function countRows(db: BunSQLiteDatabase, table: SQLiteTable, where?: SQL): number {
  const [row] = db.select({ n: sql<number>`count(*)` }).from(table).where(where).all();
  return row?.n ?? 0;
}
