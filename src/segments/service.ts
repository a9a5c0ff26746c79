import { DomainError, notFound } from '../errors.ts';
import type {
  Conflict,
  NewSegment,
  SegmentChange,
  SegmentJob,
  SegmentRecord,
  Store,
} from '../store/store.ts';
import type { Change, Target, Writer } from '../users/change.ts';
import { type IdentifyAs, normaliseEmail, parseUserId } from '../users/user.ts';
import { compileRules } from './evaluate.ts';
import { compileSegments } from './membership.ts';
import { parseRules, type Rules } from './rules.ts';
import { firstFree, isReservedTrait, slugFromName, traitKeyFromName } from './trait-key.ts';

export interface SegmentDeps {
  store: Store;
  writer: Writer;
  now(): number;
  identifyAs(): IdentifyAs;
}

export interface SegmentInput {
  name: string;
  type: 'manual' | 'dynamic';
  description?: string | null;
  rules?: unknown;
  traitKey?: string;
  sync?: boolean;
}

export async function createSegment(
  { store, now }: SegmentDeps,
  input: SegmentInput,
): Promise<SegmentRecord> {
  const segments = await store.listSegments();
  const name = requireName(input.name);
  const slug = firstFree(slugFromName(name) || 'segment', '-', (slug) =>
    segments.some((s) => s.slug === slug),
  );
  const traitKey = input.traitKey ?? (traitKeyFromName(name) || freeKey('segment', segments));
  refuseReserved(traitKey, segments);
  const rules = acceptRules(input.type, input.rules ?? null, slug, segments);
  const segment: NewSegment = {
    slug,
    name,
    description: input.description ?? null,
    type: input.type,
    rules,
    traitKey,
    sync: input.sync ?? true,
  };
  return accept(await store.createSegment(segment, now()), traitKey, segments);
}

export async function updateSegment(
  deps: SegmentDeps,
  idOrSlug: string,
  input: Partial<Omit<SegmentInput, 'type'>>,
): Promise<SegmentRecord> {
  const segments = await deps.store.listSegments();
  const segment = pick(segments, idOrSlug);
  const change: SegmentChange = {};
  if (input.name !== undefined) change.name = requireName(input.name);
  if (input.description !== undefined) change.description = input.description;
  if (input.sync !== undefined) change.sync = input.sync;
  if (input.traitKey !== undefined && input.traitKey !== segment.traitKey) {
    refuseReserved(input.traitKey, segments);
    change.traitKey = input.traitKey;
  }
  if (input.rules !== undefined)
    change.rules = acceptRules(segment.type, input.rules, segment.slug, segments);
  const context = { now: deps.now(), identifyAs: deps.identifyAs() };
  const updated = await deps.store.updateSegment(segment.id, change, context);
  if (updated === null) throw notFound('segment');
  return accept(updated, change.traitKey ?? segment.traitKey, segments);
}

export async function deleteSegment(deps: SegmentDeps, idOrSlug: string): Promise<void> {
  const segments = await deps.store.listSegments();
  const segment = pick(segments, idOrSlug);
  const user = segments.find(
    ({ id, rules }) => id !== segment.id && rules !== null && compileRules(rules).segments.has(segment.slug),
  );
  if (user !== undefined) {
    throw new DomainError(
      409,
      'segment_in_use',
      `The rules of "${user.name}" refer to this segment; change them first`,
    );
  }
  const context = { now: deps.now(), identifyAs: deps.identifyAs() };
  if (!(await deps.store.deleteSegment(segment.id, context))) throw notFound('segment');
}

export const getSegment = async ({ store }: SegmentDeps, idOrSlug: string): Promise<SegmentRecord> =>
  pick(await store.listSegments(), idOrSlug);

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

/** A segment as the API shows it. */
export function viewSegment(segment: SegmentRecord, jobs: readonly SegmentJob[]) {
  const evaluation = jobs.find((job) => job.segmentId === segment.id && job.kind === 'evaluate');
  return {
    ...segment,
    id: publicSegmentId(segment.id),
    evaluating: evaluation === undefined ? null : { done: evaluation.done, total: evaluation.total },
    createdAt: new Date(segment.createdAt).toISOString(),
    updatedAt: new Date(segment.updatedAt).toISOString(),
  };
}

const publicSegmentId = (id: number) => `segment_${id}`;

function pick(segments: SegmentRecord[], idOrSlug: string): SegmentRecord {
  // A slug has no underscore, so it never looks like an id.
  const found = segments.find(({ id, slug }) => slug === idOrSlug || publicSegmentId(id) === idOrSlug);
  if (found === undefined) throw notFound('segment');
  return found;
}

function requireName(given: string): string {
  const name = given.trim().toWellFormed();
  if (name !== '') return name;
  throw unacceptable('invalid', 'A segment needs a name', [
    { path: 'body.name', message: 'must not be blank' },
  ]);
}

function acceptRules(
  type: 'manual' | 'dynamic',
  given: unknown,
  slug: string,
  segments: SegmentRecord[],
): Rules | null {
  if (type === 'manual') {
    if (given === null) return null;
    throw unacceptable('invalid_rules', 'A manual segment has no rules', [
      { path: 'rules', message: 'leave it out' },
    ]);
  }
  const { rules, problems } = parseRules(given);
  if (problems !== null)
    throw unacceptable('invalid_rules', 'The rules can not be evaluated; see details', problems);
  const others = segments.filter((segment) => segment.slug !== slug);
  const unknown = [...compileRules(rules).segments].filter(
    (used) => used !== slug && !others.some((s) => s.slug === used),
  );
  if (unknown.length > 0) {
    const message = `There is no segment "${unknown[0]}"`;
    throw unacceptable('invalid_rules', message, [{ path: 'rules', message }]);
  }
  try {
    compileSegments([...others, { id: 0, slug, rules }]);
  } catch (error) {
    const { message } = error as Error;
    throw unacceptable('invalid_rules', message, [{ path: 'rules', message }]);
  }
  return rules;
}

function refuseReserved(traitKey: string, segments: SegmentRecord[]) {
  if (!isReservedTrait(traitKey)) return;
  const suggestion = freeKey(`${traitKey}_segment`, segments);
  throw new DomainError(
    422,
    'reserved_trait',
    `Segment reserves the trait "${traitKey}" for itself; choose another traitKey, such as "${suggestion}"`,
    { suggestion },
  );
}

function accept(
  result: SegmentRecord | Conflict,
  traitKey: string,
  segments: SegmentRecord[],
): SegmentRecord {
  if (!('conflict' in result)) return result;
  const suggestion = freeKey(traitKey, segments);
  throw new DomainError(
    409,
    'trait_key_taken',
    `Another segment has the trait "${traitKey}"; choose another traitKey, such as "${suggestion}"`,
    { suggestion },
  );
}

const freeKey = (key: string, segments: SegmentRecord[]) =>
  firstFree(key, '_', (candidate) => segments.some((segment) => segment.traitKey === candidate));

const unacceptable = (slug: string, message: string, details: unknown) =>
  new DomainError(422, slug, message, details);
