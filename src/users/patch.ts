import {
  type Attributes,
  canonical,
  clockOf,
  type Json,
  type JsonObject,
  mergeAttributes,
  nestsDeeper,
  plainValues,
  sameJson,
} from './attributes.ts';
import type { UserRecord } from './user.ts';

/** What an event, an edit or an import says about a user. Absent members say nothing, `null` unsets. */
export interface Patch {
  /**
   * The clock of everything in the patch, Unix milliseconds. `'latest'` is an edit by hand: now, and newer than
   * anything the user already carries, so that it always takes effect.
   */
  at: number | 'latest';
  /** Leave alone what is the same already, clocks included, so that repeating the patch changes nothing at all. */
  keepSame?: boolean;
  attributes?: JsonObject;
  name?: string | null;
  externalId?: string | null;
  /** A new address; only edits by hand change it. */
  email?: string;
  /** When the user was active, Unix milliseconds; the latest one counts. */
  seenAt?: number;
}

/** Limits that one user must stay within; what exceeds them is refused whole. */
export interface UserLimits {
  maxAttributes: number;
  maxUserBytes: number;
}

export type Patched =
  | { refused: 'too_deep' | 'too_many_attributes' | 'user_too_large' }
  | {
      refused: null;
      user: UserRecord;
      /** The attribute values as JSON text, null when they stay as they are. */
      attributesJson: string | null;
      /** Names of the rule fields whose value is another one now. */
      changed: Set<string>;
      /** Whether there is anything to store. */
      touched: boolean;
    };

/** Levels of objects and arrays an attribute map may have, itself included: far from where recursion gets tight. */
const MAX_DEPTH = 64;

/** Applies a patch to a user: pure, and for patches with a numeric clock independent of order and repetition. */
export function patchUser(user: UserRecord, given: Patch, now: number, limits: UserLimits): Patched {
  // Before anything else: what comes next recurses, and would run out of stack.
  if (given.attributes !== undefined && nestsDeeper(given.attributes, MAX_DEPTH)) {
    return { refused: 'too_deep' };
  }
  const patch = given.keepSame === true ? withoutSame(user, given) : given;
  const at = patch.at === 'latest' ? Math.max(now, newestClock(user) + 1) : Math.min(patch.at, now);
  const next = { ...user };
  const changed = new Set<string>();
  let touched = false;
  let attributesJson: string | null = null;

  if (patch.attributes !== undefined) {
    const merge = mergeAttributes(user.attributes, patch.attributes, at);
    if (merge.touched) {
      touched = true;
      next.attributes = merge.attributes;
    }
    if (merge.rewritten) {
      attributesJson = JSON.stringify(merge.attributes.values);
      for (const key of merge.changed) changed.add(`attributes.${key}`);
      const refused = exceeded(user.attributes, merge.attributes, attributesJson, limits);
      if (refused !== null) return { refused };
    }
  }
  if (patch.name !== undefined && wins(patch.name, at, user.name, user.nameAt)) {
    touched = true;
    next.name = patch.name;
    next.nameAt = at;
    if (patch.name !== user.name) changed.add('name');
  }
  if (patch.externalId !== undefined && wins(patch.externalId, at, user.externalId, user.externalIdAt)) {
    touched = true;
    next.externalId = patch.externalId;
    next.externalIdAt = at;
    if (patch.externalId !== user.externalId) changed.add('externalId');
  }
  if (patch.email !== undefined && patch.email !== user.email) {
    touched = true;
    next.email = patch.email;
    changed.add('email');
  }
  if (patch.seenAt !== undefined) {
    const seenAt = Math.min(patch.seenAt, now);
    if (user.lastSeenAt === null || seenAt > user.lastSeenAt) {
      touched = true;
      next.lastSeenAt = seenAt;
      changed.add('lastSeenAt');
    }
  }
  if (changed.size > 1 || (changed.size === 1 && !changed.has('lastSeenAt'))) next.updatedAt = now;
  return { refused: null, user: next, attributesJson, changed, touched };
}

function withoutSame(user: UserRecord, patch: Patch): Patch {
  const { attributes, name, externalId, ...rest } = patch;
  const news: Patch = rest;
  if (attributes !== undefined) {
    const { values } = user.attributes;
    const different = Object.entries(attributes).filter(
      ([key, value]) => !sameJson(value, Object.hasOwn(values, key) ? (values[key] as Json) : null),
    );
    if (different.length > 0) news.attributes = Object.fromEntries(different);
  }
  if (name !== undefined && name !== user.name) news.name = name;
  if (externalId !== undefined && externalId !== user.externalId) news.externalId = externalId;
  return news;
}

function exceeded(
  before: Attributes,
  after: Attributes,
  json: string,
  { maxAttributes, maxUserBytes }: UserLimits,
) {
  const set = countSet(after);
  if (set > maxAttributes && set > countSet(before)) return 'too_many_attributes';
  // A character takes at most three bytes, so that most texts need not be measured.
  if (json.length * 3 <= maxUserBytes || Buffer.byteLength(json) <= maxUserBytes) return null;
  const size = sizeOfSet(after);
  if (size > maxUserBytes && size > sizeOfSet(before)) return 'user_too_large';
  // What was unset keeps its key and its clock, and is not what the limit is about, but must end somewhere, too.
  const whole = Buffer.byteLength(json);
  return whole > 4 * maxUserBytes && whole > sizeOf(before.values) ? 'user_too_large' : null;
}

const sizeOf = (values: JsonObject): number => Buffer.byteLength(JSON.stringify(values));
/** Bytes of the attributes that have a value. */
const sizeOfSet = (attributes: Attributes): number => sizeOf(plainValues(attributes));

/** Attributes that have a value. A limit lowered later must not keep what is there from being changed or unset. */
function countSet({ values }: Attributes): number {
  let set = 0;
  for (const key of Object.keys(values)) if (values[key] !== null) set++;
  return set;
}

/** The register rule: newer wins, equal clocks are decided by value. */
function wins(value: string | null, at: number, current: string | null, currentAt: number): boolean {
  return at > currentAt || (at === currentAt && canonical(value) > canonical(current));
}

function newestClock(user: UserRecord): number {
  let newest = Math.max(user.nameAt, user.externalIdAt);
  for (const key of Object.keys(user.attributes.values))
    newest = Math.max(newest, clockOf(user.attributes, key));
  return newest;
}
