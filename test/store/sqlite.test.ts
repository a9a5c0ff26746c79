import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { storeConforms } from './conformance.ts';

storeConforms('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quackback-segment-store-'));
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
