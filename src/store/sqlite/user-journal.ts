import type { JsonObject } from '../../users/attributes.ts';
import type { UserRecord } from '../../users/user.ts';
import type { SqliteConnection } from './database.ts';

/** What is newer of a user than in the user's row: all that events keep changing and no index holds. */
interface Newer extends Pick<UserRecord, 'nameAt' | 'externalIdAt' | 'updatedAt' | 'lastSeenAt'> {
  /** Number of the last journal row about the user. */
  journalled: number;
  clock: number;
  exceptions: Record<string, number> | null;
  /** Attributes with another value than in the row; null where there is none. */
  values: JsonObject | null;
}

/** One line of a journal row: the id of a user whose row is complete, or what is newer than the row. */
type Line =
  | [id: number]
  | [
      id: number,
      clock: number,
      exceptions: Record<string, number> | null,
      nameAt: number,
      externalIdAt: number,
      updatedAt: number,
      lastSeenAt: number | null,
      values: JsonObject | null,
    ];

/** What the transaction under way says of a user. */
interface Unsaved {
  /** Whether everything said before is void, because the row was written. */
  rowComplete: boolean;
  /** Whether something newer than the row was said. */
  newer: boolean;
  values: JsonObject | null;
}

/** Users with something newer than their rows, at most: a million of them would take a long start after a crash. */
export const MAX_JOURNALLED = 200_000;
/** Characters in the journal at most: all of it is in memory, too. */
export const MAX_JOURNAL_LENGTH = 32 * 1024 * 1024;

/**
 * Most events bring newer clocks and little else, each for a user whose row lies on a page of its own. So a transaction
 * appends one row with what is new of all its users, and `fold` brings that into the users' rows later, many at once
 * and in their order. A line says what is, not what changed: read again after it was folded, it does no harm.
 */
export function createUserJournal({ sqlite }: SqliteConnection) {
  const append = sqlite.query('INSERT INTO user_journal (lines) VALUES (?)');
  const first = sqlite.query<[number | null], []>('SELECT min(id) FROM user_journal');
  const after = sqlite.query<{ id: number; lines: string }, [number]>(
    'SELECT id, lines FROM user_journal WHERE id > ? ORDER BY id',
  );
  const forget = sqlite.query(
    'DELETE FROM user_journal WHERE id IN (SELECT id FROM user_journal WHERE id <= ? ORDER BY id LIMIT ?)',
  );
  const attributesOf = sqlite.query<[string], [number]>('SELECT attributes FROM users WHERE id = ?');
  const CLOCKS = 'clock = ?, clocks = ?, name_at = ?, external_id_at = ?, updated_at = ?, last_seen_at = ?';
  const putClocks = sqlite.query(`UPDATE users SET ${CLOCKS} WHERE id = ?`);
  const putAll = sqlite.query(`UPDATE users SET ${CLOCKS}, attributes = ? WHERE id = ?`);

  const pending = new Map<number, Newer>();
  const unsaved = new Map<number, Unsaved>();
  /** The last journal row read or written; 0 before the first reading. */
  let last = 0;
  let empty = true;
  /** Characters in the journal; more than there are where another process has forgotten some. */
  let length = 0;
  /** When the folding began: the users still to be folded, the next one last, the last row, and how long all were. */
  let folding: { ids: number[]; through: number; length: number } | null = null;

  /** Reads what other processes have written since, or everything at first; what they have folded is in the rows. */
  function refresh() {
    const from = (first.values() as [number | null][])[0]?.[0] ?? null;
    empty = from === null;
    if (empty) length = 0;
    for (const [id, { journalled }] of pending) if (from === null || journalled < from) pending.delete(id);
    for (const { id, lines } of after.iterate(last)) {
      for (const line of JSON.parse(lines) as Line[]) read(line, id);
      length += lines.length;
      last = id;
    }
  }

  function read(line: Line, journalled: number) {
    const id = line[0];
    if (line.length === 1) {
      pending.delete(id);
      return;
    }
    const [, clock, exceptions, nameAt, externalIdAt, updatedAt, lastSeenAt, news] = line;
    const values = joined(pending.get(id)?.values ?? null, news);
    pending.set(id, { journalled, clock, exceptions, nameAt, externalIdAt, updatedAt, lastSeenAt, values });
  }

  /** Brings a user into the row, which may have been written meanwhile but never with anything newer. */
  function fold(id: number) {
    const newer = pending.get(id);
    if (newer === undefined) return;
    pending.delete(id);
    const { clock, exceptions, nameAt, externalIdAt, updatedAt, lastSeenAt, values } = newer;
    const clocks = exceptions === null ? null : JSON.stringify(exceptions);
    const [row] = values === null ? [] : (attributesOf.values(id) as [string][]);
    if (row === undefined) putClocks.run(clock, clocks, nameAt, externalIdAt, updatedAt, lastSeenAt, id);
    else {
      const attributes = JSON.stringify(joined(JSON.parse(row[0]), values));
      putAll.run(clock, clocks, nameAt, externalIdAt, updatedAt, lastSeenAt, attributes, id);
    }
  }

  /**
   * Folds up to `limit` users, and when all are forgets up to so many rows about them, inside a transaction; answers
   * whether there are more of those there were at first.
   */
  function foldSome(limit: number): boolean {
    folding ??= { ids: [...pending.keys()].sort((a, b) => b - a), through: last, length };
    const { ids, through } = folding;
    for (const id of ids.splice(-limit).reverse()) fold(id);
    if (ids.length > 0) return true;
    if (!empty) {
      if (forget.run(through, limit).changes === limit) return true;
      empty = through === last;
    }
    length = Math.max(0, length - folding.length);
    folding = null;
    return false;
  }

  return {
    refresh,

    /** Forgets what is in memory, because a transaction was undone; must be followed by `refresh`. */
    invalidate() {
      pending.clear();
      unsaved.clear();
      folding = null;
      last = 0;
      length = 0;
    },

    /** The user as it is, from the user as the row has it. */
    complete(user: UserRecord): UserRecord {
      const newer = pending.get(user.id);
      if (newer === undefined) return user;
      const { journalled: _, clock, exceptions, values: news, ...rest } = newer;
      const values = joined(user.attributes.values, news) as JsonObject;
      return { ...user, ...rest, attributes: { values, clock, exceptions } };
    },

    /** The same for what an evaluation reads of a user. */
    completeSubject(user: { id: number; lastSeenAt: number | null; attributes: JsonObject }) {
      const newer = pending.get(user.id);
      if (newer === undefined) return;
      user.lastSeenAt = newer.lastSeenAt;
      user.attributes = joined(user.attributes, newer.values) as JsonObject;
    },

    /** Ids of the users with something newer than their rows. */
    ids: (): number[] => [...pending.keys()],

    externalIdAt: (id: number, inRow: number): number => pending.get(id)?.externalIdAt ?? inRow,

    /** Takes note of what is new of a user; must be followed by `save` in the same transaction. */
    note(before: UserRecord, user: UserRecord) {
      const { id, attributes, nameAt, externalIdAt, updatedAt, lastSeenAt } = user;
      const { clock, exceptions } = attributes;
      const news = difference(before.attributes.values, attributes.values);
      const values = joined(pending.get(id)?.values ?? null, news);
      pending.set(id, {
        journalled: 0,
        clock,
        exceptions,
        nameAt,
        externalIdAt,
        updatedAt,
        lastSeenAt,
        values,
      });
      const said = unsaved.get(id);
      if (said === undefined) unsaved.set(id, { rowComplete: false, newer: true, values: news });
      else {
        said.newer = true;
        said.values = joined(said.values, news);
      }
    },

    /** A user's row was written or deleted: what the journal says of it is void. */
    rowIsComplete(id: number) {
      pending.delete(id);
      if (!empty || unsaved.has(id)) unsaved.set(id, { rowComplete: true, newer: false, values: null });
    },

    /** Writes down what was noted. */
    save() {
      if (unsaved.size === 0) return;
      const lines: Line[] = [];
      for (const [id, { rowComplete, newer, values }] of unsaved) {
        if (rowComplete) lines.push([id]);
        const state = newer ? pending.get(id) : undefined;
        if (state === undefined) continue;
        const { clock, exceptions, nameAt, externalIdAt, updatedAt, lastSeenAt } = state;
        lines.push([id, clock, exceptions, nameAt, externalIdAt, updatedAt, lastSeenAt, values]);
      }
      const text = JSON.stringify(lines);
      last = Number(append.run(text).lastInsertRowid);
      length += text.length;
      empty = false;
      for (const id of unsaved.keys()) {
        const state = pending.get(id);
        if (state !== undefined) state.journalled = last;
      }
      unsaved.clear();
      // More than came, so that it ends; all at once would keep everybody waiting for seconds.
      if (pending.size > MAX_JOURNALLED || length > MAX_JOURNAL_LENGTH) foldSome(2 * lines.length);
    },

    fold: foldSome,
  };
}
export type UserJournal = ReturnType<typeof createUserJournal>;

/** The keys with another value object than before; a merge keeps the objects of values that are the same. */
function difference(before: JsonObject, after: JsonObject): JsonObject | null {
  if (before === after) return null;
  const keys = Object.keys(after).filter((key) => !Object.hasOwn(before, key) || before[key] !== after[key]);
  return keys.length === 0 ? null : pick(after, keys);
}

/** By entries, because a key can be `__proto__`. */
const pick = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(keys.map((key) => [key, object[key]])) as JsonObject;

const joined = (values: JsonObject | null, news: JsonObject | null): JsonObject | null =>
  values === null || news === null ? (news ?? values) : { ...values, ...news };
