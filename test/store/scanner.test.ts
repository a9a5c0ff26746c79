import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoints, createCheckpoints } from '../../src/store/sqlite/checkpoints.ts';
import { openDatabase, type SqliteConnection } from '../../src/store/sqlite/database.ts';
import type { ScanRequest } from '../../src/store/sqlite/evaluation-scan.ts';
import { createServedScanner } from '../../src/store/sqlite/scanner.ts';
import { emails, planIs } from './conformance/fixture.ts';

const USERS = 30;
const request: ScanRequest = {
  definitions: JSON.stringify([{ id: 7, slug: 'pro', rules: planIs('pro') }]),
  which: [7],
  cursor: 0,
  through: Number.MAX_SAFE_INTEGER,
  limit: 100,
  now: 1,
};

let folder: string;
let connection: SqliteConnection;
let checkpoints: Checkpoints;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quackback-segment-scanner-'));
  connection = openDatabase(join(folder, 'test.db'));
  const insert = connection.sqlite.query(
    `INSERT INTO users (email, name_at, external_id_at, attributes, clock, created_at, updated_at)
     VALUES (?, 0, 0, ?, 0, 0, 0)`,
  );
  for (const [i, email] of emails(USERS).entries()) {
    insert.run(email, JSON.stringify({ plan: i % 3 === 0 ? 'pro' : 'free' }));
  }
  checkpoints = createCheckpoints(connection);
});
afterEach(async () => {
  await checkpoints.close();
  connection.sqlite.close();
  await rm(folder, { recursive: true, force: true });
});

const everyThird = Array.from({ length: USERS / 3 }, (_, i) => 3 * i + 1);
const scannerOf = (path: string, worth: number) =>
  createServedScanner({ ...connection, path }, checkpoints, worth);

describe('users are looked at', () => {
  test('by a thread where there are enough of them', async () => {
    const scanner = scannerOf(connection.path, USERS);
    const answer = await scanner.scan(request);
    expect(scanner.concurrent).toBe(true);
    expect(answer).toEqual({ last: Number.MAX_SAFE_INTEGER, users: USERS, news: everyThird });
    await scanner.rest();
    expect(scanner.concurrent).toBe(false);
  });

  test('here where there are few', async () => {
    const scanner = scannerOf(connection.path, USERS + 1);
    expect((await scanner.scan(request)).news).toEqual(everyThird);
    expect(scanner.concurrent).toBe(false);
  });

  test('here where the thread can not work, until the next evaluation', async () => {
    const path = join(folder, 'away.db');
    const scanner = scannerOf(path, 0);
    for (let times = 0; times < 2; times++) {
      expect((await scanner.scan(request)).news).toEqual(everyThird);
      expect(scanner.concurrent).toBe(false);
    }
    await symlink(connection.path, path);
    expect((await scanner.scan(request)).news).toEqual(everyThird);
    expect(scanner.concurrent).toBe(false);
    await scanner.rest();
    expect((await scanner.scan(request)).users).toBe(USERS);
    expect(scanner.concurrent).toBe(true);
    await scanner.rest();
  });
});
