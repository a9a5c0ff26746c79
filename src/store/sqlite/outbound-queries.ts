import { and, eq, inArray, isNull, lte, ne, notExists, or, sql } from 'drizzle-orm';
import { memberships, retractions, segmentJobs, segments, users } from '../../../db/schema.ts';
import { type IdentifyAs, outboundId } from '../../users/user.ts';
import type { Backlog, Level, NextOutbound, Settlement, Telling } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import type { OutboundClaims } from './outbound-claims.ts';
import type { SharedIds } from './shared-ids.ts';
import {
  countRows,
  isMember,
  isParked,
  isParkedRetraction,
  isPending,
  isPendingRetraction,
  PENDING,
} from './terms.ts';

/** How many times `limit` void retractions, or leaves that are not told, one claim drops at most: everything else waits. */
const VOID_PASSES = 10;

/** What Segment has not taken yet, and the record of what it took. */
export function createOutboundQueries(
  { sqlite, db }: SqliteConnection,
  claims: OutboundClaims,
  sharedIds: SharedIds,
) {
  // What is run for each change, as SQL: through Drizzle these four cost as much again.
  const usersPending = sqlite.query<[userId: number], [segmentId: number, limit: number]>(
    `SELECT user_id FROM memberships WHERE segment_id = ? AND ${PENDING} ORDER BY changed_at, user_id LIMIT ?`,
  );
  // CROSS JOIN keeps the order: the users named, and the few rows of each.
  const rowsPending = sqlite.query<PendingRow, [userIds: string]>(
    `SELECT user_id AS userId, segment_id AS segmentId, version, changed_at AS changedAt, member, told, email,
       external_id AS externalId
     FROM json_each(?) AS named CROSS JOIN users CROSS JOIN memberships
     WHERE users.id = named.value AND user_id = users.id AND ${PENDING}`,
  );
  const memberOf = sqlite.query<[member: number], [userId: number, segmentId: number]>(
    'SELECT member FROM memberships WHERE user_id = ? AND segment_id = ?',
  );
  // The row a level was read from, unless it has changed since.
  const EXACT = 'user_id = ? AND segment_id = ? AND version = ?';
  const setTold = sqlite.query(`UPDATE memberships SET told = member WHERE ${EXACT}`);
  const setDoubtful = sqlite.query('UPDATE memberships SET told = 2 WHERE user_id = ? AND segment_id = ?');
  const setMaybeTold = sqlite.query(
    'UPDATE memberships SET told = 2 WHERE user_id = ? AND segment_id = ? AND told = 0',
  );
  const setParked = sqlite.query(`UPDATE memberships SET told = 2, parked = ? WHERE ${EXACT}`);
  const firstRetractions = db
    .select()
    .from(retractions)
    .where(
      and(
        isPendingRetraction,
        sql`${retractions.outboundId} NOT IN (SELECT value FROM json_each(${sql.placeholder('except')}))`,
      ),
    )
    .orderBy(retractions.id)
    .limit(sql.placeholder('limit'))
    .prepare();
  const retracting = db
    .select({ id: segmentJobs.segmentId })
    .from(segmentJobs)
    .where(and(eq(segmentJobs.segmentId, segments.id), eq(segmentJobs.kind, 'retract')));
  const open = db
    .select({ id: segments.id, traitKey: segments.traitKey })
    .from(segments)
    .where(and(eq(segments.sync, true), isNull(segments.deletedAt), notExists(retracting)))
    .prepare();
  const dropRetraction = db
    .delete(retractions)
    .where(eq(retractions.id, sql.placeholder('id')))
    .prepare();
  const parkRetraction = db
    .update(retractions)
    .set({ parked: sql`${sql.placeholder('error')}` })
    .where(eq(retractions.id, sql.placeholder('id')))
    .prepare();

  const firstJob = db
    .select({ one: sql`1` })
    .from(segmentJobs)
    .where(eq(segmentJobs.kind, sql.placeholder('kind')))
    .limit(1)
    .prepare();

  /** Segments that may be told about: switched on, and not waiting for a retraction of their own to be complete. */
  function openSegments(): Map<number, string> {
    return new Map(open.all().map((row) => [row.id, row.traitKey]));
  }

  /**
   * Where a live membership sets the trait of a retraction to true again, that one speaks and the retraction is void.
   * What Segment holds passes to the membership: it may end before it was ever told.
   */
  function dropVoidRetractions(identifyAs: IdentifyAs, through: number) {
    const id =
      identifyAs === 'email' ? sql`${users.email}` : sql`ifnull(${users.externalId}, ${users.email})`;
    const lookUps = identifyAs === 'email' ? [users.email] : [users.email, users.externalId];
    const speaks = or(eq(segments.sync, true), ne(memberships.told, 0));
    for (const column of lookUps) {
      // CROSS JOIN keeps the order: retraction, its user, that one's few rows, never all members of a segment.
      const speaking = db
        .select({ retraction: retractions.id, membership: memberships })
        .from(retractions)
        .crossJoin(users)
        .crossJoin(memberships)
        .crossJoin(segments)
        .where(
          and(
            isPendingRetraction,
            lte(retractions.id, through),
            eq(column, retractions.outboundId),
            eq(id, retractions.outboundId),
            eq(memberships.userId, users.id),
            isMember,
            speaks,
            eq(segments.id, memberships.segmentId),
            eq(segments.traitKey, retractions.traitKey),
            isNull(segments.deletedAt),
          ),
        )
        .all();
      for (const { retraction, membership } of speaking) {
        dropRetraction.run({ id: retraction });
        setMaybeTold.run(membership.userId, membership.segmentId);
      }
    }
  }

  /** The first retractions that are not void. */
  function firstValid({ limit, identifyAs, except: ids = [] }: NextOutbound) {
    // Until these are through, a membership may be known to Segment by another trait or id than the one it has now,
    // and can't be asked what it speaks for.
    if (firstJob.get({ kind: 'retract' }) !== undefined) return [];
    const except = JSON.stringify(ids);
    for (let pass = 0; pass < VOID_PASSES; pass++) {
      const last = firstRetractions.all({ limit, except }).at(-1)?.id;
      if (last === undefined) break;
      dropVoidRetractions(identifyAs, last);
      // What moved up in place of a void one may be void as well.
      const rows = firstRetractions.all({ limit, except }).filter(({ id }) => id <= last);
      if (rows.length > 0) return rows;
    }
    return [];
  }

  function pendingRetractions(next: NextOutbound): Telling[] {
    const tellings = new Map<string, Telling>();
    for (const { id, outboundId: to, traitKey, createdAt } of firstValid(next)) {
      const level: Level = { kind: 'retraction', id, changedAt: createdAt, traitKey, value: false };
      const telling = tellings.get(to);
      if (telling === undefined) tellings.set(to, { outboundId: to, levels: [level] });
      else telling.levels.push(level);
    }
    return [...tellings.values()];
  }

  /** The users who wait longest. */
  function firstPending(limit: number, traitKeys: ReadonlyMap<number, string>): string {
    const ids = new Set<number>();
    // An equal share for each segment first, so that a large one never keeps the others waiting.
    const share = Math.max(1, Math.floor(limit / Math.max(1, traitKeys.size)));
    for (const most of [share, limit]) {
      for (const segmentId of traitKeys.keys()) {
        if (ids.size >= limit) break;
        for (const [userId] of usersPending.values(segmentId, most) as [number][]) {
          if (ids.size < limit) ids.add(userId);
        }
      }
      if (most === limit || ids.size >= limit) break;
    }
    return JSON.stringify([...ids]);
  }

  /**
   * What the user linked last says where a row belongs to another one with the same id: null where that needs no telling.
   * What Segment holds passes to that one, who may leave before having been told.
   */
  function spokenFor(row: PendingRow): { value: boolean } | null {
    const speaker = sharedIds.speakerFor({ ...row, id: row.userId });
    if (speaker === null) return { value: row.member === 1 };
    const isMember = (memberOf.values(speaker, row.segmentId) as [number][])[0]?.[0] === 1;
    if (!isMember && row.told !== 0) return { value: false };
    setTold.run(...rowOf(row));
    setMaybeTold.run(speaker, row.segmentId);
    return null;
  }

  function pendingMemberships({ limit, identifyAs, except = [] }: NextOutbound): Telling[] {
    // A resending marks row after row: what was told in between would be told again, and one trait at a time.
    if (firstJob.get({ kind: 'resend' }) !== undefined) return [];
    const traitKeys = openSegments();
    const tellings = new Map<number, Telling>();
    for (let pass = 0; pass < VOID_PASSES && tellings.size === 0; pass++) {
      const userIds = firstPending(limit + except.length, traitKeys);
      const rows = rowsPending.all(userIds).filter(({ segmentId }) => traitKeys.has(segmentId));
      if (rows.length === 0) break;
      // Where all of them have nothing to say any more, others have moved up in their place.
      for (const row of rows) {
        const says = identifyAs === 'email' ? { value: row.member === 1 } : spokenFor(row);
        if (says === null) continue;
        const { userId, segmentId, version, changedAt } = row;
        const traitKey = traitKeys.get(segmentId) as string;
        const level: Level = {
          kind: 'membership',
          userId,
          segmentId,
          version,
          changedAt,
          traitKey,
          value: says.value,
        };
        const telling = tellings.get(userId);
        if (telling !== undefined) telling.levels.push(level);
        else tellings.set(userId, { outboundId: outboundId(row, identifyAs), levels: [level] });
      }
    }
    return [...tellings.values()].filter((telling) => !except.includes(telling.outboundId)).slice(0, limit);
  }

  return {
    settle({ taken, parked }: Settlement): void {
      const claimed = claims.outstanding();
      // Of the others nobody knows whether Segment has them.
      if (taken.length + parked.length < claimed) claims.spill();
      else if (claimed > 0) claims.drop();
      for (const level of taken) {
        if (level.kind === 'retraction') dropRetraction.run({ id: level.id });
        else {
          const { changes } = setTold.run(...rowOf(level));
          // It has changed meanwhile, and Segment holds what it was.
          if (changes === 0 && claimed > 0) setDoubtful.run(level.userId, level.segmentId);
        }
      }
      for (const { level, error } of parked) {
        if (level.kind === 'retraction') parkRetraction.run({ id: level.id, error });
        else setParked.run(error, ...rowOf(level));
      }
    },

    /** What to tell next. */
    claim(next: NextOutbound): Telling[] {
      const retracting = pendingRetractions(next);
      if (retracting.length > 0) return retracting;
      const tellings = pendingMemberships(next);
      const levels = tellings.flatMap((telling) => telling.levels);
      if (levels.length > 0) claims.add(levels.filter((level) => level.kind === 'membership'));
      return tellings;
    },

    outboundBacklog(): Backlog {
      const open = [...openSegments().keys()];
      const [row] = db
        .select({
          pending: sql<number>`count(*)`,
          oldestAt: sql<number | null>`min(${memberships.changedAt})`,
        })
        .from(memberships)
        .where(and(inArray(memberships.segmentId, open), isPending))
        .all();
      const [retraction] = db
        .select({
          pending: sql<number>`count(*)`,
          oldestAt: sql<number | null>`min(${retractions.createdAt})`,
        })
        .from(retractions)
        .where(isPendingRetraction)
        .all();
      const oldest = [row?.oldestAt, retraction?.oldestAt].filter((at) => typeof at === 'number');
      return {
        pending: (row?.pending ?? 0) + claims.changedBack() + (retraction?.pending ?? 0),
        parked: countRows(db, memberships, isParked) + countRows(db, retractions, isParkedRetraction),
        oldestAt: oldest.length === 0 ? null : Math.min(...oldest),
      };
    },

    unpark(): number {
      const rows = db
        .update(memberships)
        .set({ parked: null })
        .where(isParked)
        .returning({ one: sql`1` })
        .all();
      const gone = db
        .update(retractions)
        .set({ parked: null })
        .where(isParkedRetraction)
        .returning({ one: sql`1` })
        .all();
      return rows.length + gone.length;
    },
  };
}

type Row = Pick<Extract<Level, { kind: 'membership' }>, 'userId' | 'segmentId' | 'version'>;
const rowOf = ({ userId, segmentId, version }: Row) => [userId, segmentId, version] as const;

interface PendingRow extends Row {
  changedAt: number;
  member: number;
  told: number;
  email: string;
  externalId: string | null;
}
