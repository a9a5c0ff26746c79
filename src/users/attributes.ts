/** Any JSON value, as an attribute can hold it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A plain JSON object. Its keys are data: `__proto__` is an ordinary own key. */
export type JsonObject = { [key: string]: Json };

/**
 * A user's attributes as last-writer-wins registers. `values` holds the JSON value of each key, `null` for one that
 * was unset (its clock must survive, or a late event would bring the value back). The clock of a key, in Unix
 * milliseconds, is `exceptions[key]` where there is one, else `clock`: one event usually sets nearly all keys, so
 * most users carry a single number.
 */
export interface Attributes {
  values: JsonObject;
  clock: number;
  exceptions: Record<string, number> | null;
}

export const noAttributes = (): Attributes => ({ values: {}, clock: 0, exceptions: null });

/** The clock of `key` in Unix milliseconds, or -Infinity when the key was never set. */
export function clockOf(attributes: Attributes, key: string): number {
  if (!Object.hasOwn(attributes.values, key)) return Number.NEGATIVE_INFINITY;
  const { exceptions } = attributes;
  return exceptions !== null && Object.hasOwn(exceptions, key)
    ? (exceptions[key] as number)
    : attributes.clock;
}

/** What the API shows: every key that is set, without clocks. */
export function plainValues(attributes: Attributes): JsonObject {
  const plain: JsonObject = {};
  for (const key of Object.keys(attributes.values)) {
    const value = attributes.values[key] as Json;
    if (value !== null) put(plain, key, value);
  }
  return plain;
}

export interface Merge {
  attributes: Attributes;
  /** Keys whose value is another one now. */
  changed: string[];
  /** Whether anything is to be stored: a value, or only a newer clock. */
  touched: boolean;
  /** Whether the values themselves are to be stored; most events only bring newer clocks. */
  rewritten: boolean;
}

/**
 * Merges the values one event carries, all with the clock `at` (Unix milliseconds). A key is taken when its clock is
 * newer, or equal and its value greater in {@link canonical} order, so any order and any repetition of the same
 * merges ends in the same attributes. The input is not modified.
 */
export function mergeAttributes(current: Attributes, incoming: JsonObject, at: number): Merge {
  const changed: string[] = [];
  const taken = new Set<string>();
  const news: string[] = [];
  for (const key of Object.keys(incoming)) {
    const clock = clockOf(current, key);
    if (at < clock) continue;
    const isNew = clock === Number.NEGATIVE_INFINITY;
    const before = isNew ? null : (current.values[key] as Json);
    const value = incoming[key] as Json;
    const same = sameJson(before, value);
    if (at === clock && (same || canonical(value) <= canonical(before))) continue;
    taken.add(key);
    if (!same) changed.push(key);
    if (!same || isNew) news.push(key);
  }
  const rewritten = news.length > 0;
  if (taken.size === 0) return { attributes: current, changed, touched: false, rewritten };

  let { values } = current;
  if (rewritten) {
    values = {};
    for (const key of Object.keys(current.values)) put(values, key, current.values[key] as Json);
    // What is the same stays the same object: the difference of two states is seen without a look inside.
    for (const key of news) put(values, key, asStored(incoming[key] as Json));
  }
  return { attributes: withClocks(current, values, taken, at), changed, touched: true, rewritten };
}

/** The value as JSON keeps it, so that users in memory are what they will be when they are read: 1e999 is null, -0 is 0. */
function asStored(value: Json): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}

/** Chooses the shared clock: the one most keys carry, the newest of equals, so that equal states are stored alike. */
function withClocks(current: Attributes, values: JsonObject, taken: Set<string>, at: number): Attributes {
  const keys = Object.keys(values);
  if (taken.size === keys.length) return { values, clock: at, exceptions: null };

  const clockFor = (key: string) => (taken.has(key) ? at : clockOf(current, key));
  const held = new Map<number, number>();
  for (const key of keys) held.set(clockFor(key), (held.get(clockFor(key)) ?? 0) + 1);
  let clock = at;
  let most = 0;
  for (const [candidate, count] of held) {
    if (count > most || (count === most && candidate > clock)) {
      clock = candidate;
      most = count;
    }
  }
  const exceptions: Record<string, number> = {};
  for (const key of keys.sort()) if (clockFor(key) !== clock) put(exceptions, key, clockFor(key));
  return { values, clock, exceptions: held.size === 1 ? null : exceptions };
}

/** Whether a value is an object with keys, so neither null nor a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Assignment that treats `__proto__` as the ordinary key it is in JSON. */
export function put<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}

/** Equality of JSON values; the order of an object's keys does not matter. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  // Walked in place of making texts of both: nearly every event repeats the objects its user has.
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameInside(a[i] as Json, b[i] as Json)) return false;
    return true;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !sameInside(a[key] as Json, b[key] as Json)) return false;
  }
  return true;
}

/** The same for values inside of others, which are compared as they are stored. */
const sameInside = (a: Json, b: Json): boolean => sameJson(a, b) || written(a) === written(b);

/** As JSON writes it: a number that is none (1e999) is null. */
const written = (value: Json): Json => (typeof value === 'number' && !Number.isFinite(value) ? null : value);

/** One text for each JSON value (object keys sorted), used only to order and compare values. */
export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`);
  return `{${members.join(',')}}`;
}

/** Whether objects and arrays nest deeper than so many levels. */
export function nestsDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // No list of the values: this runs over everything that comes in.
  for (const key in value) if (nestsDeeper((value as JsonObject)[key] as Json, levels - 1)) return true;
  return false;
}
