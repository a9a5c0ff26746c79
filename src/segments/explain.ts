import { notFound } from '../errors.ts';
import type { SegmentRecord, Store } from '../store/store.ts';
import { parseUserId } from '../users/user.ts';
import { compileRules, type Explanation, explain, subjectOf } from './evaluate.ts';

export interface UserSegment {
  segment: SegmentRecord;
  member: boolean;
  /** For a dynamic segment, where it was asked for: each condition and the value it saw. */
  explanation: Explanation | null;
}

/** The segments a user is in; with `why`, every segment and what its rules see of the user. */
export async function segmentsOfUser(
  store: Store,
  id: string,
  now: number,
  why: boolean,
): Promise<UserSegment[]> {
  const userId = parseUserId(id);
  const user = userId === null ? null : await store.getUser(userId);
  if (user === null) throw notFound('user');
  const segments = await store.listSegments();
  const own = new Set(await store.segmentsOf(user.id));
  const slugs = new Set(segments.filter((segment) => own.has(segment.id)).map((segment) => segment.slug));
  const subject = subjectOf(user);
  return segments
    .filter((segment) => why || own.has(segment.id))
    .map((segment) => ({
      segment,
      member: own.has(segment.id),
      explanation:
        why && segment.rules !== null
          ? readable(explain(compileRules(segment.rules), subject, now, (slug) => slugs.has(slug)))
          : null,
    }));
}

/** Times of the user itself as the API shows them everywhere; those in attributes stay as they came. */
function readable(explanation: Explanation): Explanation {
  if ('conditions' in explanation) {
    return { ...explanation, conditions: explanation.conditions.map(readable) };
  }
  const { condition, seen } = explanation;
  const isTime = condition.field === 'createdAt' || condition.field === 'lastSeenAt';
  return isTime && typeof seen === 'number'
    ? { ...explanation, seen: new Date(seen).toISOString() }
    : explanation;
}
