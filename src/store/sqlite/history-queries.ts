import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { membershipHistory } from '../../../db/schema.ts';
import { BadCursor, type HistoryPage, type MemberQuery } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import { createEvenTime } from './even-time.ts';

/** Joins and leaves as they happened. */
export function createHistoryQueries(connection: SqliteConnection) {
  const { db } = connection;
  const mayPrune = createEvenTime(connection, 'history');
  return {
    list(of: { userId: number } | { segmentId: number }, { limit, cursor }: MemberQuery): HistoryPage {
      const whose =
        'userId' in of
          ? eq(membershipHistory.userId, of.userId)
          : eq(membershipHistory.segmentId, of.segmentId);
      const before = cursor === undefined ? undefined : lt(membershipHistory.id, decodeCursor(cursor));
      const rows = db
        .select()
        .from(membershipHistory)
        .where(and(whose, before))
        .orderBy(desc(membershipHistory.id))
        .limit(limit + 1)
        .all();
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map(({ id: _id, member, ...rest }) => ({ ...rest, member: member === 1 })),
        cursor: rows.length > limit && last !== undefined ? String(last.id) : null,
      };
    },

    /**
     * The oldest rows are the first by id, so this reads no more than it deletes. Only a row that says it is newer than
     * the last one was written by a clock that was wrong: it would keep those after it from being looked at.
     */
    prune(before: number, limit: number): number {
      if (!mayPrune(before)) return 0;
      const { id, at } = membershipHistory;
      const newest = sql`(SELECT ${at} FROM ${membershipHistory} ORDER BY ${id} DESC LIMIT 1)`;
      const oldest = sql`SELECT ${id} FROM ${membershipHistory} WHERE ${at} <= ${newest} ORDER BY ${id} LIMIT ${limit}`;
      return db
        .delete(membershipHistory)
        .where(and(sql`${id} IN (${oldest})`, lt(at, before)))
        .returning({ id })
        .all().length;
    },
  };
}

function decodeCursor(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new BadCursor('The cursor is not from this list');
}
