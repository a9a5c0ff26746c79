import { statSync } from 'node:fs';
import type { StoreStats } from '../store.ts';
import type { SqliteConnection } from './database.ts';

/** Problems reported at most: a torn file has thousands. */
const MAX_PROBLEMS = 5;

/** What an operator asks of the database as a whole. */
export function createUpkeep({ sqlite, path }: SqliteConnection) {
  return {
    /** Sizes of the files; the write-ahead log is there only while somebody has the database open. */
    bytes(): StoreStats['bytes'] {
      const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      return { database: sizeOf(path), wal: sizeOf(`${path}-wal`) };
    },

    /** Reads every page; says what is wrong. */
    problems(): string[] {
      try {
        const rows = sqlite.query(`PRAGMA quick_check(${MAX_PROBLEMS})`).values() as [string][];
        return rows.map(([problem]) => problem).filter((problem) => problem !== 'ok');
      } catch (error) {
        return [(error as Error).message];
      }
    },
  };
}
