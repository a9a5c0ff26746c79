import type { Patch, UserLimits } from './patch.ts';
import type { IdentifyAs } from './user.ts';

/** Why something changed; kept with the history of memberships. */
export type Cause = 'event' | 'api' | 'import' | 'edit' | 'time';

/** The user a change is about: by stored id, by normalised email, or by the Segment userId linked last. */
export type Target = { id: number } | { email: string } | { externalId: string };

/** One step of the write path. Everything that alters a user or a membership is one of these. */
export type Change =
  | { kind: 'merge'; target: Target; patch: Patch; create: boolean; cause: Cause }
  | { kind: 'member'; target: Target; segmentId: number; member: boolean; cause: Cause }
  | { kind: 'evaluate'; target: Target; cause: Cause }
  | { kind: 'delete'; target: Target; cause: Cause };

/** What a change came to. */
export type OutcomeReason =
  | 'applied'
  | 'created'
  | 'unchanged'
  | 'deleted'
  | 'no_match'
  | 'email_taken'
  | 'too_deep'
  | 'too_many_attributes'
  | 'user_too_large';

export interface Outcome {
  reason: OutcomeReason;
  /** The stored id of the user, where there is one. */
  userId: number | null;
  /** How many segments the user joined or left by this change. */
  flips: number;
}

/** What decisions need besides the data: the time and the operator's choices. */
export interface WriteContext extends UserLimits {
  /** Unix milliseconds. */
  now: number;
  identifyAs: IdentifyAs;
}

/** Commits changes in order, atomically with their effects on memberships; answers once they are durable. */
export interface Writer {
  submit(changes: readonly Change[]): Promise<Outcome[]>;
}
