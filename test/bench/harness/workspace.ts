import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { identifies } from '../generator/events.ts';
import { DAY_MS, type Population } from '../generator/user.ts';
import { putSegments, putUsers, settleOutbound } from './dataset.ts';
import { SECRET } from './processes.ts';

/** Databases for the scenarios, made once a run and copied for each use. */
export interface Workspace {
  population(users: number): Population;
  /** A data folder of one's own, with so many users and, where wanted, the twenty segments. */
  dataDir(users: number, segments: boolean): Promise<string>;
  /** A stream of events for these users that have not been sent yet. */
  events(users: number): ReturnType<typeof identifies>;
  /** A path for a file of one's own. */
  file(name: string): string;
  remove(): Promise<void>;
}

export async function createWorkspace(progress: (text: string) => void): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'quackback-segment-bench-'));
  const now = Date.now();
  const made = new Map<string, Promise<string>>();
  let copies = 0;

  async function make(name: string, users: number, segments: boolean): Promise<string> {
    progress(`making a database of ${users.toLocaleString('en')} users${segments ? ' and 20 segments' : ''}`);
    const dir = join(root, name);
    if (segments) await cp(await original(users, false), dir, { recursive: true });
    await withStore(dir, async (store) => {
      if (!segments) return putUsers(store, workspace.population(users));
      await putSegments(store, now);
      await settleOutbound(store);
    });
    return dir;
  }

  function original(users: number, segments: boolean): Promise<string> {
    const name = `${users}-${segments ? 'segments' : 'users'}`;
    const dir = made.get(name) ?? make(name, users, segments);
    made.set(name, dir);
    return dir;
  }

  const workspace: Workspace = {
    population: (users) => ({ seed: 1, size: users, now }),
    async dataDir(users, segments) {
      const copy = join(root, `copy-${++copies}`);
      await cp(await original(users, segments), copy, { recursive: true });
      return copy;
    },
    events: (users) =>
      identifies({ population: workspace.population(users), secret: SECRET, start: now - DAY_MS }),
    file: (name) => join(root, name),
    remove: () => rm(root, { recursive: true, force: true }),
  };
  return workspace;
}

/** Opens the store of a data folder that no service is running on. */
export async function withStore<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openSqliteStore(join(dataDir, 'quackback-segment.db'));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
