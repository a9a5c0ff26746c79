import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unopened } from '../../src/store/sqlite/database.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { breakDisk } from '../helpers/broken-disk.ts';
import {
  context,
  createSegment,
  emails,
  memberIds,
  merge,
  NOW,
  planIs,
  workThrough,
} from './conformance/fixture.ts';

test('what was acknowledged survives a disk that fails for a moment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quackback-segment-failed-'));
  const path = join(folder, 'test.db');
  let store = openSqliteStore(path);
  try {
    const plan = (email: string, at: number, value: string) =>
      store.apply(
        [merge({ email }, { at: NOW + at, attributes: { plan: value } })],
        context({ now: NOW + at }),
      );
    const plans = async () =>
      (await Promise.all([store.findUser('ann@x.io'), store.findUser('bob@x.io')])).map(
        (user) => user?.attributes.values.plan,
      );
    await plan('ann@x.io', 1, 'old');
    await plan('bob@x.io', 1, 'old');
    await plan('ann@x.io', 2, 'pro');
    const mend = breakDisk(path);
    await expect(plan('bob@x.io', 3, 'lost')).rejects.toThrow();
    mend();
    await plan('bob@x.io', 4, 'new');
    expect(await plans()).toEqual(['pro', 'new']);
    while (await store.catchUp(50));
    expect(await plans()).toEqual(['pro', 'new']);
    await store.close();
    store = openSqliteStore(path);
    expect(await plans()).toEqual(['pro', 'new']);
    expect((await store.listAttributes()).find(({ path: name }) => name === 'plan')?.values).toEqual([
      { value: 'new', users: 1 },
      { value: 'pro', users: 1 },
    ]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test('a store is closed on a disk that is full, and what was acknowledged is there when it is opened again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quackback-segment-failed-'));
  const path = join(folder, 'test.db');
  let store = openSqliteStore(path);
  await store.apply([merge({ email: 'ann@x.io' })], context());
  const mend = breakDisk(path);
  await store.close();
  mend();
  store = openSqliteStore(path);
  expect(await store.findUser('ann@x.io')).not.toBeNull();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

test('a disk that is full at the start is said to be so', () => {
  // As SQLite words it; a disk that is full can not be made on every machine.
  const cause = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  expect(unopened('data/x.db', cause)).toMatchObject({
    message: "Can't open the database data/x.db: database or disk is full",
    hint: expect.stringContaining('Make room'),
  });
});

test('an evaluation whose commit failed stores everything when it goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quackback-segment-failed-'));
  const path = join(folder, 'test.db');
  const store = openSqliteStore(path);
  const beside = new Database(path);
  try {
    const ids = await store.apply(
      emails(10).map((email) => merge({ email }, { attributes: { plan: 'a' } })),
      context(),
    );
    const a = await createSegment(store, 'a', { rules: planIs('a') });
    await store.workOnJobs(context(), 3);
    beside.run(`CREATE TRIGGER disk_is_full BEFORE INSERT ON memberships WHEN NEW.user_id = ${ids[4]?.userId}
      BEGIN SELECT RAISE(ABORT, 'disk is full'); END`);
    await expect(store.workOnJobs(context(), 3)).rejects.toThrow('disk is full');
    beside.run('DROP TRIGGER disk_is_full');
    await workThrough(store, 3);
    expect(await memberIds(store, a)).toEqual(ids.map(({ userId }) => userId as number));
  } finally {
    beside.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
