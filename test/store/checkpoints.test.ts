import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoints, createCheckpoints, OWN_PAGES } from '../../src/store/sqlite/checkpoints.ts';
import { openDatabase, type SqliteConnection } from '../../src/store/sqlite/database.ts';

let folder: string;
let connection: SqliteConnection;
let checkpoints: Checkpoints;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quackback-segment-checkpoints-'));
  connection = openDatabase(join(folder, 'test.db'));
  connection.sqlite.run('CREATE TABLE pages (id INTEGER PRIMARY KEY, content BLOB)');
  connection.sqlite.run('PRAGMA wal_checkpoint(TRUNCATE)');
  checkpoints = createCheckpoints(connection);
});
afterEach(async () => {
  await checkpoints.close();
  connection.sqlite.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes at least so many pages in one commit. */
function write(pages: number) {
  const insert = connection.sqlite.query('INSERT INTO pages (content) VALUES (zeroblob(2000))');
  connection.sqlite.transaction(() => {
    for (let n = 0; n < pages; n++) insert.run();
  })();
}
/** Pages in the log, and those of them that are in the database. */
function log() {
  const [row] = connection.sqlite.query('PRAGMA wal_checkpoint(NOOP)').values() as number[][];
  return { length: row?.[1] as number, copied: row?.[2] as number };
}

describe('the write-ahead log', () => {
  test('is left alone while it is short', async () => {
    write(100);
    await checkpoints.look();
    expect(log()).toMatchObject({ copied: 0 });
  });

  test('is copied into the database from some length on', async () => {
    write(1500);
    const { length } = log();
    await checkpoints.look();
    expect(log()).toEqual({ length, copied: length });
  });

  test('begins anew with the commit after it was copied, so that it stays short', async () => {
    for (let n = 0; n < 12; n++) {
      write(1800);
      await checkpoints.look();
    }
    expect(log().length).toBeLessThan(8000);
    expect(connection.sqlite.query('SELECT count(*) AS n FROM pages').get()).toEqual({ n: 12 * 1800 });
    expect(connection.sqlite.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  test('is looked at by itself', async () => {
    write(1500);
    while (log().copied === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log().copied).toBeGreaterThan(1000);
  });

  test('is copied by SQLite itself while the thread can not work, and by the thread again later', async () => {
    await checkpoints.close();
    const path = join(folder, 'away.db');
    checkpoints = createCheckpoints({ ...connection, path });
    const own = () => connection.sqlite.query('PRAGMA wal_autocheckpoint').values()[0]?.[0] as number;
    write(1500);
    await checkpoints.look();
    expect({ copied: log().copied, own: own() }).toEqual({ copied: 0, own: OWN_PAGES });
    await symlink(connection.path, path);
    await checkpoints.look();
    expect(log().copied).toBe(0);
    while (log().copied === 0) await checkpoints.look();
    expect(own()).toBeGreaterThan(OWN_PAGES);
  });

  test('is gone after the end, and its file with it', async () => {
    write(1500);
    await checkpoints.look();
    await checkpoints.close();
    connection.sqlite.run('PRAGMA wal_checkpoint(TRUNCATE)');
    connection.sqlite.close();
    const left = await Array.fromAsync(new Bun.Glob('*').scan(folder));
    expect(left).toEqual(['test.db']);
    connection = openDatabase(join(folder, 'test.db'));
    checkpoints = createCheckpoints(connection);
    expect(connection.sqlite.query('SELECT count(*) AS n FROM pages').get()).toEqual({ n: 1500 });
  });
});
