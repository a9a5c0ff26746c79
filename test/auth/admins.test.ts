import { afterEach, beforeEach, expect, test } from 'bun:test';
import { type Browser, invite, openBrowser, PASSWORD, setUpAdmin, tokenOf } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
let ada: Browser;
beforeEach(async () => {
  t = await startTestService({ secret: false });
  ada = await setUpAdmin(t);
});
afterEach(() => t.stop());

const idOf = async (email: string): Promise<string> =>
  (await t.api('GET', '/api/v1/admins')).body.data.find((one: { email: string }) => one.email === email)?.id;
const isIn = async (browser: Browser) => (await browser.call('GET', '/api/v1/me')).status === 200;

test('the list shows who can sign in, and no secret', async () => {
  await invite(t, 'viewer', 'vera@example.com');
  const { body } = await ada.call('GET', '/api/v1/admins');
  const common = { disabled: false, twoFactor: false, password: true, lastSeenAt: expect.any(String) };
  expect(body.data).toMatchObject([
    { email: 'ada@example.com', role: 'admin', ...common },
    { email: 'vera@example.com', role: 'viewer', ...common },
  ]);
  expect(JSON.stringify(body)).not.toMatch(/hash|token|secret/i);
});

test('everybody changes their own name, and that alone', async () => {
  const vera = await invite(t, 'viewer', 'vera@example.com');
  const { status, body } = await vera.call('PATCH', '/api/v1/me', { name: 'Véra R.', role: 'admin' });
  expect({ status, data: body.data }).toMatchObject({
    status: 200,
    data: { name: 'Véra R.', email: 'vera@example.com', role: 'viewer', permissions: ['read'] },
  });
  expect((await vera.call('GET', '/api/v1/me')).body).toEqual(body);
  expect((await ada.call('GET', '/api/v1/admins')).body.data).toMatchObject([
    { email: 'ada@example.com', name: 'ada' },
    { email: 'vera@example.com', name: 'Véra R.', role: 'viewer' },
  ]);
  expect((await ada.call('GET', '/api/v1/audit?limit=1')).body.data).toMatchObject([
    {
      action: 'admin.renamed',
      target: 'vera@example.com',
      actor: { name: 'vera@example.com' },
      changes: [{ field: 'name', after: 'Véra R.' }],
    },
  ]);
});

test.each([
  {},
  { name: '' },
  { name: '   ' },
  { name: 'two\nlines' },
  { name: 'x'.repeat(201) },
  { name: 7 },
])('a name that is none: %j', async (body) => {
  expect((await ada.call('PATCH', '/api/v1/me', body)).status).toBe(422);
  expect((await ada.call('GET', '/api/v1/me')).body.data.name).toBe('ada');
});

test('an API key has no name to change', async () => {
  const { status, body } = await t.api('PATCH', '/api/v1/me', { name: 'Robot' });
  expect({ status, code: body.error.code }).toEqual({ status: 403, code: 'not_signed_in' });
});

test('admins do not name others', async () => {
  await invite(t, 'viewer', 'vera@example.com');
  const path = `/api/v1/admins/${await idOf('vera@example.com')}`;
  const { body } = await ada.call('PATCH', path, { name: 'Somebody' });
  expect(body.data?.name).not.toBe('Somebody');
});

test.each([
  ['made a viewer', 'PATCH', { role: 'viewer' }],
  ['disabled', 'PATCH', { disabled: true }],
  ['both', 'PATCH', { role: 'viewer', disabled: true }],
  ['removed', 'DELETE', undefined],
] as const)('the last admin is not %s', async (_what, method, body) => {
  const path = `/api/v1/admins/${await idOf('ada@example.com')}`;
  // Neither a viewer nor somebody who is disabled could take over.
  await invite(t, 'viewer', 'vera@example.com');
  await invite(t, 'admin', 'ida@example.com');
  const other = `/api/v1/admins/${await idOf('ida@example.com')}`;
  expect((await ada.call('PATCH', other, { disabled: true })).status).toBe(200);
  const answer = await ada.call(method, path, body);
  expect(answer).toMatchObject({ status: 409, body: { error: { code: 'last_admin' } } });
  expect(await isIn(ada)).toBe(true);
  // With another one it goes.
  expect((await ada.call('PATCH', other, { disabled: false })).status).toBe(200);
  expect((await ada.call(method, path, body)).status).toBe(method === 'DELETE' ? 204 : 200);
  expect(await isIn(ada)).toBe(false);
});

test('who is disabled is out at once, comes in no more, and in again when enabled', async () => {
  const vera = await invite(t, 'viewer', 'vera@example.com');
  const path = `/api/v1/admins/${await idOf('vera@example.com')}`;
  expect((await ada.call('PATCH', path, { disabled: true })).body.data.disabled).toBe(true);
  expect(await isIn(vera)).toBe(false);
  const refused = await openBrowser(t).signIn('vera@example.com');
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'account_disabled' } } });
  expect(refused.headers.getSetCookie()).toEqual([]);
  await ada.call('PATCH', path, { disabled: false });
  expect((await vera.signIn('vera@example.com')).status).toBe(200);
  expect(await isIn(vera)).toBe(true);
});

test('another role counts from the next request on', async () => {
  const vera = await invite(t, 'viewer', 'vera@example.com');
  const make = () => vera.call('POST', '/api/v1/segments', { name: 'VIP', type: 'manual' });
  expect((await make()).status).toBe(403);
  const path = `/api/v1/admins/${await idOf('vera@example.com')}`;
  await ada.call('PATCH', path, { role: 'admin' });
  expect((await make()).status).toBe(201);
  await ada.call('PATCH', path, { role: 'viewer' });
  expect(await isIn(vera)).toBe(false);
  await vera.signIn('vera@example.com');
  expect((await make()).status).toBe(403);
});

test('who is removed is out at once, and their keys go on', async () => {
  const ida = await invite(t, 'admin', 'ida@example.com');
  const { key } = (await ida.call('POST', '/api/v1/api-keys', { name: 'Nightly', scope: 'read' })).body.data;
  const path = `/api/v1/admins/${await idOf('ida@example.com')}`;
  expect((await ada.call('DELETE', path)).status).toBe(204);
  expect(await isIn(ida)).toBe(false);
  expect((await openBrowser(t).signIn('ida@example.com')).status).toBe(401);
  expect((await ada.call('DELETE', path)).status).toBe(404);
  const authorization = `Bearer ${key}`;
  expect((await t.api('GET', '/api/v1/users', undefined, { authorization })).status).toBe(200);
  const [listed] = (await ada.call('GET', '/api/v1/api-keys')).body.data;
  expect(listed.createdBy).toBe('ida@example.com');
});

test.each([
  ['made a viewer', 'PATCH', { role: 'viewer' }],
  ['disabled', 'PATCH', { disabled: true }],
  ['removed', 'DELETE', undefined],
] as const)('who is %s comes back by no invitation of their own', async (_what, method, body) => {
  const ida = await invite(t, 'admin', 'ida@example.com');
  const linkOf = async (browser: Browser) =>
    (await browser.call('POST', '/api/v1/invitations', { role: 'admin' })).body.data.url;
  const theirs = await linkOf(ida);
  const others = await linkOf(ada);
  const path = `/api/v1/admins/${await idOf('ida@example.com')}`;
  expect((await ada.call(method, path, body)).status).toBeWithin(200, 300);
  const accept = (url: string, email: string) =>
    openBrowser(t).call('POST', '/api/v1/invitations/accept', {
      token: tokenOf(url),
      name: 'Somebody',
      email,
      password: PASSWORD,
    });
  expect((await accept(theirs, 'ida2@example.com')).body.error?.code).toBe('invitation_unknown');
  expect((await accept(others, 'eve@example.com')).status).toBe(201);
});
