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
  /** Ids of the segments the rules refer to. */
  refersTo: readonly number[];
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
    if (rules === null) continue;
    const compiledRules = compileRules(rules);
    const refersTo = [...compiledRules.segments].flatMap((other) => idBySlug.get(other) ?? []);
    compiled.set(slug, { id, rules: compiledRules, refersTo });
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

/** What a change of a user does to the answers of some segments. */
export interface ChangedAnswers {
  /** The segments that have to be decided on: their answer is another one, or other segments have a say in it. */
  open: Set<number>;
  /** The earliest moment at which one of the other answers can change by itself; Infinity for never. */
  validUntil: number;
}

/**
 * Which of the segments named in `which` a change of a user decides anew. Most events change no answer, and comparing
 * two of them costs far less than reading what a user is a member of.
 */
export function changedAnswers(
  set: SegmentSet,
  which: ReadonlySet<number>,
  before: Subject,
  after: Subject,
  now: number,
): ChangedAnswers {
  const open = new Set<number>();
  let validUntil = Number.POSITIVE_INFINITY;
  for (const { id, rules } of set.dynamic) {
    if (!which.has(id)) continue;
    if (rules.segments.size > 0 || rules.holds(before, inNone, now) !== rules.holds(after, inNone, now))
      open.add(id);
    else if (rules.nextFlip !== null) validUntil = Math.min(validUntil, rules.nextFlip(after, now));
  }
  return { open, validUntil };
}

const inNone = () => false;

/** One user whose memberships are being decided. */
export interface Deciding<User extends Subject = Subject> {
  user: User;
  /** What the user is a member of; updated with the flips. */
  current: Map<number, boolean>;
  flips: Flip[];
  validUntil: number;
}

/** Begins with what was made by hand. */
export function beginDeciding<User extends Subject>(
  user: User,
  current: Map<number, boolean>,
  preset: readonly Flip[] = [],
): Deciding<User> {
  const one: Deciding<User> = { user, current, flips: [], validUntil: Number.POSITIVE_INFINITY };
  for (const flip of preset) if (isNews(one, flip.segmentId, flip.member)) flipOne(one, flip);
  return one;
}

/**
 * Decides the memberships of users in the segments named in `which` and in every segment that refers to one that
 * flips. Segment by segment, because one rule over many users after another costs a third less than all rules over one user.
 */
export function decideMemberships(
  set: SegmentSet,
  which: ReadonlySet<number>,
  users: readonly Deciding[],
  now: number,
): void {
  let current: ReadonlyMap<number, boolean>;
  const isMember = (slug: string) => {
    const id = set.idBySlug.get(slug);
    return id !== undefined && current.get(id) === true;
  };
  for (const { id, rules, refersTo } of set.dynamic) {
    const wanted = which.has(id);
    for (const one of users) {
      if (!wanted && !one.flips.some(({ segmentId }) => refersTo.includes(segmentId))) continue;
      current = one.current;
      // What `evaluate` does, without an object for each of a million answers.
      const member = rules.holds(one.user, isMember, now);
      if (rules.nextFlip !== null) one.validUntil = Math.min(one.validUntil, rules.nextFlip(one.user, now));
      if (isNews(one, id, member)) flipOne(one, { segmentId: id, member });
    }
  }
}

/** The same for one user. */
export function decideMembership(
  set: SegmentSet,
  which: ReadonlySet<number>,
  user: Subject,
  current: Map<number, boolean>,
  now: number,
  preset: readonly Flip[] = [],
): MembershipDecision {
  const one = beginDeciding(user, current, preset);
  decideMemberships(set, which, [one], now);
  return { flips: one.flips, validUntil: one.validUntil };
}

const isNews = ({ current }: Deciding, segmentId: number, member: boolean) =>
  (current.get(segmentId) ?? false) !== member;

function flipOne({ current, flips }: Deciding, flip: Flip) {
  current.set(flip.segmentId, flip.member);
  flips.push(flip);
}
