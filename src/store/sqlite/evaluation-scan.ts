import type { Database } from 'bun:sqlite';
import type { Subject } from '../../segments/evaluate.ts';
import {
  beginDeciding,
  compileSegments,
  type Deciding,
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

/** What an evaluation reads of a user, and the same as its row has it. */
interface ReadUser extends Subject {
  id: number;
  dueAt: number | null;
}
export interface SubjectRow extends Omit<ReadUser, 'attributes'> {
  attributes: string;
}
export type Member = [userId: number, segmentId: number];

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
  const membersBetween = sqlite.query<Member, [number, number]>(
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
      const members = membersBetween.values(answer.last, last) as Member[];
      for (const { user, flips, validUntil } of decideRows(set, wanted, rows, members, now)) {
        if (flips.length > 0 || validUntil < (user.dueAt ?? NEVER)) answer.news.push(user.id);
      }
      answer.users += rows.length;
      answer.last = last;
    }
    return answer;
  };
}

/** Decides on users of rows and of what they are members of, both in the order of users; `complete` adds what is newer. */
export function decideRows(
  set: SegmentSet,
  which: ReadonlySet<number>,
  rows: readonly SubjectRow[],
  members: readonly Member[],
  now: number,
  complete?: (user: ReadUser) => void,
): Deciding<ReadUser>[] {
  let next = 0;
  const users = rows.map((row) => {
    const current = new Map<number, boolean>();
    for (let member = members[next]; member !== undefined && member[0] <= row.id; member = members[++next]) {
      if (member[0] === row.id) current.set(member[1], true);
    }
    // In place: it runs for every user of an evaluation, and a copy costs more.
    const user: ReadUser = Object.assign(row, { attributes: JSON.parse(row.attributes) });
    complete?.(user);
    return beginDeciding(user, current);
  });
  decideMemberships(set, which, users, now);
  return users;
}

const NEVER = Number.POSITIVE_INFINITY;
