import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { storeConforms } from './conformance.ts';

/** Thousands of small commits: a file in memory spares the disk a flush for each, and nothing here cuts the power. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

storeConforms('SQLite', async () => {
  const folder = await mkdtemp(join(FOLDER, 'quackback-segment-store-'));
  const path = join(folder, 'test.db');
  let store = openSqliteStore(path);
  return {
    store,
    async reopen() {
      await store.close();
      store = openSqliteStore(path);
      return store;
    },
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
