import type { Json, JsonObject } from './attributes.ts';

/** What kind of value a path holds for a user. */
export type ObservedType = 'text' | 'number' | 'boolean' | 'date' | 'list' | 'object';

/** One path a user gained or lost; `value` is the scalar as JSON, null where values are not counted one by one. */
export interface Observation {
  path: string;
  /** Null for an element of a list, which is no value of the path by itself. */
  type: ObservedType | null;
  value: string | null;
  /** 1: the user has it now, -1: no longer. */
  delta: 1 | -1;
}

/** Nested objects are followed this deep: `company.plan.tier`. */
const MAX_DEPTH = 3;
/** Longer texts are not offered as values. */
const MAX_VALUE_LENGTH = 100;
/** Longer paths are not observed. */
const MAX_PATH_LENGTH = 256;

/**
 * What a change of some top-level keys does to the statistics of attributes: everything the old values said is taken
 * back, everything the new ones say is added. Unset (null) values say nothing.
 */
export function observe(before: JsonObject, after: JsonObject, keys: readonly string[]): Observation[] {
  // A key with a dot may be the same path as a nested one, whichever of them changes.
  const [old, now] = [Object.keys(before), Object.keys(after)];
  const affected = old.some(hasDot) || now.some(hasDot) ? [...new Set([...old, ...now])] : keys;
  const gone = described(before, affected, -1);
  const come = described(after, affected, 1);
  // An object changes as a whole, and most of its values don't: not taken back only to be added again.
  return [...without(gone, come), ...without(come, gone)];
}

function described(object: JsonObject, keys: readonly string[], delta: 1 | -1): Observation[] {
  const observations: Observation[] = [];
  describeKeys(object, keys, '', { delta, seen: new Set(), observations });
  return observations;
}

function without(some: readonly Observation[], others: readonly Observation[]): readonly Observation[] {
  if (some.length === 0 || others.length === 0) return some;
  const there = new Set(others.map(said));
  return some.filter((one) => !there.has(said(one)));
}

const said = ({ type, value, path }: Observation): string => `${type} ${value} ${path}`;

interface Description {
  delta: 1 | -1;
  /** Paths described already: each of them counts once for a user, with the value a rule would see. */
  seen: Set<string>;
  observations: Observation[];
}

const hasDot = (key: string) => key.includes('.');

function describeKeys(
  object: JsonObject,
  keys: readonly string[],
  prefix: string,
  into: Description,
  depth = 1,
) {
  // As in a rule, the longest key that has a value wins.
  for (const key of keys.some(hasDot) ? keys.toSorted((a, b) => b.length - a.length) : keys) {
    if (Object.hasOwn(object, key)) describe(prefix + key, object[key] as Json, into, depth);
  }
}

function describe(path: string, value: Json, into: Description, depth: number) {
  // What is not well-formed would be stored as something else.
  if (value === null || path.length > MAX_PATH_LENGTH || !path.isWellFormed()) return;
  const type = typeOf(value);
  const { delta, seen, observations } = into;
  if (!seen.has(path)) {
    seen.add(path);
    observations.push({ path, type, value: countable(value), delta });
    if (Array.isArray(value)) {
      const elements = new Set(value.map(countable).filter((element) => element !== null));
      for (const element of elements) observations.push({ path, type: null, value: element, delta });
    }
  }
  if (type === 'object' && depth < MAX_DEPTH) {
    describeKeys(value as JsonObject, Object.keys(value), `${path}.`, into, depth + 1);
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}([T ]|$)/;

export function typeOf(value: Exclude<Json, null>): ObservedType {
  switch (typeof value) {
    case 'string':
      return DATE.test(value) ? 'date' : 'text';
    case 'object':
      return Array.isArray(value) ? 'list' : 'object';
    default:
      return typeof value as 'number' | 'boolean';
  }
}

function countable(value: Json): string | null {
  if (typeof value === 'object') return null;
  return typeof value === 'string' && value.length > MAX_VALUE_LENGTH ? null : JSON.stringify(value);
}
