import { type Column, or, type SQL, sql } from 'drizzle-orm';
import { users } from '../../../db/schema.ts';
import type { UserRecord } from '../../users/user.ts';
import { BadCursor, type UserSort } from '../store.ts';

export type SortKey = 'id' | 'email' | 'name';
export interface Order {
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
export const ORDERS: Record<UserSort, Order> = {
  createdAt: order('id', false),
  '-createdAt': order('id', true),
  email: order('email', false),
  '-email': order('email', true),
  name: order('name', false),
  '-name': order('name', true),
};

/** LIKE ignores the case of ASCII letters alone; for others it takes GLOB, five times slower, with both cases of each. */
export function matching(search: string): SQL | undefined {
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

export const inOrder = ({ columns, descending }: Order): SQL[] =>
  columns.map((column) => (descending ? sql`${column} DESC` : sql`${column} ASC`));

export function cursorValues(key: SortKey, user: UserRecord): (string | number)[] {
  return key === 'id' ? [user.id] : key === 'email' ? [user.email] : [user.name ?? '', user.email];
}

export const encodeCursor = (key: SortKey, user: UserRecord): string =>
  encodePlace(key, cursorValues(key, user));

export const encodePlace = (key: SortKey, values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([key, ...values])).toString('base64url');

export function decodeCursor(cursor: string, key: SortKey): (string | number)[] {
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

/** What comes after a place in the order. */
export const afterCursor = (order: Order, values: (string | number)[]): SQL =>
  bounded(order, values, order.descending ? '<' : '>');

/** What comes up to a place in the order, and that place. */
export const upTo = (order: Order, values: (string | number)[]): SQL =>
  bounded(order, values, order.descending ? '>=' : '<=');

/** SQLite finds the place in an index by a bound of the first column alone, where that is an expression. */
function bounded({ columns }: Order, values: (string | number)[], compare: '<' | '>' | '<=' | '>='): SQL {
  const rows = sql`(${list(columns)}) ${sql.raw(compare)} (${placed(values)})`;
  if (columns.length === 1) return rows;
  return sql`${columns[0]} ${sql.raw(compare.endsWith('=') ? compare : `${compare}=`)} ${values[0]} AND ${rows}`;
}

const list = (columns: SQL[]) => sql.join(columns, sql`, `);
const placed = (values: (string | number)[]) => list(values.map((value) => sql`${value}`));
