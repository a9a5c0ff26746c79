import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Browser, openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { API_KEY, startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
let admin: Browser;
beforeAll(async () => {
  t = await startTestService();
  admin = await setUpAdmin(t);
});
afterAll(() => t.stop());

const segments = async () => (await t.api('GET', '/api/v1/segments')).body.data.length;
const SEGMENT = { name: 'Forged', type: 'manual' };

/** What a page of another site can have a browser send with our cookies. */
const FORGERIES: [what: string, headers: Record<string, string>][] = [
  ['another site', { origin: 'https://evil.example' }],
  ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
  ['a frame without an origin', { origin: 'null' }],
  ['a page that hides its origin', { origin: '', 'sec-fetch-site': 'cross-site' }],
  ['a sister site', { origin: '', 'sec-fetch-site': 'same-site' }],
  ['an old browser that says nothing', { origin: '' }],
  ['a form', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ['a form of our origin, as the browser knows better', { 'sec-fetch-site': 'cross-site' }],
  [
    'another site, with our host in its Referer',
    { origin: 'https://evil.example', referer: 'http://localhost/' },
  ],
  [
    'another site through a proxy of its own',
    { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
  ],
];

describe('a change with our cookies', () => {
  test.each(FORGERIES)('from %s is refused', async (_what, headers) => {
    for (const [method, path, body] of [
      ['POST', '/api/v1/segments', SEGMENT],
      ['POST', '/api/v1/users/import', 'email\neve@example.com\n'],
      ['PATCH', '/api/v1/settings/integrations/segment', { inbound: { enabled: false } }],
      ['POST', '/api/v1/api-keys', { name: 'x', scope: 'settings' }],
      ['POST', '/api/v1/invitations', { role: 'admin' }],
      ['DELETE', '/api/v1/users/user_1', undefined],
      ['POST', '/api/auth/sign-out', {}],
      ['POST', '/api/auth/change-password', { currentPassword: PASSWORD, newPassword: 'another password' }],
      ['POST', '/api/auth/two-factor/disable', { password: PASSWORD }],
    ] as const) {
      const { status, body: answer } = await admin.call(method, path, body, headers);
      expect({ path, status, code: answer.error?.code }).toEqual({ path, status: 403, code: 'cross_origin' });
    }
    expect(await segments()).toBe(0);
    expect((await admin.call('GET', '/api/v1/me')).status).toBe(200);
  });

  test('reading needs no origin: no other site can see the answer', async () => {
    const { status, headers } = await admin.call('GET', '/api/v1/users', undefined, {
      origin: 'https://evil.example',
    });
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('no other site is let in by a preflight', async () => {
    const { headers } = await admin.call('OPTIONS', '/api/v1/segments', undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
    });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('a key is no cookie: it may come from anywhere, and the cookies beside it count for nothing', async () => {
    const cookie = admin.cookies();
    const origin = 'https://evil.example';
    const wrong = { cookie, origin, authorization: `Bearer ${API_KEY}x` };
    expect((await t.api('POST', '/api/v1/segments', SEGMENT, wrong)).status).toBe(401);
    const { status, body } = await t.api('GET', '/api/v1/me', undefined, { cookie, origin });
    expect({ status, kind: body.data.kind }).toEqual({ status: 200, kind: 'environment' });
    // A proxy may ask for a password of its own by the same header.
    const basic = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
    expect((await admin.call('GET', '/api/v1/me', undefined, basic)).body.data.kind).toBe('admin');
  });
});

describe('signing in', () => {
  test.each(FORGERIES)('from %s is refused', async (_what, headers) => {
    const body = { email: 'ada@example.com', password: PASSWORD };
    const answer = await openBrowser(t).call('POST', '/api/auth/sign-in/email', body, headers);
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'cross_origin' } } });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test.each([
    ['text/plain', JSON.stringify({ email: 'ada@example.com', password: PASSWORD }), 415],
    [
      'application/x-www-form-urlencoded',
      `email=ada%40example.com&password=${encodeURIComponent(PASSWORD)}`,
      415,
    ],
    ['application/json', '{"email":', 400],
    ['application/json', '[]', 400],
    ['application/json', JSON.stringify({ email: 'x'.repeat(70_000) }), 413],
    ['application/json', JSON.stringify({ email: { toString: 1 }, password: ['x'] }), 400],
  ])('with %s %#', async (type, body, status) => {
    const answer = await openBrowser(t).call('POST', '/api/auth/sign-in/email', body, {
      'content-type': type,
    });
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toMatch(/^[a-z_]+$/);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

test.each([
  ['POST', '/api/auth/sign-up/email'],
  ['GET', '/api/auth/get-session'],
  ['POST', '/api/auth/update-user'],
  ['POST', '/api/auth/delete-user'],
  ['POST', '/api/auth/change-email'],
  ['POST', '/api/auth/request-password-reset'],
  ['POST', '/api/auth/reset-password'],
  ['GET', '/api/auth/list-sessions'],
  ['POST', '/api/auth/link-social'],
  ['POST', '/api/auth/two-factor/send-otp'],
  ['GET', '/api/auth/error'],
  ['GET', '/api/auth/ok'],
  ['GET', '/api/auth/sign-in/email'],
  ['POST', '/api/auth/sign-in/email/'],
  ['POST', '/api/auth//sign-in/email'],
  ['POST', '/api/auth/x/../sign-up/email'],
])('%s %s of the library is closed', async (method, path) => {
  const body = method === 'GET' ? undefined : { email: 'eve@example.com', password: PASSWORD, name: 'Eve' };
  expect((await admin.call(method, path, body)).status).toBe(404);
  expect((await t.api('GET', '/api/v1/admins')).body.data).toHaveLength(1);
});
