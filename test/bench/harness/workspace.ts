import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { identifies } from '../generator/events.ts';
import { DAY_MS, type Population } from '../generator/user.ts';
import { checkMultiplied, putEveryone, putSegments, putUsers, settleOutbound } from './dataset.ts';
import { multiply } from './multiply.ts';
import { SECRET } from './processes.ts';

/** No segments; the twenty of the generator, all told to Segment; or one of everybody, of which nothing was told. */
export type Kind = 'users' | 'segments' | 'pending';

/** Databases for the scenarios, made once a run and copied for each use. */
export interface Workspace {
  population(users: number): Population;
  /** A data folder of one's own, with so many users. */
  dataDir(users: number, kind: Kind): Promise<string>;
  /** A stream of events for these users that have not been sent yet. */
  events(users: number): ReturnType<typeof identifies>;
  /** A path for a file of one's own. */
  file(name: string): string;
  /** Removes everything but the originals: at the end of a scenario. */
  tidy(): Promise<void>;
  remove(): Promise<void>;
}

/** Up to so many users are stored one by one; larger populations are copies of that many. */
const DISTINCT = 100_000;
/** Larger databases are made for each use: with an original beside, neither would stay in the memory of the machine. */
const KEPT = 1_000_000;

export async function createWorkspace(progress: (text: string) => void): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'quackback-segment-bench-'));
  const now = Date.now();
  const made = new Map<string, Promise<string>>();
  let copies = 0;

  async function make(dir: string, users: number, kind: Kind): Promise<string> {
    const population = workspace.population(users);
    const { distinct = users } = population;
    if (distinct < users) {
      await cp(await original(distinct, kind), dir, { recursive: true });
      progress(`multiplying that to ${users.toLocaleString('en')} users`);
      multiply(databaseIn(dir), users / distinct);
      await withStore(dir, (store) => checkMultiplied(store, population));
      return dir;
    }
    if (kind !== 'users') await cp(await original(users, 'users'), dir, { recursive: true });
    progress(`making a database of ${users.toLocaleString('en')} users: ${kind}`);
    await withStore(dir, async (store) => {
      if (kind === 'users') await putUsers(store, population);
      if (kind === 'pending') await putEveryone(store, now);
      if (kind === 'segments') {
        await putSegments(store, now);
        await settleOutbound(store);
      }
    });
    return dir;
  }

  function original(users: number, kind: Kind): Promise<string> {
    const name = `${users}-${kind}`;
    const dir = made.get(name) ?? make(join(root, 'originals', name), users, kind);
    made.set(name, dir);
    return dir;
  }

  const workspace: Workspace = {
    population: (users) =>
      users > DISTINCT ? { seed: 1, size: users, now, distinct: DISTINCT } : { seed: 1, size: users, now },
    async dataDir(users, kind) {
      const copy = join(root, 'use', `copy-${++copies}`);
      if (users > KEPT) return make(copy, users, kind);
      await cp(await original(users, kind), copy, { recursive: true });
      return copy;
    },
    events: (users) =>
      identifies({ population: workspace.population(users), secret: SECRET, start: now - DAY_MS }),
    file: (name) => join(root, 'use', name),
    async tidy() {
      await rm(join(root, 'use'), { recursive: true, force: true });
      await mkdir(join(root, 'use'));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
  await workspace.tidy();
  return workspace;
}

export const databaseIn = (dataDir: string): string => join(dataDir, 'quackback-segment.db');

/** Opens the store of a data folder that no service is running on. */
export async function withStore<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openSqliteStore(databaseIn(dataDir));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
