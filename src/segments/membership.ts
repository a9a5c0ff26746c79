import { type CompiledRules, compileRules, type Subject } from './evaluate.ts';
import type { Rules } from './rules.ts';

/** What deciding memberships needs to know of a segment. */
export interface SegmentDefinition {
  id: number;
  slug: string;
  /** Null for a manual segment. */
  rules: Rules | null;
}

interface DynamicSegment {
  id: number;
  rules: CompiledRules;
}

/** All segments, compiled and in an order in which each comes after the segments its rules refer to. */
export interface SegmentSet {
  dynamic: readonly DynamicSegment[];
  idBySlug: ReadonlyMap<string, number>;
  /** Ids of the dynamic segments that read a field. */
  readersOf: ReadonlyMap<string, readonly number[]>;
}

export interface Flip {
  segmentId: number;
  member: boolean;
}

export interface MembershipDecision {
  flips: Flip[];
  /** The earliest moment at which one of the evaluated answers can change by itself; Infinity for never. */
  validUntil: number;
}

/** Compiles definitions; throws when rules refer to each other in a circle. */
export function compileSegments(definitions: readonly SegmentDefinition[]): SegmentSet {
  const idBySlug = new Map(definitions.map((segment) => [segment.slug, segment.id]));
  const compiled = new Map<string, DynamicSegment>();
  for (const { id, slug, rules } of definitions) {
    if (rules !== null) compiled.set(slug, { id, rules: compileRules(rules) });
  }
  const dynamic: DynamicSegment[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (slug: string) => {
    const segment = compiled.get(slug);
    if (segment === undefined || state.get(slug) === 'done') return;
    if (state.get(slug) === 'open') throw new Error(`Segments refer to each other in a circle at "${slug}"`);
    state.set(slug, 'open');
    for (const other of segment.rules.segments) visit(other);
    state.set(slug, 'done');
    dynamic.push(segment);
  };
  for (const slug of compiled.keys()) visit(slug);

  const readersOf = new Map<string, number[]>();
  for (const { id, rules } of dynamic) {
    for (const field of rules.reads) readersOf.set(field, [...(readersOf.get(field) ?? []), id]);
  }
  return { dynamic, idBySlug, readersOf };
}

/** The dynamic segments whose answer may differ after these fields changed. */
export function affectedSegments(set: SegmentSet, changed: ReadonlySet<string>): Set<number> {
  const affected = new Set<number>();
  for (const field of changed) {
    for (const id of set.readersOf.get(field) ?? []) affected.add(id);
  }
  return affected;
}

/**
 * Decides the memberships of one user in the segments named in `which` and in every segment that refers to one that
 * flips. `current` holds what the user is a member of; it is updated with the flips, `preset` ones (made by hand)
 * included.
 */
export function decideMembership(
  set: SegmentSet,
  which: ReadonlySet<number>,
  user: Subject,
  current: Map<number, boolean>,
  now: number,
  preset: readonly Flip[] = [],
): MembershipDecision {
  const flips: Flip[] = [];
  const flipped = new Set<number>();
  const flip = (segmentId: number, member: boolean) => {
    current.set(segmentId, member);
    flipped.add(segmentId);
    flips.push({ segmentId, member });
  };
  for (const { segmentId, member } of preset) {
    if ((current.get(segmentId) ?? false) !== member) flip(segmentId, member);
  }
  const isMember = (slug: string) => {
    const id = set.idBySlug.get(slug);
    return id !== undefined && current.get(id) === true;
  };
  let validUntil = Number.POSITIVE_INFINITY;
  for (const { id, rules } of set.dynamic) {
    if (!which.has(id) && !refersTo(set, rules, flipped)) continue;
    // What `evaluate` does, without an object for each of a million answers.
    const matches = rules.holds(user, isMember, now);
    if (rules.nextFlip !== null) validUntil = Math.min(validUntil, rules.nextFlip(user, now));
    if (matches !== (current.get(id) ?? false)) flip(id, matches);
  }
  return { flips, validUntil };
}

function refersTo(set: SegmentSet, rules: CompiledRules, flipped: ReadonlySet<number>): boolean {
  if (flipped.size === 0) return false;
  for (const slug of rules.segments) {
    const id = set.idBySlug.get(slug);
    if (id !== undefined && flipped.has(id)) return true;
  }
  return false;
}
