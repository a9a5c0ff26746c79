import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { cpSync, fdatasync, mkdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { createFlushing, type Sync } from '../../src/store/sqlite/flushing.ts';
import { openServedStore, openSqliteStoreForReading } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { turnOfTheLoop } from '../helpers/service.ts';
import { context, createSegment, merge, planIs } from './conformance/fixture.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quackback-segment-flushing-'));
  path = join(folder, 'test.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Flushes that end when the test says so. */
function held() {
  const underWay: (() => void)[] = [];
  const failing: ((error: Error) => void)[] = [];
  const sync: Sync = (fd, done) => {
    underWay.push(() => fdatasync(fd, done));
    failing.push(done);
  };
  return { sync, underWay, failing };
}
/** Whether a promise has come to an end by now. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  const note = () => {
    over = true;
  };
  promise.then(note, note);
  for (let turn = 0; turn < 5; turn++) await turnOfTheLoop();
  return over;
}
const setPlan = (store: Store, email: string) =>
  store.apply([merge({ email }, { attributes: { plan: 'pro' } })], context());

describe('the store of a service', () => {
  test('answers a change when it is on the disk; until then it can be seen, and others can be made', async () => {
    const { sync, underWay } = held();
    const store = openServedStore(path, { sync });
    const first = setPlan(store, 'a@example.com');
    expect(await isOver(first)).toBe(false);
    expect(await store.findUser('a@example.com')).not.toBeNull();

    // The flush under way may have begun too early for them, so they wait for the next, all for the same.
    const later = ['b', 'c'].map((name) => setPlan(store, `${name}@example.com`));
    expect(underWay).toHaveLength(1);
    underWay[0]?.();
    await first;
    while (underWay.length < 2) await turnOfTheLoop();
    expect(await isOver(Promise.race(later))).toBe(false);
    underWay[1]?.();
    await Promise.all(later);
    expect(underWay).toHaveLength(2);
    await store.close();
  });

  test('hands out what to tell Segment when it is on the disk that it did', async () => {
    const { sync, underWay } = held();
    const store = openServedStore(path, { sync });
    const answer = setPlan(store, 'a@example.com');
    underWay[0]?.();
    await answer;
    await createSegment(store, 'pro', { rules: planIs('pro') });
    while (await store.workOnJobs(context(), 10));
    const claimed = store.exchangeOutbound({ taken: [], parked: [] }, { limit: 10, identifyAs: 'email' });
    expect(await isOver(claimed)).toBe(false);
    underWay[1]?.();
    expect(await claimed).toHaveLength(1);
    await store.close();
  });

  test('refuses what could not be flushed, and goes on', async () => {
    const { sync, underWay, failing } = held();
    const store = openServedStore(path, { sync });
    const refused = setPlan(store, 'a@example.com');
    const next = setPlan(store, 'b@example.com');
    failing[0]?.(new Error('EIO'));
    await expect(refused).rejects.toThrow('EIO');
    while (underWay.length < 2) await turnOfTheLoop();
    // What is before the hole is older than the database.
    expect(statSync(`${path}-wal`).size).toBe(0);
    underWay[1]?.();
    expect(await next).toMatchObject([{ reason: 'created' }]);
    // The log may have a hole where the flush failed, so that the database has to have what stands there.
    const alone = join(folder, 'alone.db');
    cpSync(path, alone);
    const left = openSqliteStoreForReading(alone);
    for (const name of ['a', 'b']) expect(await left.findUser(`${name}@example.com`)).not.toBeNull();
    await left.close();
    await store.close();
  });

  test('has answered nothing that a power cut right after its flush would undo', async () => {
    // What is on the disk for certain: the files as they are when a flush begins.
    let cuts = 0;
    const sync: Sync = (fd, done) => {
      const image = join(folder, `cut-${++cuts}`);
      mkdirSync(image);
      for (const name of ['test.db', 'test.db-wal']) cpSync(join(folder, name), join(image, name));
      fdatasync(fd, done);
    };
    const store = openServedStore(path, { sync });
    const answered: { emails: string[]; cuts: number }[] = [];
    const emails: string[] = [];
    for (let n = 0; n < 20; n++) {
      await Promise.all(
        [0, 1, 2].map(async (k) => {
          const email = `user${n}-${k}@example.com`;
          await setPlan(store, email);
          emails.push(email);
        }),
      );
      answered.push({ emails: [...emails], cuts });
    }
    await store.close();
    for (const { emails, cuts } of answered) {
      const left = openSqliteStoreForReading(join(folder, `cut-${cuts}`, 'test.db'));
      for (const email of emails) expect(await left.findUser(email)).not.toBeNull();
      await left.close();
    }
  });
});

test('everything else is flushed by its commit, as before', () => {
  const connection = openDatabase(path);
  const { sqlite } = connection;
  const level = () => (sqlite.query('PRAGMA synchronous').values() as number[][])[0]?.[0];
  const flushing = createFlushing(connection);
  const [NORMAL, FULL] = [1, 2];
  expect(level()).toBe(FULL);
  expect(flushing.commit(level)).toBe(NORMAL);
  expect(level()).toBe(FULL);
  expect(() =>
    flushing.commit(() => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(level()).toBe(FULL);
  sqlite.close();
});
