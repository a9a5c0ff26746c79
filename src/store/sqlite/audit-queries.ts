import { and, desc, eq, gte, inArray, like, lt, lte, or, sql } from 'drizzle-orm';
import { auditLog } from '../../../db/schema.ts';
import type { AuditEntry, AuditQuery, AuditRecord } from '../account-store.ts';
import type { SqliteConnection } from './database.ts';
import { createEvenTime } from './even-time.ts';

/** Who did what. */
export function createAuditQueries(connection: SqliteConnection) {
  const { db } = connection;
  const mayPrune = createEvenTime(connection, 'audit');
  return {
    record(entries: readonly AuditEntry[]): void {
      for (const { changes, ...entry } of entries) {
        db.insert(auditLog)
          .values({ ...entry, changes: changes === null ? null : JSON.stringify(changes) })
          .run();
      }
    },

    list({ limit, before, actor, action, from, to }: AuditQuery): AuditRecord[] {
      const containing = (text: string) => `%${escaped(text)}%`;
      return db
        .select()
        .from(auditLog)
        .where(
          and(
            before === undefined ? undefined : lt(auditLog.id, before),
            actor === undefined
              ? undefined
              : or(
                  eq(auditLog.actorId, actor),
                  sql`${auditLog.actorName} LIKE ${containing(actor)} ESCAPE '\\'`,
                ),
            action === undefined
              ? undefined
              : or(eq(auditLog.action, action), like(auditLog.action, `${action.replace(/[%_]/g, '')}.%`)),
            from === undefined ? undefined : gte(auditLog.at, from),
            to === undefined ? undefined : lte(auditLog.at, to),
          ),
        )
        .orderBy(desc(auditLog.id))
        .limit(limit)
        .all()
        .map(({ changes, ...entry }) => ({
          ...entry,
          changes: changes === null ? null : JSON.parse(changes),
        }));
    },

    prune(before: number, limit: number): number {
      if (!mayPrune(before)) return 0;
      const old = db
        .select({ id: auditLog.id })
        .from(auditLog)
        .where(lt(auditLog.at, before))
        .orderBy(auditLog.at)
        .limit(limit);
      return db.delete(auditLog).where(inArray(auditLog.id, old)).returning({ id: auditLog.id }).all().length;
    },
  };
}

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&');
