import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { OperatorError } from '../../src/errors.ts';
import { MIGRATIONS } from '../../src/store/sqlite/migrate.ts';
import { openSqliteStore, openSqliteStoreForReading } from '../../src/store/sqlite/sqlite-store.ts';
import {
  context,
  createSegment,
  createUsers,
  emails,
  join,
  memberIds,
  merge,
} from './conformance/fixture.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'quackback-segment-reading-'));
  path = joinPath(folder, 'test.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = async () => {
  const files: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) {
    const content = await Bun.file(joinPath(folder, name)).arrayBuffer();
    files[name] = new Bun.CryptoHasher('sha256').update(content).digest('hex');
  }
  return files;
};

test('looking at a database at rest leaves not a byte behind', async () => {
  const store = openSqliteStore(path);
  const vip = await createSegment(store, 'vip');
  const ids = await createUsers(store, ...emails(3));
  await join(store, vip, ...ids);
  await store.close();
  const before = await bytes();
  const reading = openSqliteStoreForReading(path);
  expect(await memberIds(reading, vip)).toEqual(ids);
  expect(await reading.checkIntegrity()).toEqual([]);
  await expect(reading.apply([merge({ email: 'new@example.com' })], context())).rejects.toThrow(/readonly/);
  await reading.close();
  expect(await bytes()).toEqual(before);
});

test('one that is in use is seen as it is now, and goes on being used', async () => {
  const store = openSqliteStore(path);
  await createUsers(store, 'ann@example.com');
  const reading = openSqliteStoreForReading(path);
  expect(await reading.findUser('ann@example.com')).not.toBeNull();
  await createUsers(store, 'bob@example.com');
  expect(await reading.findUser('bob@example.com')).not.toBeNull();
  await expect(reading.writeSetting('a', 'b')).rejects.toThrow(/readonly/);
  await reading.close();
  await createUsers(store, 'cid@example.com');
  await store.close();
});

test.each([
  ['newer', MIGRATIONS.length + 1],
  ['older', MIGRATIONS.length - 1],
])('one of a %s version is refused, not brought up to date', async (which, version) => {
  await openSqliteStore(path).close();
  const sqlite = new Database(path);
  sqlite.run(`PRAGMA user_version = ${version}`);
  sqlite.close();
  const before = (await bytes())['test.db'];
  let error: unknown;
  try {
    openSqliteStoreForReading(path);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(OperatorError);
  expect((error as OperatorError).message).toInclude(`${which} version`);
  expect((await bytes())['test.db']).toBe(before);
});

test('one that is not there is not made', async () => {
  expect(() => openSqliteStoreForReading(path)).toThrow();
  expect(await readdir(folder)).toEqual([]);
});

test('damage is found and put into words', async () => {
  const store = openSqliteStore(path);
  await createUsers(store, ...emails(2000));
  await store.close();
  const content = new Uint8Array(await Bun.file(path).arrayBuffer());
  // The schema at its beginning stays, so that it opens; in the second half every other page is torn.
  for (let page = Math.ceil(content.length / 8192); page * 4096 < content.length; page += 2)
    content.fill(0xff, page * 4096, (page + 1) * 4096);
  await Bun.write(path, content);
  const reading = openSqliteStoreForReading(path);
  const problems = await reading.checkIntegrity();
  expect(problems).not.toBeEmpty();
  expect(problems.length).toBeLessThan(50);
  for (const problem of problems) expect(problem).toMatch(/\w/);
  await reading.close();
});
