import type { Database } from 'bun:sqlite';
import type { Subject } from '../../segments/evaluate.ts';
import {
  beginDeciding,
  compileSegments,
  decideMemberships,
  type SegmentDefinition,
  type SegmentSet,
} from '../../segments/membership.ts';

/** Which users to look at for which segments. */
export interface ScanRequest {
  /** All segments, as JSON of {@link SegmentDefinition}s. */
  definitions: string;
  /** Ids of the segments to evaluate. */
  which: readonly number[];
  /** The users with ids above this one, up to and with `through`, at most `limit` of them. */
  cursor: number;
  through: number;
  limit: number;
  /** Unix milliseconds. */
  now: number;
}

export interface ScanAnswer {
  /** How far it came; `through` where it came to the end. */
  last: number;
  /** How many users were looked at. */
  users: number;
  /** Ids of those for whom there is something to store, going by their rows, in order. */
  news: number[];
}

/** What an evaluation reads of a user. */
export interface SubjectRow extends Omit<Subject, 'attributes'> {
  id: number;
  dueAt: number | null;
  attributes: string;
}

/** Written for SQLite itself to turn rows into objects of just these columns: through Drizzle each costs twice that. */
export const SUBJECT_COLUMNS = `id, email, name, external_id AS externalId, created_at AS createdAt,
  last_seen_at AS lastSeenAt, due_at AS dueAt, attributes`;

/** Users decided on together: more are no faster, and need more memory. */
const TOGETHER = 500;

/** Looks which users an evaluation of segments will change; reads only, so that any connection can do it. */
export function createScan(sqlite: Database): (request: ScanRequest) => ScanAnswer {
  const usersBetween = sqlite.query<SubjectRow, [number, number, number]>(
    `SELECT ${SUBJECT_COLUMNS} FROM users WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
  );
  const membersBetween = sqlite.query<[userId: number, segmentId: number], [number, number]>(
    `SELECT user_id, segment_id FROM memberships
     WHERE user_id > ? AND user_id <= ? AND member = 1 ORDER BY user_id, segment_id`,
  );
  let compiled: { definitions: string; set: SegmentSet } | null = null;

  function setOf(definitions: string): SegmentSet {
    if (compiled?.definitions !== definitions) {
      compiled = { definitions, set: compileSegments(JSON.parse(definitions) as SegmentDefinition[]) };
    }
    return compiled.set;
  }

  return ({ definitions, which, cursor, through, limit, now }) => {
    const set = setOf(definitions);
    const wanted = new Set(which);
    const answer: ScanAnswer = { last: cursor, users: 0, news: [] };
    while (answer.users < limit && answer.last < through) {
      const most = Math.min(TOGETHER, limit - answer.users);
      const rows = usersBetween.all(answer.last, through, most);
      const last = rows.length < most ? through : (rows.at(-1)?.id ?? through);
      const members = membersBetween.values(answer.last, last) as [userId: number, segmentId: number][];
      const current = byUser(rows, members);
      const users = rows.map((row, i) =>
        beginDeciding(
          Object.assign(row, { attributes: JSON.parse(row.attributes) }),
          current[i] as Map<number, boolean>,
        ),
      );
      decideMemberships(set, wanted, users, now);
      rows.forEach(({ id, dueAt }, i) => {
        const { flips = [], validUntil = NEVER } = users[i] ?? {};
        if (flips.length > 0 || validUntil < (dueAt ?? NEVER)) answer.news.push(id);
      });
      answer.users += rows.length;
      answer.last = last;
    }
    return answer;
  };
}

/** What each user is a member of. Both lists are in the order of users. */
export function byUser(
  users: readonly { id: number }[],
  members: readonly [userId: number, segmentId: number][],
): Map<number, boolean>[] {
  let next = 0;
  return users.map(({ id }) => {
    const current = new Map<number, boolean>();
    for (let member = members[next]; member !== undefined && member[0] <= id; member = members[++next]) {
      if (member[0] === id) current.set(member[1], true);
    }
    return current;
  });
}

const NEVER = Number.POSITIVE_INFINITY;
