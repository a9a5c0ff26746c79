import type { UserRecord } from '../../users/user.ts';
import type { SqliteConnection } from './database.ts';
import type { UserJournal } from './user-journal.ts';

/**
 * Who is meant by a Segment userId that several users are linked to, as after somebody's email has changed: the one
 * linked last. To be used inside transactions that have read the journal, because the rows alone may not know when that
 * was.
 */
export function createSharedIds({ sqlite }: SqliteConnection, journal: UserJournal) {
  const linked = sqlite.query<[id: number, at: number], [externalId: string]>(
    'SELECT id, external_id_at FROM users WHERE external_id = ?',
  );
  // Whose email is the id counts among them while there is no userId of their own.
  const HOLDERS = `SELECT id FROM users WHERE external_id = ?1
    UNION ALL SELECT id FROM users WHERE email = ?1 AND external_id IS NULL`;
  const holder = sqlite.query(`${HOLDERS} LIMIT 1`);
  // Later than all that was told before, and no repetition of it.
  const doubt = sqlite.query(
    `UPDATE memberships SET told = 2, version = version + 1, changed_at = ?2
     WHERE told <> 0 AND user_id IN (${HOLDERS})`,
  );

  function last(externalId: string, but: number | null = null): Link | null {
    let found: Link | null = null;
    for (const [id, inRow] of linked.values(externalId) as [number, number][]) {
      if (id === but) continue;
      const link = { id, at: journal.externalIdAt(id, inRow) };
      if (found === null || isLater(link, found)) found = link;
    }
    return found;
  }

  return {
    /** The user an event with this userId alone is about. */
    lastLinked: (externalId: string): number | null => last(externalId)?.id ?? null,

    /** Who tells Segment instead of this user, under the id that is theirs, too; null for most. */
    speakerFor({ id, email, externalId }: Pick<UserRecord, 'id' | 'email' | 'externalId'>): number | null {
      const speaker = last(externalId ?? email)?.id ?? id;
      return speaker === id ? null : speaker;
    },

    /** Whether a newer time of being linked has made this user the one who speaks, or not any more. */
    hasPassed({ id, externalId, externalIdAt }: UserRecord, before: number): boolean {
      if (externalId === null || externalIdAt === before) return false;
      const rival = last(externalId, id);
      return (
        rival !== null && isLater({ id, at: externalIdAt }, rival) !== isLater({ id, at: before }, rival)
      );
    },

    /** Somebody else may speak for the id from now on: all that was told is to be told anew. Answers how much that is. */
    handOver: (externalId: string, now: number): number => doubt.run(externalId, now).changes,

    /** Whether anybody has this id, where users go by their Segment userId. */
    isHeld: (id: string): boolean => holder.get(id) !== null,
  };
}
export type SharedIds = ReturnType<typeof createSharedIds>;

interface Link {
  id: number;
  /** The clock of the event that said so, Unix milliseconds. */
  at: number;
}
const isLater = (a: Link, b: Link): boolean => a.at > b.at || (a.at === b.at && a.id < b.id);
