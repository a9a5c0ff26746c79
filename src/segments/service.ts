import { DomainError, notFound } from '../errors.ts';
import type { Conflict, NewSegment, SegmentChange, SegmentRecord, Store } from '../store/store.ts';
import type { Writer } from '../users/change.ts';
import type { IdentifyAs } from '../users/user.ts';
import { compileRules } from './evaluate.ts';
import { compileSegments } from './membership.ts';
import { parseRules, type Rules, segmentReferences } from './rules.ts';
import { firstFree, isReservedSlug, slugFromName } from './trait-key.ts';
import { keyFor, refuseKey, takenKey } from './trait-key-choice.ts';
import { publicSegmentId } from './view.ts';

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
  /** Use the trait key although inbound traits use it too. */
  allowTraitCollision?: boolean;
}

export async function createSegment(
  { store, now }: SegmentDeps,
  input: SegmentInput,
): Promise<SegmentRecord> {
  const segments = await store.listSegments();
  const name = cleanName(input.name);
  const slug = firstFree(
    slugFromName(name) || 'segment',
    '-',
    (slug) => isReservedSlug(slug) || segments.some((s) => s.slug === slug),
  );
  const traitKey = input.traitKey ?? keyFor(name, segments);
  await refuseKey(store, traitKey, segments, input.allowTraitCollision === true);
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
  if (input.name !== undefined) change.name = cleanName(input.name);
  if (input.description !== undefined) change.description = input.description;
  if (input.sync !== undefined) change.sync = input.sync;
  if (input.traitKey !== undefined && input.traitKey !== segment.traitKey) {
    await refuseKey(deps.store, input.traitKey, segments, input.allowTraitCollision === true);
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

export const RULES_REFUSED = 'The rules can not be evaluated; see details';

export function pick(segments: SegmentRecord[], idOrSlug: string): SegmentRecord {
  // A slug has no underscore, so it never looks like an id.
  const found = segments.find(({ id, slug }) => slug === idOrSlug || publicSegmentId(id) === idOrSlug);
  if (found === undefined) throw notFound('segment');
  return found;
}

/** What is not well-formed can't be stored. */
const cleanName = (given: string): string => given.trim().toWellFormed();

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
  if (problems !== null) throw unacceptable('invalid_rules', RULES_REFUSED, problems);
  checkReferences(rules, slug, segments);
  return rules;
}

/** Refuses rules of a segment that refer to one that is not there or, in a circle, to itself. */
export function checkReferences(rules: Rules, slug: string, segments: SegmentRecord[]): void {
  const others = segments.filter((segment) => segment.slug !== slug);
  requireSegments(rules, new Set([slug, ...others.map((other) => other.slug)]));
  try {
    compileSegments([...others, { id: 0, slug, rules }]);
  } catch (error) {
    const { message } = error as Error;
    const leadsBack = (from: string, seen: Set<string>): boolean => {
      if (from === slug || seen.has(from)) return from === slug;
      const next = others.find((other) => other.slug === from)?.rules;
      seen.add(from);
      return next != null && [...segmentReferences(next).keys()].some((one) => leadsBack(one, seen));
    };
    const [, path = 'rules'] =
      [...segmentReferences(rules)].find(([used]) => leadsBack(used, new Set())) ?? [];
    throw unacceptable('invalid_rules', message, [{ path, message }]);
  }
}

/** Refuses rules about a segment that is not there. */
export function requireSegments(rules: Rules, slugs: ReadonlySet<string>): void {
  for (const [used, path] of segmentReferences(rules)) {
    if (slugs.has(used)) continue;
    const message = `There is no segment "${used}"`;
    throw unacceptable('invalid_rules', message, [{ path, message }]);
  }
}

/** Queues the evaluation of one dynamic segment, or of all, over every user. */
export async function evaluateSegments(
  { store, now }: SegmentDeps,
  idOrSlug: string | null,
): Promise<number> {
  const segments = await store.listSegments();
  const chosen = idOrSlug === null ? segments : [pick(segments, idOrSlug)];
  const dynamic = chosen.filter((segment) => segment.type === 'dynamic');
  if (idOrSlug !== null && dynamic.length === 0) {
    throw new DomainError(409, 'segment_is_manual', 'A manual segment has no rules to evaluate');
  }
  await store.queueJobs(idsOf(dynamic), 'evaluate', now());
  return dynamic.length;
}

/** Queues telling Segment about every member once more. */
export async function resyncSegment({ store, now }: SegmentDeps, idOrSlug: string): Promise<void> {
  const { id } = pick(await store.listSegments(), idOrSlug);
  await store.queueJobs([id], 'resend', now());
}

/** The same for every segment Segment is told about; answers how many. */
export async function resyncAll({ store, now }: SegmentDeps): Promise<number> {
  const synced = (await store.listSegments()).filter(({ sync }) => sync);
  await store.queueJobs(idsOf(synced), 'resend', now());
  return synced.length;
}

const idsOf = (segments: readonly SegmentRecord[]): number[] => segments.map(({ id }) => id);

function accept(
  result: SegmentRecord | Conflict,
  traitKey: string,
  segments: SegmentRecord[],
): SegmentRecord {
  if (!('conflict' in result)) return result;
  throw takenKey(traitKey, segments);
}

const unacceptable = (slug: string, message: string, details: unknown) =>
  new DomainError(422, slug, message, details);
