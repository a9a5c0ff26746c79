import type { Json, JsonObject } from '../users/attributes.ts';
import type { UserRecord } from '../users/user.ts';
import { compileOperator } from './operators.ts';
import { type Condition, FIELDS, type FieldName, isGroup, type Rules } from './rules.ts';

/** What rules can see of a user. Times are Unix milliseconds. */
export interface Subject {
  email: string;
  name: string | null;
  externalId: string | null;
  createdAt: number;
  lastSeenAt: number | null;
  /** Attribute values, null for one that was unset. */
  attributes: JsonObject;
}

/** What rules see of a stored user. Written out: it runs for every user of an evaluation, and a spread costs more. */
export const subjectOf = (user: UserRecord): Subject => ({
  email: user.email,
  name: user.name,
  externalId: user.externalId,
  createdAt: user.createdAt,
  lastSeenAt: user.lastSeenAt,
  attributes: user.attributes.values,
});

/** Whether the user is in the segment with this slug. */
export type IsMember = (slug: string) => boolean;

type Holds = (user: Subject, isMember: IsMember, now: number) => boolean;
interface Node {
  holds: Holds;
  /** The next moment at which the answer can change by itself; null where time never matters. */
  nextFlip: NextFlip | null;
}
type NextFlip = (user: Subject, now: number) => number;
interface GroupNode extends Node {
  match: Rules['match'];
  children: (GroupNode | ConditionNode)[];
}
interface ConditionNode extends Node {
  condition: Condition;
  seen(user: Subject, isMember: IsMember): Json | undefined;
}

/** A rule set ready to be evaluated many times. */
export interface CompiledRules extends GroupNode {
  /** Names of what the rules read: `email`, `createdAt` … and `attributes.<top-level key>`. */
  reads: ReadonlySet<string>;
  /** Slugs of the segments the rules refer to. */
  segments: ReadonlySet<string>;
}

/** Whether a user matches, and until when (Unix milliseconds, Infinity for always) that holds if nothing else changes. */
export interface Evaluation {
  matches: boolean;
  validUntil: number;
}

/** The one evaluator: pure, given the user, who is in which segment, and the time. */
export function evaluate(rules: CompiledRules, user: Subject, now: number, isMember: IsMember): Evaluation {
  return { matches: rules.holds(user, isMember, now), validUntil: rules.nextFlip?.(user, now) ?? NEVER };
}

/** One condition of an explanation: whether it holds, and the value it saw (null where the user lacks it). */
export type Explanation =
  | { match: Rules['match']; holds: boolean; conditions: Explanation[] }
  | { condition: Condition; holds: boolean; seen: Json };

/** Says for every condition whether it holds and the value it saw. */
export function explain(
  node: GroupNode | ConditionNode,
  user: Subject,
  now: number,
  isMember: IsMember,
): Explanation {
  const holds = node.holds(user, isMember, now);
  if ('children' in node) {
    const conditions = node.children.map((child) => explain(child, user, now, isMember));
    return { match: node.match, holds, conditions };
  }
  return { condition: node.condition, holds, seen: node.seen(user, isMember) ?? null };
}

/** Compiles rules that {@link parseRules} accepted. */
export function compileRules(rules: Rules): CompiledRules {
  const reads = new Set<string>();
  const segments = new Set<string>();
  return { ...compileGroup(rules, reads, segments), reads, segments };
}

function compileGroup(rules: Rules, reads: Set<string>, segments: Set<string>): GroupNode {
  const children = rules.conditions.map((child) =>
    isGroup(child) ? compileGroup(child, reads, segments) : compileCondition(child, reads, segments),
  );
  const timed = children.map((child) => child.nextFlip).filter((flip) => flip !== null);
  return {
    match: rules.match,
    children,
    holds: combine(
      children.map((child) => child.holds),
      rules.match === 'all',
    ),
    nextFlip: timed.length === 0 ? null : (user, now) => earliest(timed, user, now),
  };
}

/** Most groups have one condition or two, and a million users go through each: no loop for those. */
function combine(tests: readonly Holds[], all: boolean): Holds {
  const [first, second] = tests;
  if (first !== undefined && tests.length === 1) return first;
  if (first !== undefined && second !== undefined && tests.length === 2) {
    return all
      ? (user, isMember, now) => first(user, isMember, now) && second(user, isMember, now)
      : (user, isMember, now) => first(user, isMember, now) || second(user, isMember, now);
  }
  return (user, isMember, now) => {
    for (const test of tests) if (test(user, isMember, now) !== all) return !all;
    return all;
  };
}

const NEVER = Number.POSITIVE_INFINITY;

function earliest(flips: readonly NextFlip[], user: Subject, now: number): number {
  let next = NEVER;
  for (const flip of flips) next = Math.min(next, flip(user, now));
  return next;
}

function compileCondition(condition: Condition, reads: Set<string>, segments: Set<string>): ConditionNode {
  const { field, operator, value = null } = condition;
  // Emails are in lower case, so nothing else could match a capital letter.
  const caseSensitive = condition.caseSensitive === true && field !== 'email';
  if (field === 'segment') return compileSegmentCondition(condition, segments);
  const seen = compileField(field, reads);
  const { test, nextFlip } = compileOperator(operator, value, caseSensitive);
  return {
    condition,
    seen,
    holds: (user, _isMember, now) => test(seen(user), now),
    nextFlip: nextFlip === null ? null : (user, now) => nextFlip(seen(user), now),
  };
}

function compileSegmentCondition(condition: Condition, segments: Set<string>): ConditionNode {
  const slugs = (Array.isArray(condition.value) ? condition.value : [condition.value]) as string[];
  for (const slug of slugs) segments.add(slug);
  const negated = condition.operator === 'neq' || condition.operator === 'not_in';
  return {
    condition,
    seen: (_user, isMember) => slugs.filter(isMember),
    holds: (_user, isMember) => slugs.some(isMember) !== negated,
    nextFlip: null,
  };
}

function compileField(field: string, reads: Set<string>): (user: Subject) => Json | undefined {
  if (Object.hasOwn(FIELDS, field)) {
    reads.add(field);
    const name = field as Exclude<FieldName, 'segment'>;
    return (user) => user[name];
  }
  const path = field.slice('attributes.'.length);
  const parts = path.split('.');
  for (let n = 1; n <= parts.length; n++) reads.add(`attributes.${parts.slice(0, n).join('.')}`);
  const read = compilePath(parts);
  return (user) => read(user.attributes);
}

type Read = (object: JsonObject) => Json | undefined;

/** Reads a key of an object's own. Only a name that every object inherits ("constructor") needs the question whose it is. */
const compileKey = (key: string): Read =>
  key in Object.prototype
    ? (object) => (Object.hasOwn(object, key) ? object[key] : undefined)
    : (object) => object[key];

/** Keys may contain dots themselves: the longest key that has a value wins at every level. */
function compilePath(parts: string[]): Read {
  // From the end, so that each rest of the path is compiled once, however many ways lead to it.
  let rests: Read[] = [];
  for (let from = parts.length - 1; from >= 0; from--) {
    const whole = compileKey(parts.slice(from).join('.'));
    const ways = rests.map((rest, i) => ({
      read: compileKey(parts.slice(from, from + 1 + i).join('.')),
      rest,
    }));
    rests = [ways.length === 0 ? whole : longestOf(whole, ways.reverse()), ...rests];
  }
  return rests[0] as Read;
}

function longestOf(whole: Read, ways: readonly { read: Read; rest: Read }[]): Read {
  return (object) => {
    const found = whole(object);
    if (found !== undefined && found !== null) return found;
    for (const { read, rest } of ways) {
      const value = read(object);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
      const inner = rest(value);
      if (inner !== undefined && inner !== null) return inner;
    }
    return undefined;
  };
}
