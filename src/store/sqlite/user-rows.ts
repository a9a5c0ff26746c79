import { eq, type InferSelectModel, sql } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { users } from '../../../db/schema.ts';
import type { Attributes, JsonObject } from '../../users/attributes.ts';
import type { UserRecord } from '../../users/user.ts';

export type UserRow = InferSelectModel<typeof users>;

/** The columns of a {@link UserRow}, for statements that SQLite itself turns into objects: a mapper costs twice that. */
export const USER_COLUMNS = `id, email, name, name_at AS nameAt, external_id AS externalId,
  external_id_at AS externalIdAt, attributes, clock, clocks, created_at AS createdAt, updated_at AS updatedAt,
  last_seen_at AS lastSeenAt, due_at AS dueAt`;

/** Makes the user of a row, complete with what is newer than the row. */
export type ReadUser = (row: UserRow) => UserRecord;

/** Written out: it runs for every user of an evaluation, and a spread costs more. */
export function userFromRow(row: UserRow): UserRecord {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    nameAt: row.nameAt,
    externalId: row.externalId,
    externalIdAt: row.externalIdAt,
    attributes: {
      values: JSON.parse(row.attributes) as JsonObject,
      clock: row.clock,
      exceptions: row.clocks === null ? null : (JSON.parse(row.clocks) as Record<string, number>),
    },
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastSeenAt: row.lastSeenAt,
    dueAt: row.dueAt,
  };
}

/** The columns that hold the clocks of attributes. */
export const clockColumns = ({ clock, exceptions }: Attributes) => ({
  clock,
  clocks: exceptions === null ? null : JSON.stringify(exceptions),
});

/** The two ways to a user that reading and writing share. */
export function prepareUserLookups(db: BunSQLiteDatabase) {
  return {
    byId: db
      .select()
      .from(users)
      .where(eq(users.id, sql.placeholder('id')))
      .prepare(),
    byEmail: db
      .select()
      .from(users)
      .where(eq(users.email, sql.placeholder('email')))
      .prepare(),
  };
}
