import { isNull } from 'drizzle-orm';
import { segmentJobs, segments } from '../../../db/schema.ts';
import { compileSegments, type SegmentSet } from '../../segments/membership.ts';
import type { Rules } from '../../segments/rules.ts';
import type { IdentifyAs } from '../../users/user.ts';
import type { SegmentRecord } from '../store.ts';
import type { SqliteConnection } from './database.ts';

interface Cached {
  records: SegmentRecord[];
  set: SegmentSet;
  /** What the set was compiled from, as JSON. */
  definitions: string;
  /** Under which trait key, and as whom, Segment was told of a segment's members so far. */
  toldAs: ReadonlyMap<number, ToldAs>;
  /** Segments that may not have been decided for every user yet. */
  evaluating: ReadonlySet<number>;
}
export interface ToldAs {
  traitKey: string;
  /** Null where it is what the settings say now. */
  identifyAs: IdentifyAs | null;
}
export interface SegmentCache {
  current(): Cached;
  invalidate(): void;
}

/** The segments, compiled once; read again after a change here or a commit by another process. */
export function createSegmentCache({ db }: SqliteConnection): SegmentCache {
  let cached: Cached | null = null;
  return {
    current() {
      cached ??= read();
      return cached;
    },
    invalidate() {
      cached = null;
    },
  };

  function read(): Cached {
    const rows = db.select().from(segments).where(isNull(segments.deletedAt)).orderBy(segments.id).all();
    const records = rows.map(segmentFromRow);
    const toldAs = new Map<number, ToldAs>();
    for (const { id, traitKey } of records) toldAs.set(id, { traitKey, identifyAs: null });
    const evaluating = new Set<number>();
    for (const { segmentId, kind, traitKey, identifyAs } of db.select().from(segmentJobs).all()) {
      if (kind === 'evaluate') evaluating.add(segmentId);
      if (kind === 'retract' && traitKey !== null) toldAs.set(segmentId, { traitKey, identifyAs });
    }
    const definitions = JSON.stringify(records.map(({ id, slug, rules }) => ({ id, slug, rules })));
    return { records, set: compileSegments(records), definitions, toldAs, evaluating };
  }
}

export function segmentFromRow(row: typeof segments.$inferSelect): SegmentRecord {
  const { deletedAt: _hidden, rules, ...rest } = row;
  return { ...rest, rules: rules === null ? null : (JSON.parse(rules) as Rules) };
}
