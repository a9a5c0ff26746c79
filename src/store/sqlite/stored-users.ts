import type { Target } from '../../users/change.ts';
import type { UserRecord } from '../../users/user.ts';
import type { SqliteConnection } from './database.ts';
import { Recent } from './recent.ts';
import type { SharedIds } from './shared-ids.ts';
import type { UserJournal } from './user-journal.ts';
import { USER_COLUMNS, type UserRow, userFromRow } from './user-rows.ts';

/** Users kept in memory, one to two times as many: some 2 KB each. Eight times more were no faster: they are garbage to collect. */
const KEPT = 2048;
/** Users with attributes of more characters are read every time: a few thousand of them would not fit. */
const LARGE = 16 * 1024;

/**
 * The users events are about, read once while they stay busy. To be used inside transactions of the write path alone:
 * what others have committed is noticed at their beginning.
 */
export function createStoredUsers({ sqlite }: SqliteConnection, journal: UserJournal, sharedIds: SharedIds) {
  const byId = new Recent<number, UserRecord>(KEPT);
  const idByEmail = new Recent<string, number>(KEPT);
  const rowById = sqlite.query<UserRow, [number]>(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`);
  const rowByEmail = sqlite.query<UserRow, [string]>(`SELECT ${USER_COLUMNS} FROM users WHERE email = ?`);
  const rowsByEmail = sqlite.query<UserRow, [emails: string]>(
    `SELECT ${USER_COLUMNS} FROM (SELECT value AS named FROM json_each(?)) CROSS JOIN users WHERE email = named`,
  );

  /** Emails the transaction under way has looked for in vain. */
  let absent = new Set<string>();

  function get(id: number): UserRecord | null {
    return byId.get(id) ?? read(rowById.get(id));
  }

  function read(row: UserRow | null): UserRecord | null {
    if (row === null) return null;
    const kept = byId.get(row.id);
    if (kept !== undefined) return kept;
    const user = journal.complete(userFromRow(row));
    keep(user, row.attributes.length);
    return user;
  }

  /**
   * Takes note of a user as the transaction under way has stored them, with attributes of so many characters; null
   * where they are the same as before.
   */
  function keep(user: UserRecord, length: number | null) {
    absent.delete(user.email);
    if (length === null ? byId.get(user.id) !== undefined : length <= LARGE) byId.set(user.id, user);
    else byId.delete(user.id);
  }

  function getByEmail(email: string): UserRecord | null {
    if (absent.has(email)) return null;
    const known = idByEmail.get(email);
    const user = known === undefined ? read(rowByEmail.get(email)) : get(known);
    if (known === undefined && user !== null) idByEmail.set(email, user.id);
    return user;
  }

  return {
    find(target: Target): UserRecord | null {
      if ('email' in target) return getByEmail(target.email);
      const id = 'id' in target ? target.id : sharedIds.lastLinked(target.externalId);
      return id === null ? null : get(id);
    },

    /** Reads those who are not in memory all at once, which costs half of reading one after the other. */
    prefetch(targets: Iterable<Target>) {
      absent = new Set();
      for (const target of targets)
        if ('email' in target && idByEmail.get(target.email) === undefined) absent.add(target.email);
      if (absent.size === 0) return;
      for (const row of rowsByEmail.all(JSON.stringify([...absent]))) {
        idByEmail.set(row.email, row.id);
        read(row);
        absent.delete(row.email);
      }
    },

    keep,

    /** Forgets a user who was deleted, or was to be found under another address. */
    forget({ id, email }: Pick<UserRecord, 'id' | 'email'>) {
      byId.delete(id);
      idByEmail.delete(email);
    },

    /** Takes note of what was stored of a user by others than those who asked for it here. */
    due(userId: number, dueAt: number | null) {
      const user = byId.get(userId);
      if (user !== undefined) keep({ ...user, dueAt }, null);
    },

    invalidate() {
      byId.clear();
      idByEmail.clear();
      absent.clear();
    },
  };
}
export type StoredUsers = ReturnType<typeof createStoredUsers>;
