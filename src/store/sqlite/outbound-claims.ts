import type { SqliteConnection } from './database.ts';

/**
 * The memberships that were handed out to be told: from that commit on, Segment may have them. One row says so for all
 * of them, because nearly always they are settled a moment later; only where they are not, or where somebody has to
 * know meanwhile, it is written into each.
 */
export function createOutboundClaims({ sqlite }: SqliteConnection) {
  const add = sqlite.query('INSERT INTO outbound_claims (pairs) VALUES (?)');
  const count = sqlite.query<[number | null], []>(
    'SELECT sum(json_array_length(pairs)) FROM outbound_claims',
  );
  const doubt = sqlite.query(
    `UPDATE memberships SET told = 2
     FROM (SELECT value ->> 0 AS user, value ->> 1 AS segment FROM outbound_claims, json_each(pairs)) AS claimed
     WHERE user_id = claimed.user AND segment_id = claimed.segment`,
  );
  const changedBack = sqlite.query<[number], []>(
    `SELECT count(*) FROM outbound_claims, json_each(pairs) AS claimed
     JOIN memberships ON user_id = claimed.value ->> 0 AND segment_id = claimed.value ->> 1
     WHERE member = told`,
  );
  const drop = sqlite.query('DELETE FROM outbound_claims');

  const outstanding = (): number => (count.values() as [number | null][])[0]?.[0] ?? 0;
  return {
    add(memberships: readonly { userId: number; segmentId: number }[]) {
      add.run(JSON.stringify(memberships.map(({ userId, segmentId }) => [userId, segmentId])));
    },

    /** How many memberships were handed out and are not settled. */
    outstanding,

    /** How many of them have changed again, so that their own rows don't say that there is something to tell. */
    changedBack: (): number => (changedBack.values() as [number][])[0]?.[0] ?? 0,

    /** They are settled. */
    drop() {
      drop.run();
    },

    /** Makes each say that Segment may have it: for those who are about to ask, and where nobody will settle them. */
    spill() {
      if (outstanding() === 0) return;
      doubt.run();
      drop.run();
    },
  };
}
export type OutboundClaims = ReturnType<typeof createOutboundClaims>;
