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
export function observe(before: JsonObject, after: JsonObject, keys: Iterable<string>): Observation[] {
  const observations: Observation[] = [];
  for (const key of keys) {
    describe(key, own(before, key), -1, 1, observations);
    describe(key, own(after, key), 1, 1, observations);
  }
  return observations;
}

const own = (object: JsonObject, key: string): Json =>
  Object.hasOwn(object, key) ? (object[key] as Json) : null;

function describe(path: string, value: Json, delta: 1 | -1, depth: number, into: Observation[]) {
  if (value === null || path.length > MAX_PATH_LENGTH) return;
  const type = typeOf(value);
  into.push({ path, type, value: countable(value), delta });
  if (Array.isArray(value)) {
    const elements = new Set(value.map(countable).filter((element) => element !== null));
    for (const element of elements) into.push({ path, type: null, value: element, delta });
  }
  if (type === 'object' && depth < MAX_DEPTH) {
    for (const key of Object.keys(value)) {
      describe(`${path}.${key}`, own(value as JsonObject, key), delta, depth + 1, into);
    }
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}([T ]|$)/;

function typeOf(value: Exclude<Json, null>): ObservedType {
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
