import { DomainError } from '../errors.ts';
import type { SegmentRecord, Store } from '../store/store.ts';
import { firstFree, isReservedTrait, traitKeyFromName } from './trait-key.ts';

/** The key a new segment of this name gets when none is chosen. */
export const keyFor = (name: string, segments: SegmentRecord[]): string =>
  traitKeyFromName(name) || freeKey('segment', segments);

/** Refuses a key that Segment reserves or, unless that was confirmed, one that users have as an attribute. */
export async function refuseKey(
  store: Store,
  key: string,
  segments: SegmentRecord[],
  allowCollision: boolean,
) {
  const error =
    reservedKey(key, segments) ?? (allowCollision ? null : await collidingKey(store, key, segments));
  if (error !== null) throw error;
}

function reservedKey(traitKey: string, segments: SegmentRecord[]): DomainError | null {
  if (!isReservedTrait(traitKey)) return null;
  const suggestion = freeKey(`${traitKey}_segment`, segments);
  return new DomainError(
    422,
    'reserved_trait',
    `Segment reserves the trait "${traitKey}" for itself; choose another traitKey, such as "${suggestion}"`,
    { suggestion },
  );
}

/** Two writers of one trait at Segment would overwrite each other without end. */
async function collidingKey(
  store: Store,
  traitKey: string,
  segments: SegmentRecord[],
): Promise<DomainError | null> {
  const users = await store.usersWithAttribute(traitKey);
  if (users === 0) return null;
  const suggestion = freeKey(`${traitKey}_segment`, segments);
  return new DomainError(
    409,
    'trait_in_use',
    `${users} users have an attribute "${traitKey}", so Segment may already send a trait of this name; choose another traitKey, such as "${suggestion}", or confirm with allowTraitCollision`,
    { suggestion, users },
  );
}

export function takenKey(traitKey: string, segments: SegmentRecord[]): DomainError {
  const suggestion = freeKey(traitKey, segments);
  return new DomainError(
    409,
    'trait_key_taken',
    `Another segment has the trait "${traitKey}"; choose another traitKey, such as "${suggestion}"`,
    { suggestion },
  );
}

export interface TraitKeyCheck {
  traitKey: string;
  /** Why a segment can't have the key, or only when that is confirmed; null where it can. */
  problem: { code: string; message: string; suggestion: string; users: number | null } | null;
}

/** What stands against a trait key for `own`, or for a new segment (null). */
export async function checkTraitKey(
  store: Store,
  traitKey: string,
  segments: SegmentRecord[],
  own: SegmentRecord | null,
): Promise<TraitKeyCheck> {
  const others = segments.filter((segment) => segment !== own);
  const taken = others.some((segment) => segment.traitKey === traitKey);
  const problem =
    own?.traitKey === traitKey
      ? null
      : (reservedKey(traitKey, others) ??
        (taken ? takenKey(traitKey, others) : await collidingKey(store, traitKey, others)));
  if (problem === null) return { traitKey, problem: null };
  const { suggestion, users = null } = problem.details as { suggestion: string; users?: number };
  return { traitKey, problem: { code: problem.slug, message: problem.message, suggestion, users } };
}

/** Cut short, so that a number at its end leaves it within the 100 characters of a key. */
const freeKey = (key: string, segments: SegmentRecord[]) =>
  firstFree(key.slice(0, 95), '_', (candidate) => segments.some((segment) => segment.traitKey === candidate));
