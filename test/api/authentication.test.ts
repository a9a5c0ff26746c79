import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { type Answer, API_KEY, startTestService, type TestService } from '../helpers/service.ts';
import { isOpen } from './operations.ts';
import { expectError } from './scenario.ts';

let t: TestService;
let operations: { method: string; path: string }[];
beforeAll(async () => {
  t = await startTestService();
  await t.api('POST', '/api/v1/users/identify', { email: 'secret-user@example.com' });
  const { body } = await t.api('GET', '/swagger/json');
  operations = Object.entries(body.paths as Record<string, object>)
    .flatMap(([path, item]) =>
      Object.keys(item).map((method) => ({
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, 'user_1'),
      })),
    )
    .filter((operation) => !isOpen(operation));
});
afterAll(() => t.stop());

const refused = (answer: Answer) => {
  expect(answer.status).toBe(401);
  expectError(answer);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  expect(answer.body.error).toEqual({
    code: 'unauthorized',
    message: 'Sign in, or send an API key that works: Authorization: Bearer qb_…',
  });
};

describe('every route under /api/v1', () => {
  test('there are some', () => {
    expect(operations.filter(({ path }) => path.startsWith('/api/v1/')).length).toBeGreaterThan(15);
  });

  for (const [what, authorization] of [
    ['no key', ''],
    ['another key', `Bearer ${API_KEY}x`],
    ['the key without its scheme', API_KEY],
    ['the key in another scheme', `Basic ${Buffer.from(`${API_KEY}:`).toString('base64')}`],
    ['an empty key', 'Bearer '],
    ['two keys', `Bearer ${API_KEY} ${API_KEY}`],
    ['the hash of nothing', 'Bearer null'],
  ] as const) {
    test(`answers 401 to ${what}, whatever else is wrong`, async () => {
      for (const { method, path } of operations.filter(({ path }) => path.startsWith('/api/v1/'))) {
        refused(await t.api(method, path, undefined, { authorization }));
        if (method !== 'GET')
          refused(await t.api(method, path, '{"not": json', { authorization, 'content-type': 'text/x' }));
      }
    });
  }

  test('takes the scheme in any case, and the key from nowhere but the header', async () => {
    expect(
      (await t.api('GET', '/api/v1/users', undefined, { authorization: `bearer ${API_KEY}` })).status,
    ).toBe(200);
    expect(
      (await t.api('GET', '/api/v1/users', undefined, { authorization: `BEARER ${API_KEY}` })).status,
    ).toBe(200);
    const elsewhere = { authorization: '', 'x-api-key': API_KEY, cookie: `key=${API_KEY}` };
    refused(await t.api('GET', `/api/v1/users?key=${API_KEY}&access_token=${API_KEY}`, undefined, elsewhere));
  });

  test('an unknown one is not told apart from a known one', async () => {
    for (const path of ['/api/v1', '/api/v1/', '/api/v1/nothing', '/api/v1/users/user_1/nothing']) {
      refused(await t.api('GET', path, undefined, { authorization: '' }));
    }
  });
});

test('the webhook, health and documentation need no key', async () => {
  for (const { method, path } of operations.filter(({ path }) => !path.startsWith('/api/v1/'))) {
    const { status, body } = await t.api(method, path, undefined, { authorization: '' });
    expect({ path, code: body.error?.code }).toEqual({ path, code: undefined });
    expect(status).toBe(path.includes('webhook') ? 401 : 200);
  }
  for (const path of ['/swagger', '/swagger/json']) {
    expect((await t.api('GET', path, undefined, { authorization: '' })).status).toBe(200);
  }
});

describe('no way of writing the address gets around the key', () => {
  const targets = [
    '/api/v1/users',
    '/api/v1/users/',
    '/api/v1/users#x',
    '/#/../api/v1/users',
    '/healthz#/../api/v1/users',
    '/x?/../api/v1/users',
    '/x/../api/v1/users',
    '/x/%2e%2e/api/v1/users',
    '/x/%2E%2E%2Fapi/v1/users',
    '/./api/v1/users',
    '//api/v1/users',
    '/api//v1//users',
    '/api\\v1\\users',
    '/%61pi/v1/users',
    '/api%2fv1%2fusers',
    '/API/V1/USERS',
    '/api/v1;x=y/users',
    'http://evil.example/api/v1/users',
    'http://evil.example#/../api/v1/users',
  ];
  const hosts = ['localhost', 'x/healthz?', 'x#', 'x?', '[', 'a b', 'x\\y', 'a@b:c', '', '\xff'];
  for (const target of targets) {
    test(target, async () => {
      for (const host of hosts) {
        const answer = await raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        expect(`${host}: ${answer}`).toMatch(/: HTTP\/1.1 (400|401|404|302 Found\r\nLocation: \/admin\r) ?/);
        expect(answer).not.toContain('secret-user');
      }
    });
  }

  test('an old client without a Host is served like any other', async () => {
    expect(await raw('GET /api/v1/users HTTP/1.0\r\n\r\n')).toStartWith('HTTP/1.1 401');
    expect(await raw(`GET /api/v1/users HTTP/1.0\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`)).toContain(
      'secret-user',
    );
    expect(await raw('GET /healthz HTTP/1.0\r\n\r\n')).toContain('{"status":"ok"}');
  });
});

/** Sends exactly these bytes and answers what comes back before the connection ends. */
function raw(request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(Number(new URL(t.url).port), '127.0.0.1', () =>
    socket.write(Buffer.from(request, 'latin1')),
  );
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.on('close', () => resolve(answer));
  socket.on('error', reject);
  return promise;
}
