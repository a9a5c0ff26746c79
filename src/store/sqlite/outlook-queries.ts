import { and, eq, gt, lte, ne, type SQL, sql } from 'drizzle-orm';
import { memberships, retractions, segments, users } from '../../../db/schema.ts';
import type { OutboundChange, OutlookCount } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import { countRows, isMember, isPending, isPendingRetraction } from './terms.ts';

/** Whom each change has told. Who has left and was not told so yet is told in any case. */
const TOLD: Record<OutboundChange, SQL | undefined> = {
  pending: isPending,
  resend: undefined,
  identify_as: sql`(${isMember} OR (${isPending}))`,
};

/** What Segment would be told, counted a range of users at a time: memberships lie in the order of their users. */
export function createOutlookQueries({ db }: SqliteConnection) {
  const synced = sql`(SELECT ${segments.id} FROM ${segments} WHERE ${segments.sync} = 1 AND ${segments.deletedAt} IS NULL)`;
  const live = sql`(SELECT ${segments.id} FROM ${segments} WHERE ${segments.deletedAt} IS NULL)`;
  // The + keeps SQLite from preferring an index by segment, which would be read from end to end for each range.
  const of = (which: typeof synced) => sql`+${memberships.segmentId} IN ${which}`;

  return {
    count(change: OutboundChange, after: number, through: number): OutlookCount {
      const range = and(gt(memberships.userId, after), lte(memberships.userId, through));
      const told = and(range, of(synced), TOLD[change]);
      const bySegment = db
        .select({ segmentId: memberships.segmentId, n: sql<number>`count(*)` })
        .from(memberships)
        .where(told)
        .groupBy(memberships.segmentId)
        .all();
      const updates = new Map(bySegment.map(({ segmentId, n }) => [segmentId, n]));
      if (updates.size === 0 && change !== 'identify_as') {
        return { updates, users: 0, retracted: 0, moved: 0 };
      }
      const distinct = sql<number>`count(DISTINCT ${memberships.userId})`;
      const [about] = db.select({ users: distinct }).from(memberships).where(told).all();
      const [given] =
        change !== 'identify_as'
          ? []
          : db
              .select({ retracted: sql<number>`count(*)`, moved: distinct })
              .from(memberships)
              .innerJoin(users, eq(users.id, memberships.userId))
              .where(
                and(range, of(live), ne(memberships.told, 0), sql`${users.externalId} <> ${users.email}`),
              )
              .all();
      return {
        updates,
        users: about?.users ?? 0,
        retracted: given?.retracted ?? 0,
        moved: given?.moved ?? 0,
      };
    },

    countRetractions: (): number => countRows(db, retractions, isPendingRetraction),
  };
}
