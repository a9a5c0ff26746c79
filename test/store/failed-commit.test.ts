import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import {
  context,
  createSegment,
  emails,
  memberIds,
  merge,
  planIs,
  workThrough,
} from './conformance/fixture.ts';

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
