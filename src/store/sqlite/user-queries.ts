import { and, type Column, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { memberships, segments, users } from '../../../db/schema.ts';
import type { UserRecord } from '../../users/user.ts';
import { BadCursor, type MemberQuery, type Page, type UserQuery } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import { countRows, isMember } from './terms.ts';
import { prepareUserLookups, userFromRow } from './user-rows.ts';

export function createUserQueries({ db }: SqliteConnection) {
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
      return row === undefined ? null : userFromRow(row);
    },

    findUser(email: string): UserRecord | null {
      const row = byEmail.get({ email });
      return row === undefined ? null : userFromRow(row);
    },

    listUsers({ search, sort, limit, cursor }: UserQuery): Page<UserRecord> {
      const order = ORDERS[sort];
      const found = search === undefined || search === '' ? undefined : matching(search);
      const after = cursor === undefined ? undefined : afterCursor(order, decodeCursor(cursor, order.key));
      const rows = db
        .select()
        .from(users)
        .where(and(found, after))
        .orderBy(
          ...order.columns.map((column) => (order.descending ? sql`${column} DESC` : sql`${column} ASC`)),
        )
        .limit(limit + 1)
        .all();
      const items = rows.slice(0, limit).map(userFromRow);
      const last = items.at(-1);
      const more = rows.length > limit && last !== undefined;
      return {
        items,
        cursor: more ? encodeCursor(order.key, last) : null,
        total: countRows(db, users, found),
      };
    },

    listMembers(segmentId: number, { limit, cursor }: MemberQuery): Page<UserRecord> {
      const after = cursor === undefined ? 0 : (decodeCursor(cursor, 'id')[0] as number);
      const rows = db
        .select({ user: users })
        .from(memberships)
        .innerJoin(users, eq(users.id, memberships.userId))
        .where(and(eq(memberships.segmentId, segmentId), isMember, sql`${memberships.userId} > ${after}`))
        .orderBy(memberships.userId)
        .limit(limit + 1)
        .all();
      const items = rows.slice(0, limit).map((row) => userFromRow(row.user));
      const last = items.at(-1);
      const [segment] = db
        .select({ memberCount: segments.memberCount })
        .from(segments)
        .where(eq(segments.id, segmentId))
        .all();
      return {
        items,
        cursor: rows.length > limit && last !== undefined ? encodeCursor('id', last) : null,
        total: segment?.memberCount ?? 0,
      };
    },

    scanUsers(after: number, through: number, limit: number): UserRecord[] {
      return scan.all({ after, through, limit }).map(userFromRow);
    },

    userIdRange(): { last: number; count: number } {
      const [row] = db
        .select({ last: sql<number | null>`max(${users.id})` })
        .from(users)
        .all();
      return { last: row?.last ?? 0, count: countRows(db, users) };
    },

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

type SortKey = 'id' | 'email' | 'name';
interface Order {
  key: SortKey;
  /** The id breaks ties, and ids grow with the time of creation. */
  columns: SQL[];
  descending: boolean;
}
const COLUMNS: Record<SortKey, SQL[]> = {
  id: [sql`${users.id}`],
  email: [sql`${users.email}`],
  // A missing name sorts as the empty text, so that a cursor can stand on it.
  name: [sql`ifnull(${users.name}, '')`, sql`${users.email}`],
};
const order = (key: SortKey, descending: boolean): Order => ({ key, columns: COLUMNS[key], descending });
const ORDERS: Record<UserQuery['sort'], Order> = {
  createdAt: order('id', false),
  '-createdAt': order('id', true),
  email: order('email', false),
  '-email': order('email', true),
  name: order('name', false),
  '-name': order('name', true),
};

/** LIKE ignores the case of ASCII letters alone; for others it takes GLOB, five times slower, with both cases of each. */
function matching(search: string): SQL | undefined {
  const ascii = /^[\x20-\x7e]*$/.test(search);
  const pattern = ascii
    ? `%${search.replace(/[\\%_]/g, '\\$&')}%`
    : `*${Array.from(search, eitherCase).join('')}*`;
  const fits = (column: Column) =>
    ascii ? sql`${column} LIKE ${pattern} ESCAPE '\\'` : sql`${column} GLOB ${pattern}`;
  return or(fits(users.email), fits(users.name));
}

function eitherCase(character: string): string {
  if ('*?['.includes(character)) return `[${character}]`;
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  // A letter whose other case is several letters (ß, SS) is found as it is.
  return lower === upper || [...lower].length + [...upper].length > 2 ? character : `[${lower}${upper}]`;
}

function cursorValues(key: SortKey, user: UserRecord): (string | number)[] {
  return key === 'id' ? [user.id] : key === 'email' ? [user.email] : [user.name ?? '', user.email];
}

const encodeCursor = (key: SortKey, user: UserRecord): string =>
  Buffer.from(JSON.stringify([key, ...cursorValues(key, user)])).toString('base64url');

function decodeCursor(cursor: string, key: SortKey): (string | number)[] {
  try {
    const [of, ...values] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, ...unknown[]];
    const wanted = key === 'id' ? ['number'] : COLUMNS[key].map(() => 'string');
    if (of === key && values.length === wanted.length && values.every((v, i) => typeof v === wanted[i])) {
      return values as (string | number)[];
    }
  } catch {
    // Not base64url, not JSON, not a list: all the same to the caller.
  }
  throw new BadCursor('The cursor is not from this list');
}

function afterCursor({ columns, descending }: Order, values: (string | number)[]): SQL {
  const sides = [
    sql.join(columns, sql`, `),
    sql.join(
      values.map((value) => sql`${value}`),
      sql`, `,
    ),
  ];
  return descending ? sql`(${sides[0]}) < (${sides[1]})` : sql`(${sides[0]}) > (${sides[1]})`;
}
