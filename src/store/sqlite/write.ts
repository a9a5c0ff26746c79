import type { memberships } from '../../../db/schema.ts';
import { subjectOf } from '../../segments/evaluate.ts';
import {
  affectedSegments,
  changedAnswers,
  decideMembership,
  type Flip,
  type SegmentSet,
} from '../../segments/membership.ts';
import type { Cause, Change, Outcome, WriteContext } from '../../users/change.ts';
import { observe } from '../../users/observe.ts';
import { patchUser } from '../../users/patch.ts';
import { emptyUser, outboundId, type UserRecord } from '../../users/user.ts';
import type { SqliteConnection } from './database.ts';
import type { Observed } from './observed.ts';
import type { OutboundClaims } from './outbound-claims.ts';
import type { SegmentCache } from './segment-cache.ts';
import type { SharedIds } from './shared-ids.ts';
import type { StoredUsers } from './stored-users.ts';
import type { UserCount } from './user-count.ts';
import type { UserJournal } from './user-journal.ts';
import { clockColumns } from './user-rows.ts';
import { createWriteStatements } from './write-statements.ts';

/**
 * The one write path: load a user, decide, store. Everything here runs inside a transaction of the caller's, so an
 * error leaves nothing behind.
 */
export function createWritePath(
  connection: SqliteConnection,
  { cache, observed, users, userCount, journal, claims, sharedIds }: Kept,
) {
  const statements = createWriteStatements(connection);
  /** Counts what the background loops may have to do, so that most commits need not wake anybody. */
  let waiting = 0;
  /** Joins and leaves since they were last asked for. */
  let flipped = 0;

  /** Applies changes in order, inside a transaction; `news` says whether there is something for the background loops. */
  function apply(changes: readonly Change[], context: WriteContext): { outcomes: Outcome[]; news: boolean } {
    const run: Run = { context, set: cache.current().set, counts: new Map() };
    const before = waiting;
    users.prefetch(changes.map(({ target }) => target));
    const outcomes = changes.map((change) => applyOne(change, run));
    storeCounts(run.counts);
    observed.save();
    journal.save();
    return { outcomes, news: waiting > before };
  }

  function applyOne(change: Change, run: Run): Outcome {
    const user = users.find(change.target);
    if (change.kind === 'merge') return merge(change, user, run);
    if (user === null) return { reason: 'no_match', userId: null, flips: 0 };
    switch (change.kind) {
      case 'member': {
        // It may have been deleted since the caller looked.
        if (!cache.current().records.some(({ id }) => id === change.segmentId)) {
          return { reason: 'no_match', userId: user.id, flips: 0 };
        }
        const preset = [{ segmentId: change.segmentId, member: change.member }];
        const { flips, validUntil } = reevaluate(user, new Set(), preset, change.cause, run);
        bringForwardDue(user, validUntil);
        return { reason: flips === 0 ? 'unchanged' : 'applied', userId: user.id, flips };
      }
      case 'evaluate': {
        const { flips, validUntil } = reevaluate(user, allOf(run.set), [], change.cause, run);
        storeDue(user, validUntil);
        return { reason: flips === 0 ? 'unchanged' : 'applied', userId: user.id, flips };
      }
      case 'delete': {
        const { flips, ...outcome } = remove(user, run);
        if (!('externalId' in change.target)) return { ...outcome, flips };
        // Users with the same externalId are one person to Segment.
        let all = flips;
        for (let other = users.find(change.target); other !== null; other = users.find(change.target))
          all += remove(other, run).flips;
        return { ...outcome, flips: all };
      }
    }
  }

  function merge({ target, patch, create, cause }: Merge, found: UserRecord | null, run: Run): Outcome {
    if (found === null && !(create && 'email' in target))
      return { reason: 'no_match', userId: null, flips: 0 };
    const { context, set } = run;
    const before = found ?? emptyUser((target as { email: string }).email, context.now);
    const patched = patchUser(before, patch, context.now, context);
    if (patched.refused !== null) return { reason: patched.refused, userId: found?.id ?? null, flips: 0 };
    const { user, attributesJson, changed } = patched;

    if (found === null) {
      const attributes = attributesJson ?? JSON.stringify(user.attributes.values);
      user.id = statements.insertUser.get({ ...user, ...clockColumns(user.attributes), attributes }).id;
      userCount.add(1);
      noteAttributes(before, user, changed, context);
      users.keep(user, attributes.length);
      handOver(user.externalId, context);
      const { flips, validUntil } = reevaluate(user, allOf(set), [], cause, run);
      storeDue(user, validUntil);
      return { reason: 'created', userId: user.id, flips };
    }
    if (!patched.touched) return { reason: 'unchanged', userId: user.id, flips: 0 };
    if (changed.has('email') && statements.idByEmail.get({ email: user.email }) !== undefined) {
      return { reason: 'email_taken', userId: user.id, flips: 0 };
    }
    if (changed.has('email')) users.forget(before);
    users.keep(user, attributesJson?.length ?? null);
    noteAttributes(before, user, changed, context);
    if (changed.has('email') || changed.has('name') || changed.has('externalId')) {
      // What indexes hold is written at once, and with it all that the journal says.
      const attributes = JSON.stringify(user.attributes.values);
      statements.updateUser.run({ ...user, ...clockColumns(user.attributes), attributes });
      journal.rowIsComplete(user.id);
      retractOldId(before, user, context);
    } else {
      journal.note(before, user);
    }
    if (changed.has('externalId')) {
      for (const id of [before.externalId, user.externalId]) handOver(id, context);
    } else if (context.identifyAs === 'external_id' && sharedIds.hasPassed(user, before.externalIdAt)) {
      handOver(user.externalId, context);
    }
    const flips = followChange(before, user, affectedSegments(set, changed), cause, run);
    const news = changed.has('lastSeenAt') ? changed.size - 1 : changed.size;
    return { reason: news === 0 ? 'unchanged' : 'applied', userId: user.id, flips };
  }

  function remove(user: UserRecord, { context, counts }: Run): Outcome {
    let flips = 0;
    claims.spill();
    const rows = statements.rowsOfUser.all({ userId: user.id });
    for (const { segmentId, member } of rows) {
      if (member !== 1) continue;
      flips++;
      flipped++;
      count(counts, { segmentId, member: false });
    }
    const { values } = user.attributes;
    observed.add(observe(values, {}, Object.keys(values)), context.now);
    statements.deleteRowsOfUser.run({ userId: user.id });
    statements.deleteHistoryOfUser.run({ userId: user.id });
    statements.deleteUser.run({ id: user.id });
    statements.deleteRetractionsOfUser.run({ userId: user.id });
    userCount.add(-1);
    journal.rowIsComplete(user.id);
    users.forget(user);
    for (const row of rows) retractShared(user, row, context);
    handOver(user.externalId, context);
    return { reason: 'deleted', userId: user.id, flips };
  }

  function noteAttributes(
    before: UserRecord,
    after: UserRecord,
    changed: Set<string>,
    { now }: WriteContext,
  ) {
    const keys: string[] = [];
    for (const field of changed)
      if (field.startsWith('attributes.')) keys.push(field.slice('attributes.'.length));
    if (keys.length > 0) observed.add(observe(before.attributes.values, after.attributes.values, keys), now);
  }

  /** Decides and stores what a change of a user does to memberships; answers how many that were. */
  function followChange(
    before: UserRecord,
    user: UserRecord,
    affected: ReadonlySet<number>,
    cause: Cause,
    run: Run,
  ): number {
    const { now } = run.context;
    // What was stored answers for the user before the change, unless time has changed an answer since.
    const timely = before.dueAt === null || before.dueAt > now;
    const { open, validUntil } = timely
      ? changedAnswers(run.set, affected, subjectOf(before), subjectOf(user), now)
      : { open: new Set(affected), validUntil: NEVER };
    // An evaluation goes by the rows of whoever came into the journal after it began: they are decided on here.
    for (const id of cache.current().evaluating) if (affected.has(id)) open.add(id);
    const decided = open.size === 0 ? NOTHING : reevaluate(user, open, [], cause, run);
    bringForwardDue(user, Math.min(validUntil, decided.validUntil));
    return decided.flips;
  }

  /** Decides and stores the memberships of a stored user. */
  function reevaluate(
    user: UserRecord,
    which: ReadonlySet<number>,
    preset: readonly Flip[],
    cause: Cause,
    { context, set, counts }: Run,
  ): { flips: number; validUntil: number } {
    const current = new Map((statements.segmentsOf.values(user.id) as [number][]).map(([id]) => [id, true]));
    const subject = subjectOf(user);
    const { flips, validUntil } = decideMembership(set, which, subject, current, context.now, preset);
    storeFlips(user.id, flips, cause, context.now, counts);
    return { flips: flips.length, validUntil };
  }

  function storeFlips(userId: number, flips: readonly Flip[], cause: Cause, now: number, counts: Counts) {
    waiting += flips.length;
    flipped += flips.length;
    for (const { segmentId, member } of flips) {
      const flag = member ? 1 : 0;
      statements.putMembership.run(userId, segmentId, flag, now);
      statements.insertHistory.run(userId, segmentId, flag, now, cause);
      count(counts, { segmentId, member });
    }
  }

  function storeCounts(counts: Counts) {
    for (const [id, delta] of counts) if (delta !== 0) statements.addToCount.run(delta, id);
  }

  /** When a user becomes somebody else to Segment, the old id loses every trait told, and the new one hears all. */
  function retractOldId(before: UserRecord, after: UserRecord, context: WriteContext) {
    claims.spill();
    for (const row of statements.rowsOfUser.all({ userId: after.id })) {
      const told = toldOf(row, context);
      if (told === null) continue;
      const oldId = outboundId(before, told.identifyAs);
      if (oldId !== outboundId(after, told.identifyAs))
        retract(after.id, row.segmentId, oldId, told.traitKey, context.now);
    }
  }

  /** Segment hears nothing of who was deleted, but what is true of somebody else with the same id. */
  function retractShared(gone: UserRecord, row: Told, context: WriteContext) {
    const told = toldOf(row, context);
    if (told?.identifyAs !== 'external_id') return;
    const id = outboundId(gone, told.identifyAs);
    if (!sharedIds.isHeld(id)) return;
    waiting++;
    statements.insertRetraction.run({
      outboundId: id,
      traitKey: told.traitKey,
      createdAt: context.now,
      userId: null,
    });
  }

  /** Under which key, and as whom, Segment may have been told of a membership; null where it knows nothing. */
  function toldOf({ segmentId, told }: Told, context: WriteContext) {
    const as = cache.current().toldAs.get(segmentId);
    if (told === 0 || as === undefined) return null;
    return { traitKey: as.traitKey, identifyAs: as.identifyAs ?? context.identifyAs };
  }

  /** Where users go by their Segment userId: whoever else has this one may be asked for it from now on, or no more. */
  function handOver(externalId: string | null, { identifyAs, now }: WriteContext) {
    if (externalId === null || identifyAs !== 'external_id') return;
    claims.spill();
    waiting += sharedIds.handOver(externalId, now);
  }

  /** Leaves it to a retraction to take back what Segment was told, so that the membership starts untold. */
  function retract(userId: number, segmentId: number, oldId: string, traitKey: string, now: number) {
    waiting++;
    statements.insertRetraction.run({ outboundId: oldId, traitKey, createdAt: now, userId });
    statements.forgetTold.run({ userId, segmentId, now });
  }

  /**
   * Keeps the moment at which time alone may change an answer, but only ever brings it forward: a user who is evaluated
   * too early is simply evaluated again, and one who is active every day must not rewrite the index of due users with
   * every event.
   */
  function bringForwardDue(user: Due, validUntil: number) {
    if (validUntil < (user.dueAt ?? NEVER)) storeDue(user, validUntil);
  }

  function storeDue(user: Due, validUntil: number) {
    const dueAt = Number.isFinite(validUntil) ? validUntil : null;
    if (dueAt === user.dueAt) return;
    if (dueAt !== null) waiting++;
    statements.updateDue.run(dueAt, user.id);
    users.due(user.id, dueAt);
  }

  /** The number of joins and leaves since the last call. */
  function takeFlipped(): number {
    const taken = flipped;
    flipped = 0;
    return taken;
  }

  return { apply, storeFlips, storeCounts, bringForwardDue, retract, takeFlipped };
}
export type WritePath = ReturnType<typeof createWritePath>;

/** What is kept in memory and in the journal beside the tables. */
export interface Kept {
  cache: SegmentCache;
  observed: Observed;
  users: StoredUsers;
  userCount: UserCount;
  journal: UserJournal;
  claims: OutboundClaims;
  sharedIds: SharedIds;
}
type Due = Pick<UserRecord, 'id' | 'dueAt'>;
type Told = Pick<typeof memberships.$inferSelect, 'segmentId' | 'told'>;
type Merge = Extract<Change, { kind: 'merge' }>;
/** By how many members each segment has grown in a transaction. */
type Counts = Map<number, number>;
/** What one transaction carries along. */
interface Run {
  context: WriteContext;
  set: SegmentSet;
  counts: Counts;
}

const NEVER = Number.POSITIVE_INFINITY;
const NOTHING = { flips: 0, validUntil: NEVER };
const allOf = (set: SegmentSet) => new Set(set.dynamic.map((segment) => segment.id));

function count(counts: Counts, { segmentId, member }: Flip) {
  counts.set(segmentId, (counts.get(segmentId) ?? 0) + (member ? 1 : -1));
}
