import { and, desc, eq, isNull } from 'drizzle-orm';
import { apiKeys } from '../../../db/schema.ts';
import type { KeyRecord } from '../account-store.ts';
import type { SqliteConnection } from './database.ts';

/** API keys, by their hash. */
export function createKeyQueries({ db }: SqliteConnection) {
  const toRecord = ({ hash: _hash, ...record }: typeof apiKeys.$inferSelect): KeyRecord => record;

  return {
    create(key: KeyRecord & { hash: string }): void {
      db.insert(apiKeys).values(key).run();
    },
    list(): KeyRecord[] {
      return db.select().from(apiKeys).orderBy(desc(apiKeys.createdAt), apiKeys.id).all().map(toRecord);
    },
    find(hash: string): KeyRecord | null {
      const [row] = db.select().from(apiKeys).where(eq(apiKeys.hash, hash)).all();
      return row === undefined ? null : toRecord(row);
    },
    used(id: string, at: number): void {
      db.update(apiKeys).set({ lastUsedAt: at }).where(eq(apiKeys.id, id)).run();
    },
    revoke(id: string, at: number): KeyRecord | null {
      const [row] = db
        .update(apiKeys)
        .set({ revokedAt: at })
        .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
        .returning()
        .all();
      return row === undefined ? null : toRecord(row);
    },
  };
}
