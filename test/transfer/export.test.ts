import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { API_KEY, startTestService, type TestService } from '../helpers/service.ts';
import { CSV, exportFile, importFile, NDJSON, rows } from './files.ts';

let t: TestService;
beforeAll(async () => {
  t = await startTestService();
  await importFile(
    t,
    NDJSON,
    '{"email":"ada@x.io","name":"Ada","externalId":"u1","attributes":{"plan":"gold","gone":null}}',
  );
  await importFile(t, CSV, `email,plan\n${rows(0, 1300)}`);
  await t.planSegment('Pro', 'pro');
  await t.planSegment('Gold', 'gold');
  await t.planSegment('Nobody', 'none');
});
afterAll(() => t.stop());

const get = (path: string) => fetch(`${t.url}${path}`, { headers: { authorization: `Bearer ${API_KEY}` } });

test.each([
  ['/api/v1/users/export', 'text/csv; charset=utf-8', 'users.csv'],
  ['/api/v1/users/export?format=csv', 'text/csv; charset=utf-8', 'users.csv'],
  ['/api/v1/users/export?format=ndjson', 'application/x-ndjson', 'users.ndjson'],
  ['/api/v1/segments/pro/export', 'text/csv; charset=utf-8', 'pro.csv'],
  ['/api/v1/segments/segment_1/export?format=ndjson', 'application/x-ndjson', 'pro.ndjson'],
])('%s is a file to save', async (path, type, name) => {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(type);
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
  expect((await answer.text()).length).toBeGreaterThan(1000);
});

describe('users', () => {
  test('every one of them once, by id, as the API shows them', async () => {
    const lines = (await exportFile(t, '/api/v1/users/export?format=ndjson')).trimEnd().split('\n');
    expect(lines).toHaveLength(1301);
    expect(new Set(lines).size).toBe(1301);
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(first).toEqual((await t.api('GET', `/api/v1/users/${first.id}`)).body.data);
    expect(first.attributes).toEqual({ plan: 'gold' });
    expect(second.email).toBe('u0@example.com');
  });

  test('as CSV', async () => {
    const lines = (await exportFile(t, '/api/v1/users/export')).split('\r\n');
    expect(lines).toHaveLength(1303);
    expect(lines[0]).toBe(
      'id,email,name,externalId,createdAt,updatedAt,lastSeenAt,plan:text,other:attributes',
    );
    expect(lines[1]).toMatch(/^user_\d+,ada@x\.io,Ada,u1,\S+Z,\S+Z,,gold,$/);
    expect(lines.at(-1)).toBe('');
  });

  test('none', async () => {
    const empty = await startTestService();
    try {
      expect(await exportFile(empty, '/api/v1/users/export?format=ndjson')).toBe('');
      expect(await exportFile(empty, '/api/v1/users/export')).toBe(
        'id,email,name,externalId,createdAt,updatedAt,lastSeenAt,other:attributes\r\n',
      );
    } finally {
      await empty.stop();
    }
  });
});

describe('members of a segment', () => {
  test.each([
    ['pro', 1300],
    ['gold', 1],
    ['nobody', 0],
  ])('%s has %d', async (slug, count) => {
    const lines = (await exportFile(t, `/api/v1/segments/${slug}/export?format=ndjson`))
      .split('\n')
      .slice(0, -1);
    expect(lines).toHaveLength(count);
    expect(new Set(lines).size).toBe(count);
  });

  test('with the columns of the members alone', async () => {
    const [header, row, end] = (await exportFile(t, '/api/v1/segments/gold/export')).split('\r\n');
    expect([header, row, end]).toEqual([
      expect.stringContaining('lastSeenAt,plan:text'),
      expect.stringContaining('ada@x.io'),
      '',
    ]);
  });
});

test.each([
  ['a segment that is not there', '/api/v1/segments/nowhere/export', 404, 'not_found'],
  ['an unknown format', '/api/v1/users/export?format=xml', 422, 'invalid'],
  ['an unknown format of a segment', '/api/v1/segments/pro/export?format=', 422, 'invalid'],
])('%s is refused', async (_it, path, status, code) => {
  const answer = await t.api('GET', path);
  expect({ status: answer.status, code: answer.body.error?.code }).toEqual({ status, code });
});

test('a reader that goes away ends the export, and the service goes on', async () => {
  const answer = await get('/api/v1/users/export?format=ndjson');
  const reader = answer.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect((await t.api('GET', '/healthz')).status).toBe(200);
  expect((await exportFile(t, '/api/v1/users/export?format=ndjson')).trimEnd().split('\n')).toHaveLength(
    1301,
  );
});

test('an export needs the API key', async () => {
  for (const path of ['/api/v1/users/export', '/api/v1/segments/pro/export']) {
    expect((await fetch(`${t.url}${path}`)).status).toBe(401);
  }
});
