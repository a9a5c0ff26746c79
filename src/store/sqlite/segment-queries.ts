import { and, eq, isNull, ne } from 'drizzle-orm';
import { segments } from '../../../db/schema.ts';
import type {
  Conflict,
  NewSegment,
  SegmentChange,
  SegmentContext,
  SegmentRecord,
  SettingEffects,
} from '../store.ts';
import type { SqliteConnection } from './database.ts';
import type { createJobs } from './jobs.ts';
import { type SegmentCache, segmentFromRow } from './segment-cache.ts';

/** Segments and the work their changes bring with them; the writing ones run inside a transaction of the caller's. */
export function createSegmentQueries(
  { db }: SqliteConnection,
  cache: SegmentCache,
  jobs: ReturnType<typeof createJobs>,
) {
  const live = isNull(segments.deletedAt);
  const get = (id: number) =>
    db
      .select()
      .from(segments)
      .where(and(eq(segments.id, id), live))
      .all()[0];

  function conflict(of: { slug?: string; traitKey?: string }, except = 0): Conflict | null {
    for (const field of ['slug', 'traitKey'] as const) {
      const value = of[field];
      if (value === undefined) continue;
      const where = and(eq(segments[field], value), live, ne(segments.id, except));
      if (db.select({ id: segments.id }).from(segments).where(where).limit(1).all().length > 0) {
        return { conflict: field };
      }
    }
    return null;
  }

  /** Fails where rules go in a circle, as two edits at the same time could make them: stored, it would stop every write. */
  function recompile() {
    cache.invalidate();
    cache.current();
  }

  return {
    listSegments: (): SegmentRecord[] =>
      db.select().from(segments).where(live).orderBy(segments.id).all().map(segmentFromRow),

    createSegment(input: NewSegment, now: number): SegmentRecord | Conflict {
      const clash = conflict(input);
      if (clash !== null) return clash;
      const rules = input.rules === null ? null : JSON.stringify(input.rules);
      const row = db
        .insert(segments)
        .values({ ...input, rules, memberCount: 0, createdAt: now, updatedAt: now })
        .returning()
        .get();
      recompile();
      if (rules !== null) jobs.queue(row.id, 'evaluate', now);
      return segmentFromRow(row);
    },

    updateSegment(
      id: number,
      change: SegmentChange,
      context: SegmentContext,
    ): SegmentRecord | Conflict | null {
      const before = get(id);
      if (before === undefined) return null;
      const newKey = change.traitKey !== undefined && change.traitKey !== before.traitKey;
      const clash = newKey ? conflict({ traitKey: change.traitKey as string }, id) : null;
      if (clash !== null) return clash;
      const { rules: given, ...rest } = change;
      const rules = given === undefined ? before.rules : given === null ? null : JSON.stringify(given);
      const row = db
        .update(segments)
        .set({ ...rest, rules, updatedAt: context.now })
        .where(eq(segments.id, id))
        .returning()
        .get();
      recompile();
      if (rules !== before.rules) jobs.queue(id, 'evaluate', context.now);
      if (newKey) {
        jobs.queue(id, 'retract', context.now, { traitKey: before.traitKey, identifyAs: context.identifyAs });
      }
      return segmentFromRow(row);
    },

    deleteSegment(id: number, context: SegmentContext): boolean {
      const before = get(id);
      if (before === undefined) return false;
      db.update(segments).set({ deletedAt: context.now }).where(eq(segments.id, id)).run();
      jobs.queue(id, 'retract', context.now, { traitKey: before.traitKey, identifyAs: context.identifyAs });
      return true;
    },

    queueForAll({ now, resendAll, retractAll }: SettingEffects): void {
      for (const { id, traitKey } of this.listSegments()) {
        if (resendAll) jobs.queue(id, 'resend', now);
        if (retractAll !== null) jobs.queue(id, 'retract', now, { traitKey, identifyAs: retractAll });
      }
    },
  };
}
