import { and, desc, eq, sql } from 'drizzle-orm';
import { memberships, retractions, segments, users } from '../../../db/schema.ts';
import { affectedSegments, decideMembership, type Flip, type SegmentSet } from '../../segments/membership.ts';
import type { Change, Outcome, Target, WriteContext } from '../../users/change.ts';
import { patchUser } from '../../users/patch.ts';
import { emptyUser, outboundId, type UserRecord } from '../../users/user.ts';
import type { SqliteConnection } from './database.ts';
import type { SegmentCache } from './segment-cache.ts';
import { attributeColumns, userFromRow } from './user-rows.ts';

/**
 * The one write path: load a user, decide, store. Everything here runs inside a transaction of the caller's, so an
 * error leaves nothing behind.
 */
export function createWritePath({ db }: SqliteConnection, cache: SegmentCache) {
  const byId = db
    .select()
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const byEmail = db
    .select()
    .from(users)
    .where(eq(users.email, sql.placeholder('email')))
    .prepare();
  const byExternalId = db
    .select()
    .from(users)
    .where(eq(users.externalId, sql.placeholder('externalId')))
    .orderBy(desc(users.externalIdAt), users.id)
    .limit(1)
    .prepare();
  const insertUser = db
    .insert(users)
    .values({
      email: sql.placeholder('email'),
      name: sql.placeholder('name'),
      nameAt: sql.placeholder('nameAt'),
      externalId: sql.placeholder('externalId'),
      externalIdAt: sql.placeholder('externalIdAt'),
      attributes: sql.placeholder('attributes'),
      clock: sql.placeholder('clock'),
      clocks: sql.placeholder('clocks'),
      createdAt: sql.placeholder('createdAt'),
      updatedAt: sql.placeholder('updatedAt'),
      lastSeenAt: sql.placeholder('lastSeenAt'),
    })
    .returning({ id: users.id })
    .prepare();
  // Two updates: SQLite rewrites every index whose columns an UPDATE names, and most events leave those alone.
  const updateData = db
    .update(users)
    .set({
      attributes: sql`${sql.placeholder('attributes')}`,
      clock: sql`${sql.placeholder('clock')}`,
      clocks: sql`${sql.placeholder('clocks')}`,
      nameAt: sql`${sql.placeholder('nameAt')}`,
      externalIdAt: sql`${sql.placeholder('externalIdAt')}`,
      updatedAt: sql`${sql.placeholder('updatedAt')}`,
      lastSeenAt: sql`${sql.placeholder('lastSeenAt')}`,
    })
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const updateIdentity = db
    .update(users)
    .set({
      email: sql`${sql.placeholder('email')}`,
      name: sql`${sql.placeholder('name')}`,
      externalId: sql`${sql.placeholder('externalId')}`,
    })
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const updateDue = db
    .update(users)
    .set({ dueAt: sql`${sql.placeholder('dueAt')}` })
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const deleteUser = db
    .delete(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare();
  const rowsOfUser = db
    .select()
    .from(memberships)
    .where(eq(memberships.userId, sql.placeholder('userId')))
    .prepare();
  const deleteRowsOfUser = db
    .delete(memberships)
    .where(eq(memberships.userId, sql.placeholder('userId')))
    .prepare();
  const putMembership = db
    .insert(memberships)
    .values({
      userId: sql.placeholder('userId'),
      segmentId: sql.placeholder('segmentId'),
      member: sql.placeholder('member'),
      told: 0,
      version: 1,
      changedAt: sql.placeholder('changedAt'),
    })
    .onConflictDoUpdate({
      target: [memberships.userId, memberships.segmentId],
      set: {
        member: sql`excluded.member`,
        version: sql`${memberships.version} + 1`,
        changedAt: sql`excluded.changed_at`,
        parked: null,
      },
    })
    .prepare();
  const forgetTold = db
    .update(memberships)
    .set({ told: 0, version: sql`${memberships.version} + 1`, parked: null })
    .where(
      and(
        eq(memberships.userId, sql.placeholder('userId')),
        eq(memberships.segmentId, sql.placeholder('segmentId')),
      ),
    )
    .prepare();
  const insertRetraction = db
    .insert(retractions)
    .values({
      outboundId: sql.placeholder('outboundId'),
      traitKey: sql.placeholder('traitKey'),
      createdAt: sql.placeholder('createdAt'),
    })
    .prepare();
  const addToCount = db
    .update(segments)
    .set({ memberCount: sql`${segments.memberCount} + ${sql.placeholder('delta')}` })
    .where(eq(segments.id, sql.placeholder('id')))
    .prepare();

  function load(target: Target): UserRecord | null {
    const row =
      'id' in target ? byId.get(target) : 'email' in target ? byEmail.get(target) : byExternalId.get(target);
    return row === undefined ? null : userFromRow(row);
  }

  /** Applies changes in order; must run inside a transaction. */
  function apply(changes: readonly Change[], context: WriteContext): Outcome[] {
    const set = cache.current().set;
    const counts = new Map<number, number>();
    const outcomes = changes.map((change) => applyOne(change, context, set, counts));
    for (const [id, delta] of counts) if (delta !== 0) addToCount.run({ id, delta });
    return outcomes;
  }

  function applyOne(
    change: Change,
    context: WriteContext,
    set: SegmentSet,
    counts: Map<number, number>,
  ): Outcome {
    const user = load(change.target);
    if (change.kind === 'merge') return merge(change, user, context, set, counts);
    if (user === null) return { reason: 'no_match', userId: null, flips: 0 };
    switch (change.kind) {
      case 'member': {
        const preset = [{ segmentId: change.segmentId, member: change.member }];
        const { flips } = reevaluate(user, new Set(), preset, context, set, counts);
        return { reason: flips === 0 ? 'unchanged' : 'applied', userId: user.id, flips };
      }
      case 'evaluate': {
        const { flips, validUntil } = reevaluate(user, allOf(set), [], context, set, counts);
        storeDue(user, validUntil);
        return { reason: flips === 0 ? 'unchanged' : 'applied', userId: user.id, flips };
      }
      case 'delete': {
        let flips = 0;
        for (const row of rowsOfUser.all({ userId: user.id })) {
          if (row.member !== 1) continue;
          flips++;
          count(counts, { segmentId: row.segmentId, member: false });
        }
        deleteRowsOfUser.run({ userId: user.id });
        deleteUser.run({ id: user.id });
        return { reason: 'deleted', userId: user.id, flips };
      }
    }
  }

  function merge(
    change: Extract<Change, { kind: 'merge' }>,
    found: UserRecord | null,
    context: WriteContext,
    set: SegmentSet,
    counts: Map<number, number>,
  ): Outcome {
    const { target, patch } = change;
    if (found === null && !(change.create && 'email' in target)) {
      return { reason: 'no_match', userId: null, flips: 0 };
    }
    const before = found ?? emptyUser((target as { email: string }).email, context.now);
    const patched = patchUser(before, patch, context.now, context);
    if (patched.refused !== null) return { reason: patched.refused, userId: found?.id ?? null, flips: 0 };
    const { user, attributesJson, changed } = patched;

    if (found === null) {
      const row = insertUser.get({ ...user, ...attributeColumns(user.attributes, attributesJson) });
      user.id = row.id;
      const { flips, validUntil } = reevaluate(user, allOf(set), [], context, set, counts);
      storeDue(user, validUntil);
      return { reason: 'created', userId: user.id, flips };
    }
    if (!patched.touched) return { reason: 'unchanged', userId: user.id, flips: 0 };
    if (changed.has('email') && byEmail.get({ email: user.email }) !== undefined) {
      return { reason: 'email_taken', userId: user.id, flips: 0 };
    }
    updateData.run({ ...user, ...attributeColumns(user.attributes, attributesJson) });
    if (changed.has('email') || changed.has('name') || changed.has('externalId')) {
      updateIdentity.run({ id: user.id, email: user.email, name: user.name, externalId: user.externalId });
      retractOldId(before, user, context);
    }
    const affected = affectedSegments(set, changed);
    const { flips, validUntil } =
      affected.size === 0
        ? { flips: 0, validUntil: Number.POSITIVE_INFINITY }
        : reevaluate(user, affected, [], context, set, counts);
    // The stored moment may only come forward here: a user who is evaluated too early is simply evaluated again,
    // and one who is active every day must not rewrite the index of due users with every event.
    if (validUntil < (user.dueAt ?? Number.POSITIVE_INFINITY)) storeDue(user, validUntil);
    const other = changed.has('lastSeenAt') ? changed.size - 1 : changed.size;
    return { reason: other === 0 ? 'unchanged' : 'applied', userId: user.id, flips };
  }

  /** Decides and stores the memberships of a stored user. */
  function reevaluate(
    user: UserRecord,
    which: ReadonlySet<number>,
    preset: readonly Flip[],
    context: WriteContext,
    set: SegmentSet,
    counts: Map<number, number>,
  ): { flips: number; validUntil: number } {
    const current = new Map<number, boolean>();
    for (const row of rowsOfUser.all({ userId: user.id })) current.set(row.segmentId, row.member === 1);
    const subject = { ...user, attributes: user.attributes.values };
    const { flips, validUntil } = decideMembership(set, which, subject, current, context.now, preset);
    for (const flip of flips) {
      putFlip(user.id, flip, context.now);
      count(counts, flip);
    }
    return { flips: flips.length, validUntil };
  }

  function putFlip(userId: number, { segmentId, member }: Flip, now: number) {
    putMembership.run({ userId, segmentId, member: member ? 1 : 0, changedAt: now });
  }

  /** When a user becomes somebody else to Segment, the old id loses every trait told, and the new one hears all. */
  function retractOldId(before: UserRecord, after: UserRecord, context: WriteContext) {
    const { toldAs } = cache.current();
    for (const row of rowsOfUser.all({ userId: after.id })) {
      const told = toldAs.get(row.segmentId);
      if (row.told === 0 || told === undefined) continue;
      const identifyAs = told.identifyAs ?? context.identifyAs;
      const oldId = outboundId(before, identifyAs);
      if (oldId !== outboundId(after, identifyAs))
        retract(after.id, row.segmentId, oldId, told.traitKey, context.now);
    }
  }

  /** Leaves it to a retraction to take back what Segment was told, so that the membership starts untold. */
  function retract(userId: number, segmentId: number, oldId: string, traitKey: string, now: number) {
    insertRetraction.run({ outboundId: oldId, traitKey, createdAt: now });
    forgetTold.run({ userId, segmentId });
  }

  function storeDue(user: UserRecord, validUntil: number) {
    const dueAt = Number.isFinite(validUntil) ? validUntil : null;
    if (dueAt !== user.dueAt) updateDue.run({ id: user.id, dueAt });
  }

  return { apply, putFlip, retract, storeDue, addToCount };
}
export type WritePath = ReturnType<typeof createWritePath>;

const allOf = (set: SegmentSet) => new Set(set.dynamic.map((segment) => segment.id));

function count(counts: Map<number, number>, { segmentId, member }: Flip) {
  counts.set(segmentId, (counts.get(segmentId) ?? 0) + (member ? 1 : -1));
}
