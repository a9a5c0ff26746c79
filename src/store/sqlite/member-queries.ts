import { and, eq, gt, lte, ne, type SQL, sql } from 'drizzle-orm';
import { memberships } from '../../../db/schema.ts';
import type { SqliteConnection } from './database.ts';
import { countRows, isMember, isParked, isPending } from './terms.ts';

/** Who is in one segment and what Segment was told of it, a range of users at a time where there may be very many. */
export function createMemberQueries({ db }: SqliteConnection) {
  const range = (after: number, through: number) =>
    and(gt(memberships.userId, after), lte(memberships.userId, through));
  const waiting = (segmentId: number, term: SQL) =>
    countRows(db, memberships, and(eq(memberships.segmentId, segmentId), term));

  return {
    within: (segmentId: number, after: number, through: number): number[] =>
      db
        .select({ userId: memberships.userId })
        .from(memberships)
        .where(and(eq(memberships.segmentId, segmentId), isMember, range(after, through)))
        .all()
        .map(({ userId }) => userId),

    countTold(segmentId: number, after: number, through: number): number {
      // The + keeps SQLite from preferring an index by segment, which would be read from end to end for each range.
      const of = sql`+${memberships.segmentId} = ${segmentId}`;
      return countRows(db, memberships, and(range(after, through), of, ne(memberships.told, 0)));
    },

    backlog: (segmentId: number) => ({
      pending: waiting(segmentId, isPending),
      parked: waiting(segmentId, isParked),
    }),
  };
}
