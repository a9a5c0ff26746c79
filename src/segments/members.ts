import { DomainError } from '../errors.ts';
import type { Change, Target } from '../users/change.ts';
import { normaliseEmail, parseUserId } from '../users/user.ts';
import { pick, type SegmentDeps } from './service.ts';

/** Puts users into a manual segment or takes them out; answers how many are as asked for now, and who is no user. */
export async function setMembers(
  { store, writer }: SegmentDeps,
  idOrSlug: string,
  { userIds, emails }: { userIds?: string[]; emails?: string[] },
  member: boolean,
): Promise<{ done: number; failed: { user: string; reason: string }[] }> {
  const segment = pick(await store.listSegments(), idOrSlug);
  if (segment.type === 'dynamic') {
    throw new DomainError(
      409,
      'segment_is_dynamic',
      'The members of a dynamic segment follow its rules; change those',
    );
  }
  if ((userIds === undefined) === (emails === undefined)) {
    throw new DomainError(422, 'invalid', 'Send either userIds or emails');
  }
  const failed: { user: string; reason: string }[] = [];
  const asked: { user: string; change: Change }[] = [];
  for (const user of userIds ?? emails ?? []) {
    const target = targetOf(user, userIds !== undefined);
    if (target === null)
      failed.push({ user, reason: userIds === undefined ? 'invalid_email' : 'invalid_id' });
    else
      asked.push({ user, change: { kind: 'member', target, segmentId: segment.id, member, cause: 'api' } });
  }
  const outcomes = await writer.submit(asked.map(({ change }) => change));
  outcomes.forEach(({ reason }, i) => {
    if (reason === 'no_match') failed.push({ user: asked[i]?.user ?? '', reason });
  });
  return { done: outcomes.filter(({ reason }) => reason !== 'no_match').length, failed };
}

function targetOf(user: string, isId: boolean): Target | null {
  if (isId) {
    const id = parseUserId(user);
    return id === null ? null : { id };
  }
  const email = normaliseEmail(user);
  return email === null ? null : { email };
}
