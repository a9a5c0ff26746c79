import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Open } from './conformance/fixture.ts';

/** Thousands of small commits: a file in memory spares the disk a flush for each, and nothing here cuts the power. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A store on a file of its own, made by `connect` from one or more connections to it. */
export const onFile =
  (connect: (path: string) => Store = openSqliteStore): Open =>
  async () => {
    const folder = await mkdtemp(join(FOLDER, 'quackback-segment-store-'));
    const path = join(folder, 'test.db');
    let store = connect(path);
    return {
      store,
      async reopen() {
        await store.close();
        store = connect(path);
        return store;
      },
      async dispose() {
        await store.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };
