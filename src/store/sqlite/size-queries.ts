import { asc, gte, lt, or, sql } from 'drizzle-orm';
import { segmentSizes, segments } from '../../../db/schema.ts';
import type { SegmentSize } from '../store.ts';
import type { SqliteConnection } from './database.ts';
import { createEvenTime } from './even-time.ts';

/** The sizes segments have had, a number for each day. */
export function createSizeQueries(connection: SqliteConnection) {
  const { db } = connection;
  const mayPrune = createEvenTime(connection, 'sizes');
  const live = sql`SELECT ${segments.id} FROM ${segments} WHERE ${segments.deletedAt} IS NULL`;
  return {
    record(day: number, keepFrom: number): void {
      // A size that is as it was writes nothing at all.
      db.run(
        sql`INSERT INTO ${segmentSizes} (segment_id, day, members) SELECT ${segments.id}, ${day}, ${segments.memberCount} FROM ${segments} WHERE ${segments.deletedAt} IS NULL ON CONFLICT (segment_id, day) DO UPDATE SET members = excluded.members WHERE segment_sizes.members <> excluded.members`,
      );
      const old = mayPrune(keepFrom) ? lt(segmentSizes.day, keepFrom) : undefined;
      db.delete(segmentSizes)
        .where(or(old, sql`${segmentSizes.segmentId} NOT IN (${live})`))
        .run();
    },

    list: (from: number): SegmentSize[] =>
      db
        .select()
        .from(segmentSizes)
        .where(gte(segmentSizes.day, from))
        .orderBy(asc(segmentSizes.segmentId), asc(segmentSizes.day))
        .all(),
  };
}
