import { constants, Database } from 'bun:sqlite';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BunSQLiteDatabase, drizzle } from 'drizzle-orm/bun-sqlite';
import { OperatorError } from '../../errors.ts';
import { OWN_PAGES } from './checkpoints.ts';
import { migrate, requireCurrent } from './migrate.ts';

export interface SqliteConnection {
  sqlite: Database;
  db: BunSQLiteDatabase;
  path: string;
  readonly: boolean;
}

/** Opens a file for its owner alone, made where there is none; one that even they could not write can be again. */
export function openPrivate(path: string): Database {
  if (existsSync(path)) chmodSync(path, 0o600);
  const sqlite = new Database(path, { create: true, strict: true });
  chmodSync(path, 0o600);
  return sqlite;
}

/** Opens the database file, creating it (readable by its owner alone) and migrating it as needed. */
export function openDatabase(path: string): SqliteConnection {
  try {
    return open(path);
  } catch (cause) {
    throw cause instanceof OperatorError ? cause : unopened(path, cause as Error);
  }
}

export function unopened(path: string, cause: Error & { code?: unknown }): OperatorError {
  return new OperatorError(`Can't open the database ${path}: ${cause.message}`, hintFor(String(cause.code)), {
    cause,
  });
}

function hintFor(code: string): string {
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return 'Put a backup in its place; doctor says more about the damage';
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) return 'Make room on the disk of DATA_DIR, and start again';
  return 'DATA_DIR must be a folder that can be written, and the file in it a database of quackback-segment';
}

/** Makes the folder of a database, for its owner alone. */
export const makeFolder = (path: string) => mkdirSync(dirname(path), { recursive: true, mode: 0o700 });

function open(path: string): SqliteConnection {
  makeFolder(path);
  const sqlite = openPrivate(path);
  // FULL: a commit that was acknowledged survives power loss. The wait covers a second process (an import) writing.
  sqlite.run('PRAGMA busy_timeout = 2000');
  // Half the usual size, for a new database: an event touches one page here and there, and each is written whole.
  sqlite.run('PRAGMA page_size = 2048');
  sqlite.run('PRAGMA journal_mode = WAL');
  sqlite.run('PRAGMA synchronous = FULL');
  sqlite.run(`PRAGMA wal_autocheckpoint = ${OWN_PAGES}`);
  sqlite.run('PRAGMA cache_size = -32768');
  sqlite.run('PRAGMA temp_store = MEMORY');
  sqlite.run('PRAGMA journal_size_limit = 67108864');
  migrate(sqlite);
  return { sqlite, db: drizzle({ client: sqlite }), path, readonly: false };
}

/** Opens an existing database to look at it: nothing is made, migrated or changed, whether or not it is in use. */
export function openDatabaseForReading(path: string): SqliteConnection {
  // A log of what was written is there while somebody has the database open, or after a crash. Without one the file is
  // complete, and saying so keeps SQLite from making a log, which might not belong to the service's user then.
  const sqlite = existsSync(`${path}-wal`)
    ? new Database(path, { readonly: true, strict: true })
    : new Database(
        `${pathToFileURL(path)}?immutable=1`,
        constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI,
      );
  sqlite.run('PRAGMA busy_timeout = 2000');
  requireCurrent(sqlite);
  return { sqlite, db: drizzle({ client: sqlite }), path, readonly: true };
}
