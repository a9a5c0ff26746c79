import { and, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import { memberships, users } from '../../../db/schema.ts';
import type { UserRecord } from '../../users/user.ts';
import type { UserSearch, UserWalk, Walk } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import { isMember, lastUserId } from './terms.ts';
import {
  afterCursor,
  decodeCursor,
  encodeCursor,
  encodePlace,
  inOrder,
  matching,
  ORDERS,
  type Order,
  upTo,
} from './user-order.ts';
import type { ReadUser } from './user-rows.ts';

type Place = (string | number)[];

/** Searches through users a stretch at a time, so that everything else gets its turn in between. */
export function createUserSearch({ db }: SqliteConnection, read: ReadUser) {
  const fits = ({ search, segmentId }: UserSearch): SQL | undefined =>
    and(
      search === undefined || search === '' ? undefined : matching(search),
      segmentId === undefined
        ? undefined
        : sql`EXISTS (SELECT 1 FROM ${memberships} WHERE ${and(
            eq(memberships.userId, users.id),
            eq(memberships.segmentId, segmentId),
            isMember,
          )})`,
    );

  /** The last place of the next `steps` users; null where there are no more than that. */
  function endOf(order: Order, after: Place | null, steps: number): Place | null {
    if (order.key === 'id') return endOfIds(order, after, steps);
    const [row] = db
      .select({ email: users.email, name: users.name })
      .from(users)
      .where(after === null ? undefined : afterCursor(order, after))
      .orderBy(...inOrder(order))
      .limit(1)
      .offset(steps - 1)
      .all();
    if (row === undefined) return null;
    return order.key === 'email' ? [row.email] : [row.name ?? '', row.email];
  }

  /** By arithmetic: to count rows along the table, all of it would have to be read. */
  function endOfIds({ descending }: Order, after: Place | null, steps: number): Place | null {
    const last = lastUserId(db);
    if (descending) {
      const end = ((after?.[0] as number | undefined) ?? last + 1) - steps;
      return end <= 0 ? null : [end];
    }
    const end = ((after?.[0] as number | undefined) ?? 0) + steps;
    return end >= last ? null : [end];
  }

  const walkOf = (order: Order, items: UserRecord[], cursor: string | null): Walk => ({
    items,
    cursor,
    after: (user) => encodeCursor(order.key, user),
  });

  /** Members in the order of their ids are read from the members, of whom there may be few. */
  function walkMembers(order: Order, segmentId: number, place: Place | null, query: UserWalk): Walk {
    const column = memberships.userId;
    const after =
      place === null
        ? undefined
        : order.descending
          ? sql`${column} < ${place[0]}`
          : sql`${column} > ${place[0]}`;
    const limit = Math.min(query.limit, query.steps);
    const rows = db
      .select({ user: users })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(and(eq(memberships.segmentId, segmentId), isMember, after))
      .orderBy(order.descending ? sql`${column} DESC` : column)
      .limit(limit + 1)
      .all();
    const items = rows.slice(0, limit).map((row) => read(row.user));
    const last = items.at(-1);
    const more = rows.length > items.length && last !== undefined;
    return walkOf(order, items, more ? encodeCursor(order.key, last) : null);
  }

  return {
    walk(query: UserWalk): Walk {
      const { sort, limit, cursor, steps, ids, search = '', segmentId } = query;
      const order = ORDERS[sort];
      const place = cursor === undefined ? null : decodeCursor(cursor, order.key);
      if (segmentId !== undefined && ids === undefined && search === '' && order.key === 'id') {
        return walkMembers(order, segmentId, place, query);
      }
      const end = ids === undefined ? endOf(order, place, steps) : null;
      const rows = db
        .select()
        .from(users)
        .where(
          and(
            place === null ? undefined : afterCursor(order, place),
            end === null ? undefined : upTo(order, end),
            ids === undefined
              ? undefined
              : sql`${users.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
            fits(query),
          ),
        )
        .orderBy(...inOrder(order))
        .limit(limit + 1)
        .all();
      const items = rows.slice(0, limit).map(read);
      const last = items.at(-1);
      if (rows.length > limit && last !== undefined) {
        return walkOf(order, items, encodeCursor(order.key, last));
      }
      return walkOf(order, items, end === null ? null : encodePlace(order.key, end));
    },

    search(which: UserSearch, after: string, steps: number): { ids: number[]; after: string | null } {
      const [end] = db
        .select({ email: users.email })
        .from(users)
        .where(gt(users.email, after))
        .orderBy(users.email)
        .limit(1)
        .offset(steps - 1)
        .all();
      const rows = db
        .select({ id: users.id })
        .from(users)
        .where(
          and(
            gt(users.email, after),
            end === undefined ? undefined : lte(users.email, end.email),
            fits(which),
          ),
        )
        .all();
      return { ids: rows.map(({ id }) => id), after: end?.email ?? null };
    },
  };
}
