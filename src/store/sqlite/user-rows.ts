import { eq, type InferSelectModel, sql } from 'drizzle-orm';
import type { BunSQLiteDatabase } from 'drizzle-orm/bun-sqlite';
import { users } from '../../../db/schema.ts';
import type { Attributes, JsonObject } from '../../users/attributes.ts';
import type { UserRecord } from '../../users/user.ts';

export type UserRow = InferSelectModel<typeof users>;

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
