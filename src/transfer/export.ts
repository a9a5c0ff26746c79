import { turnOfTheLoop } from '../scheduler/clock.ts';
import type { Store } from '../store/store.ts';
import type { Json } from '../users/attributes.ts';
import { plainValues } from '../users/attributes.ts';
import { type UserRecord, viewUser } from '../users/user.ts';
import { type ColumnType, OTHER_ATTRIBUTES, titleOfKey } from './columns.ts';
import type { Format } from './rows.ts';

/** Users of one step; memory stays the same however many there are. */
const STEP = 500;

/** All users by id. */
export async function* everyUser(store: Store): AsyncGenerator<UserRecord> {
  const { last } = await store.userIdRange();
  let after = 0;
  while (after < last) {
    const users = await store.scanUsers(after, last, STEP);
    yield* users;
    after = users.at(-1)?.id ?? last;
    await turnOfTheLoop();
  }
}

/** The members of a segment by id. */
export async function* everyMember(store: Store, segmentId: number): AsyncGenerator<UserRecord> {
  let cursor: string | null | undefined;
  do {
    const page = await store.listMembers(segmentId, { limit: STEP, ...(cursor ? { cursor } : {}) });
    yield* page.items;
    cursor = page.cursor;
    await turnOfTheLoop();
  } while (cursor !== null);
}

/**
 * Users as text that an import takes back unchanged. `users` is walked twice for CSV: once to learn the columns and
 * their types, once to write. Users go on changing meanwhile: what fits no column then is in the last one.
 */
export async function* exportUsers(
  users: () => AsyncIterable<UserRecord>,
  format: Format,
): AsyncGenerator<string> {
  if (format === 'ndjson') {
    for await (const user of users()) yield `${JSON.stringify(viewUser(user))}\n`;
    return;
  }
  const columns = await columnsOf(users());
  const titles = [...columns].map(([key, type]) => `${titleOfKey(key)}:${type}`);
  yield csvLine([...OWN, ...titles, OTHER_ATTRIBUTES]);
  for await (const user of users()) {
    const view = viewUser(user);
    const own = OWN.map((column) => view[column] ?? '');
    const left = new Map(Object.entries(view.attributes));
    const cells = [...columns].map(([key, type]) => {
      const value = left.get(key);
      if (value === undefined || (type !== 'json' && type !== columnType(value))) return '';
      left.delete(key);
      return type === 'json' ? JSON.stringify(value) : String(value);
    });
    const others = left.size === 0 ? '' : JSON.stringify(Object.fromEntries(left));
    yield csvLine([...own, ...cells, others]);
  }
}

const OWN = ['id', 'email', 'name', 'externalId', 'createdAt', 'updatedAt', 'lastSeenAt'] as const;

/** Every key with the one type all its values have, or JSON where they differ or would not read back as they are. */
async function columnsOf(users: AsyncIterable<UserRecord>): Promise<Map<string, ColumnType>> {
  const types = new Map<string, ColumnType>();
  for await (const { attributes } of users) {
    for (const [key, value] of Object.entries(plainValues(attributes))) {
      const type = columnType(value);
      const before = types.get(key);
      types.set(key, before === undefined || before === type ? type : 'json');
    }
  }
  return new Map([...types].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function columnType(value: Json): ColumnType {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' && value.trim() !== '' && value.isWellFormed() ? 'text' : 'json';
}

/** One line of CSV (RFC 4180). */
export const csvLine = (cells: readonly string[]): string =>
  `${cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
