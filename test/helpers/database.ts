import { Database } from 'bun:sqlite';
import { join } from 'node:path';

/**
 * Opens the database in a service's DATA_DIR, as another process may while the service runs; for reading alone unless
 * `write` is set. It waits up to five seconds where the service is writing.
 */
export function openDatabase(dataDir: string, { write = false } = {}): Database {
  const database = new Database(
    join(dataDir, 'quackback-segment.db'),
    write ? undefined : { readonly: true },
  );
  database.run('PRAGMA busy_timeout = 5000');
  return database;
}
