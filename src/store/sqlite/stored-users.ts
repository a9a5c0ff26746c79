import type { Target } from '../../users/change.ts';
import type { UserRecord } from '../../users/user.ts';
import type { SqliteConnection } from './database.ts';
import { Recent } from './recent.ts';
import type { UserJournal } from './user-journal.ts';
import { USER_COLUMNS, type UserRow, userFromRow } from './user-rows.ts';

/** A user as the write path holds it: shared by all who ask for the same one, and replaced in place. */
export interface StoredUser {
  user: UserRecord;
  /** Whether the user is a member of a segment; null until somebody wants to know. */
  memberOf: Map<number, boolean> | null;
}

/** Users kept in memory, one to two times as many: some 2 KB each. Eight times more were no faster: they are garbage to collect. */
const KEPT = 2048;

/**
 * The users events are about, read once while they stay busy. To be used inside transactions of the write path alone:
 * what others have committed is noticed at their beginning.
 */
export function createStoredUsers({ sqlite }: SqliteConnection, journal: UserJournal) {
  const byId = new Recent<number, StoredUser>(KEPT);
  const idByEmail = new Recent<string, number>(KEPT);
  const rowById = sqlite.query<UserRow, [number]>(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`);
  const rowByEmail = sqlite.query<UserRow, [string]>(`SELECT ${USER_COLUMNS} FROM users WHERE email = ?`);
  const linked = sqlite.query<[number, number], [string]>(
    'SELECT id, external_id_at FROM users WHERE external_id = ?',
  );
  const segmentsOf = sqlite.query<[number], [number]>(
    'SELECT segment_id FROM memberships WHERE user_id = ? AND member = 1',
  );

  function get(id: number): StoredUser | null {
    return byId.get(id) ?? keep(rowById.get(id));
  }

  function keep(row: UserRow | null): StoredUser | null {
    if (row === null) return null;
    const kept = byId.get(row.id);
    if (kept !== undefined) return kept;
    return add(journal.complete(userFromRow(row)));
  }

  function add(user: UserRecord): StoredUser {
    const stored: StoredUser = { user, memberOf: null };
    byId.set(user.id, stored);
    return stored;
  }

  function getByEmail(email: string): StoredUser | null {
    const known = idByEmail.get(email);
    const stored = known === undefined ? keep(rowByEmail.get(email)) : get(known);
    if (known === undefined && stored !== null) idByEmail.set(email, stored.user.id);
    return stored;
  }

  /** The user that was linked to a Segment userId last; the row alone may not know when that was. */
  function getByExternalId(externalId: string): StoredUser | null {
    let found: number | null = null;
    let latest = Number.NEGATIVE_INFINITY;
    for (const [id, inRow] of linked.values(externalId) as [number, number][]) {
      const at = journal.externalIdAt(id, inRow);
      if (found !== null && (at < latest || (at === latest && id > found))) continue;
      found = id;
      latest = at;
    }
    return found === null ? null : get(found);
  }

  return {
    find(target: Target): StoredUser | null {
      if ('id' in target) return get(target.id);
      return 'email' in target ? getByEmail(target.email) : getByExternalId(target.externalId);
    },

    add,

    /** Forgets a user who was deleted, or an address that is the user's no more. */
    forget({ id, email }: Pick<UserRecord, 'id' | 'email'>) {
      byId.delete(id);
      idByEmail.delete(email);
    },

    memberships(stored: StoredUser): Map<number, boolean> {
      stored.memberOf ??= new Map(
        (segmentsOf.values(stored.user.id) as [number][]).map(([id]) => [id, true]),
      );
      return stored.memberOf;
    },

    /** Takes note of what was stored of a user by others than those who asked for it here. */
    joined(userId: number, segmentId: number, member: boolean) {
      byId.get(userId)?.memberOf?.set(segmentId, member);
    },
    due(userId: number, dueAt: number | null) {
      const stored = byId.get(userId);
      if (stored !== undefined) stored.user = { ...stored.user, dueAt };
    },

    invalidate() {
      byId.clear();
      idByEmail.clear();
    },
  };
}
export type StoredUsers = ReturnType<typeof createStoredUsers>;
