import { and, eq, gt, isNotNull, isNull, lte, sql } from 'drizzle-orm';
import { memberships, segments, users } from '../../../db/schema.ts';
import type { UserRecord } from '../../users/user.ts';
import type { MemberQuery, Page, UserQuery } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import { isMember, lastUserId } from './terms.ts';
import type { UserCount } from './user-count.ts';
import { afterCursor, decodeCursor, encodeCursor, inOrder, matching, ORDERS } from './user-order.ts';
import { prepareUserLookups, type ReadUser } from './user-rows.ts';

export function createUserQueries({ db }: SqliteConnection, read: ReadUser, userCount: UserCount) {
  const { byId, byEmail } = prepareUserLookups(db);
  const scan = db
    .select()
    .from(users)
    .where(and(gt(users.id, sql.placeholder('after')), lte(users.id, sql.placeholder('through'))))
    .orderBy(users.id)
    .limit(sql.placeholder('limit'))
    .prepare();
  const due = db
    .select({ id: users.id })
    .from(users)
    .where(and(isNotNull(users.dueAt), lte(users.dueAt, sql.placeholder('now'))))
    .orderBy(users.dueAt)
    .limit(sql.placeholder('limit'))
    .prepare();
  const firstDue = db
    .select({ dueAt: users.dueAt })
    .from(users)
    .where(isNotNull(users.dueAt))
    .orderBy(users.dueAt)
    .limit(1)
    .prepare();

  return {
    getUser(id: number): UserRecord | null {
      const row = byId.get({ id });
      return row === undefined ? null : read(row);
    },

    findUser(email: string): UserRecord | null {
      const row = byEmail.get({ email });
      return row === undefined ? null : read(row);
    },

    listUsers({ sort, limit, cursor }: UserQuery): Page<UserRecord> {
      const order = ORDERS[sort];
      const after = cursor === undefined ? undefined : afterCursor(order, decodeCursor(cursor, order.key));
      const rows = db
        .select()
        .from(users)
        .where(after)
        .orderBy(...inOrder(order))
        .limit(limit + 1)
        .all();
      const items = rows.slice(0, limit).map(read);
      const last = items.at(-1);
      const more = rows.length > limit && last !== undefined;
      return {
        items,
        cursor: more ? encodeCursor(order.key, last) : null,
        total: userCount.current(),
      };
    },

    listMembers(
      segmentId: number,
      { limit, cursor, search }: MemberQuery & { search?: string },
    ): Page<UserRecord> {
      const after = cursor === undefined ? 0 : (decodeCursor(cursor, 'id')[0] as number);
      const found = search === undefined || search === '' ? undefined : matching(search);
      const of = and(eq(memberships.segmentId, segmentId), isMember);
      const rows = db
        .select({ user: users })
        .from(memberships)
        .innerJoin(users, eq(users.id, memberships.userId))
        .where(and(of, sql`${memberships.userId} > ${after}`, found))
        .orderBy(memberships.userId)
        .limit(limit + 1)
        .all();
      const items = rows.slice(0, limit).map((row) => read(row.user));
      const last = items.at(-1);
      const [total] =
        found === undefined
          ? db.select({ n: segments.memberCount }).from(segments).where(eq(segments.id, segmentId)).all()
          : db
              .select({ n: sql<number>`count(*)` })
              .from(memberships)
              .innerJoin(users, eq(users.id, memberships.userId))
              .where(and(of, found))
              .all();
      return {
        items,
        cursor: rows.length > limit && last !== undefined ? encodeCursor('id', last) : null,
        total: total?.n ?? 0,
      };
    },

    scanUsers(after: number, through: number, limit: number): UserRecord[] {
      return scan.all({ after, through, limit }).map(read);
    },

    userIdRange: (): { last: number; count: number } => ({
      last: lastUserId(db),
      count: userCount.current(),
    }),

    segmentsOf(userId: number): number[] {
      const rows = db
        .select({ segmentId: memberships.segmentId })
        .from(memberships)
        .innerJoin(segments, and(eq(segments.id, memberships.segmentId), isNull(segments.deletedAt)))
        .where(and(eq(memberships.userId, userId), isMember))
        .orderBy(memberships.segmentId)
        .all();
      return rows.map((row) => row.segmentId);
    },

    dueUsers(now: number, limit: number): number[] {
      return due.all({ now, limit }).map((row) => row.id);
    },

    nextDueAt(): number | null {
      return firstDue.get()?.dueAt ?? null;
    },
  };
}
