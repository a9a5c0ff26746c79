import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { hashToken } from '../../src/auth/tokens.ts';
import { MIGRATIONS } from '../../src/store/sqlite/migrate.ts';
import { bearer, makeKey, setUpAdmin } from '../helpers/accounts.ts';
import { openDatabase } from '../helpers/database.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
const clock = manualClock();
beforeEach(async () => {
  t = await startTestService({ clock, secret: false });
});
afterEach(() => t.stop());

const works = async (key: string) =>
  (await t.api('GET', '/api/v1/users', undefined, bearer(key))).status === 200;
const listed = async (id: string) =>
  (await t.api('GET', '/api/v1/api-keys')).body.data.find((key: { id: string }) => key.id === id);

test('a key is shown once, works at once, and its hash alone is stored', async () => {
  const admin = await setUpAdmin(t);
  const { status, body } = await admin.call('POST', '/api/v1/api-keys', { name: ' Reports ', scope: 'read' });
  expect(status).toBe(201);
  const { id, key } = body.data;
  expect(key).toMatch(/^qb_[\w-]{43}$/);
  expect(body.data).toMatchObject({
    name: 'Reports',
    scope: 'read',
    status: 'active',
    createdBy: 'ada@example.com',
  });
  expect(body.data.hint).toBe(`qb_…${key.slice(-4)}`);
  expect(await works(key)).toBe(true);
  expect(JSON.stringify((await t.api('GET', '/api/v1/api-keys')).body)).not.toContain(key);
  expect(JSON.stringify((await t.api('GET', '/api/v1/audit')).body)).not.toContain(key);

  const database = openDatabase(t.dataDir);
  const row = database.query('SELECT * FROM api_keys WHERE id = ?').get(id) as Record<string, unknown>;
  database.close();
  expect(row.hash).toBe(hashToken(key));
  expect(Object.values(row)).not.toContain(key);
});

test('a revoked key ends with that request, and stays in the list', async () => {
  const { id, key } = await makeKey(t, 'write');
  expect((await t.api('DELETE', `/api/v1/api-keys/${id}`)).status).toBe(204);
  expect(await works(key)).toBe(false);
  expect(await listed(id)).toMatchObject({
    status: 'revoked',
    revokedAt: new Date(clock.now()).toISOString(),
  });
  expect((await t.api('DELETE', `/api/v1/api-keys/${id}`)).status).toBe(404);
});

test('a key that expires works until then', async () => {
  const expiresAt = new Date(clock.now() + 60_000).toISOString();
  const { id, key } = await makeKey(t, 'read', { expiresAt });
  clock.advance(59_999);
  expect(await works(key)).toBe(true);
  expect(await listed(id)).toMatchObject({ status: 'active', expiresAt });
  clock.advance(1);
  expect(await works(key)).toBe(false);
  expect(await listed(id)).toMatchObject({ status: 'expired' });
});

test('the last use is known to the minute', async () => {
  const { id, key } = await makeKey(t, 'read');
  expect((await listed(id)).lastUsedAt).toBeNull();
  const first = new Date(clock.now()).toISOString();
  await works(key);
  expect((await listed(id)).lastUsedAt).toBe(first);
  clock.advance(59_000);
  await works(key);
  expect((await listed(id)).lastUsedAt).toBe(first);
  clock.advance(1000);
  await works(key);
  const next = new Date(clock.now()).toISOString();
  // Nobody asked for the list: a stop writes it, too.
  await t.restart();
  expect((await listed(id)).lastUsedAt).toBe(next);
});

test.each([
  [{ name: '', scope: 'read' }],
  [{ name: '  ', scope: 'read' }],
  [{ name: 'Nightly\u001b[2Jexport', scope: 'read' }],
  [{ name: 'x', scope: 'accounts' }],
  [{ name: 'x' }],
  [{ name: 'x', scope: 'read', expiresAt: 'tomorrow' }],
  [{ name: 'x', scope: 'read', expiresAt: '2020-01-01T00:00:00Z' }],
  [{ name: 'x', scope: 'read', expiresAt: '+275760-09-13T00:00:00.000Z' }],
  [{ name: 'x', scope: 'read', expiresAt: '9999-12-31T23:59:59-01:00' }],
])('%j makes no key', async (body) => {
  const answer = await t.api('POST', '/api/v1/api-keys', body);
  expect(answer).toMatchObject({ status: 422, body: { error: { code: 'invalid' } } });
  expect((await t.api('GET', '/api/v1/api-keys')).body.data).toEqual([]);
});

test('a key says of itself what it may do', async () => {
  const { key } = await makeKey(t, 'write');
  const { body } = await t.api('GET', '/api/v1/me', undefined, bearer(key));
  expect(body.data).toMatchObject({
    kind: 'key',
    name: 'write',
    scope: 'write',
    role: null,
    email: null,
    permissions: ['read', 'export', 'write'],
  });
});

describe('the key of the first start', () => {
  test('is a key like others, and made once', async () => {
    const place = await startTestService({ env: { ADMIN_API_KEY: '' }, secret: false });
    const key = place.service.freshApiKey ?? '';
    const { body } = await place.api('GET', '/api/v1/api-keys', undefined, bearer(key));
    expect(body.data).toMatchObject([{ name: 'First start', scope: 'settings', createdBy: null }]);
    expect(
      (await place.api('POST', '/api/v1/api-keys', { name: 'x', scope: 'read' }, bearer(key))).status,
    ).toBe(403);
    await place.restart();
    expect(place.service.freshApiKey).toBeNull();
    expect((await place.api('GET', '/api/v1/users', undefined, bearer(key))).status).toBe(200);
    await place.stop();
  });

  test('is not made where ADMIN_API_KEY is set, nor where somebody can sign in', async () => {
    expect(t.service.freshApiKey).toBeNull();
    await setUpAdmin(t);
    await t.restart({ ADMIN_API_KEY: '' });
    expect(t.service.freshApiKey).toBeNull();
  });

  test('made by an earlier version goes on working', () => {
    const at = MIGRATIONS.findIndex(({ name }) => name === '0004_accounts');
    const sqlite = new Database(':memory:', { strict: true });
    for (const { sql } of MIGRATIONS.slice(0, at)) sqlite.run(sql);
    const hash = hashToken('qb_of-the-first-start');
    sqlite.run(
      `INSERT INTO settings (key, value) VALUES ('admin_api_key_hash', '${hash}'), ('segment', '{}')`,
    );
    sqlite.run(MIGRATIONS[at]?.sql ?? '');
    expect(sqlite.query('SELECT name, scope, hash, expires_at, revoked_at FROM api_keys').all()).toEqual([
      { name: 'First start', scope: 'settings', hash, expires_at: null, revoked_at: null },
    ]);
    expect(sqlite.query('SELECT key FROM settings').all()).toEqual([{ key: 'segment' }]);
    sqlite.close();
  });
});
