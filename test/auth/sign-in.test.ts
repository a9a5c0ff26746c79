import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { invite, openBrowser, PASSWORD, setUpAdmin, tokenOf } from '../helpers/accounts.ts';
import { openDatabase } from '../helpers/database.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
const clock = manualClock();
beforeEach(async () => {
  t = await startTestService({ clock, secret: false });
});
afterEach(() => t.stop());

const accept = (token: string, rest: Record<string, unknown> = {}) =>
  t.api(
    'POST',
    '/api/v1/invitations/accept',
    { token, name: 'Ada', email: 'ada@example.com', password: PASSWORD, ...rest },
    { authorization: '' },
  );
const check = (token: string) => t.api('POST', '/api/v1/invitations/check', { token }, { authorization: '' });
const setUpToken = () => tokenOf(t.service.setUpUrl ?? '');
const isSetUp = async () =>
  (await t.api('GET', '/api/v1/sign-in-options', undefined, { authorization: '' })).body.data.setUp;
const failure = ({ status, body }: { status: number; body: { error?: { code: string } } }) =>
  `${status} ${body.error?.code}`;

describe('the link of the first start', () => {
  test('makes the first admin, who can sign in, and then never again', async () => {
    expect(t.service.setUpUrl).toStartWith(`${t.url}/admin/accept#`);
    expect(await isSetUp()).toBe(false);
    expect((await check(setUpToken())).body.data).toEqual({
      role: 'admin',
      email: null,
      setUp: true,
      expiresAt: new Date(clock.now() + 30 * 60_000).toISOString(),
    });

    const made = await accept(setUpToken(), { email: ' Ada@Example.com'.trim() });
    expect(made).toMatchObject({ status: 201, body: { data: { email: 'ada@example.com', role: 'admin' } } });
    expect(await isSetUp()).toBe(true);
    const browser = openBrowser(t);
    expect((await browser.signIn('ADA@example.com')).status).toBe(200);
    const { body } = await browser.call('GET', '/api/v1/me');
    expect(body.data).toMatchObject({ kind: 'admin', name: 'Ada', email: 'ada@example.com', role: 'admin' });

    expect(failure(await accept(setUpToken(), { email: 'eve@example.com' }))).toBe('409 invitation_used');
    expect(failure(await check(setUpToken()))).toBe('409 invitation_used');
    await t.restart();
    expect(t.service.setUpUrl).toBeNull();
  });

  test('is good for 30 minutes', async () => {
    clock.advance(30 * 60_000 - 1);
    expect((await check(setUpToken())).status).toBe(200);
    clock.advance(1);
    expect(failure(await check(setUpToken()))).toBe('409 invitation_expired');
    expect(failure(await accept(setUpToken()))).toBe('409 invitation_expired');
    expect(await isSetUp()).toBe(false);
  });

  test('is replaced by the next start', async () => {
    const first = setUpToken();
    await t.restart();
    expect(failure(await accept(first))).toBe('409 invitation_unknown');
    expect((await accept(setUpToken())).status).toBe(201);
  });

  test('is worth nothing once there is an admin by another way', async () => {
    const { body } = await t.api('POST', '/api/v1/invitations', { role: 'admin' });
    await accept(tokenOf(body.data.url));
    expect(failure(await accept(setUpToken(), { email: 'eve@example.com' }))).toBe('409 invitation_used');
  });

  test('makes one admin when it is used twice at once', async () => {
    const answers = await Promise.all(
      ['ada', 'eve', 'ida'].map((name) => accept(setUpToken(), { email: `${name}@example.com` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect((await t.api('GET', '/api/v1/admins')).body.data).toHaveLength(1);
  });

  test.each([
    ['an unknown token', { token: 'x' }, '409 invitation_unknown'],
    ['an empty token', { token: '' }, '422 invalid'],
    ['a short password', { password: 'elevenchars' }, '422 invalid'],
    ['a very long password', { password: 'x'.repeat(129) }, '422 invalid'],
    ['no email', { email: 'ada' }, '422 invalid'],
    ['no name', { name: '   ' }, '422 invalid'],
  ])('refuses %s', async (_what, rest, code) => {
    expect(failure(await accept(setUpToken(), rest))).toBe(code);
    expect(await isSetUp()).toBe(false);
  });
});

describe('invitations', () => {
  test('for an email are for that email alone', async () => {
    const { body } = await t.api('POST', '/api/v1/invitations', {
      role: 'viewer',
      email: 'Vera@example.com',
    });
    expect(body.data).toMatchObject({
      role: 'viewer',
      email: 'vera@example.com',
      createdBy: 'ADMIN_API_KEY',
    });
    const token = tokenOf(body.data.url);
    expect(failure(await accept(token, { email: 'eve@example.com' }))).toBe('422 other_email');
    expect((await accept(token, { email: 'VERA@example.com' })).body.data.role).toBe('viewer');
    expect(
      failure(await t.api('POST', '/api/v1/invitations', { role: 'viewer', email: 'vera@example.com' })),
    ).toBe('409 email_taken');
  });

  test('are listed until they are used, withdrawn or accepted; and end after seven days', async () => {
    const made = (await t.api('POST', '/api/v1/invitations', { role: 'viewer' })).body.data;
    const withdrawn = (await t.api('POST', '/api/v1/invitations', { role: 'viewer' })).body.data;
    const list = async () => (await t.api('GET', '/api/v1/invitations')).body.data;
    expect((await list()).map(({ id }: { id: string }) => id).sort()).toEqual([made.id, withdrawn.id].sort());
    expect((await t.api('DELETE', `/api/v1/invitations/${withdrawn.id}`)).status).toBe(204);
    expect((await t.api('DELETE', `/api/v1/invitations/${withdrawn.id}`)).status).toBe(404);
    expect(failure(await accept(tokenOf(withdrawn.url)))).toBe('409 invitation_unknown');
    clock.advance(7 * 24 * 3_600_000);
    expect(await list()).toMatchObject([{ id: made.id, expired: true }]);
    expect(failure(await accept(tokenOf(made.url)))).toBe('409 invitation_expired');
  });

  test('make no second account for an email', async () => {
    await setUpAdmin(t);
    const { body } = await t.api('POST', '/api/v1/invitations', { role: 'admin' });
    expect(failure(await accept(tokenOf(body.data.url)))).toBe('409 email_taken');
    // It is still good for another one.
    expect((await accept(tokenOf(body.data.url), { email: 'ida@example.com' })).status).toBe(201);
  });
});

describe('signing in', () => {
  test('does not say whether it was the email or the password', async () => {
    await setUpAdmin(t);
    const wrong = await openBrowser(t).signIn('ada@example.com', 'not the password at all');
    const unknown = await openBrowser(t).signIn('nobody@example.com', PASSWORD);
    expect(failure(wrong)).toBe('401 invalid_email_or_password');
    expect(unknown.body).toEqual(wrong.body);
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  test('sets a cookie no script can read, and says the token nowhere else', async () => {
    const browser = await setUpAdmin(t);
    const { headers, body } = await browser.signIn('ada@example.com');
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^quackback-segment\.session_token=.*; Path=\/; HttpOnly; SameSite=Lax$/);
    const token = /=([^.]+)\./.exec(cookie)?.[1] ?? '';
    expect(token.length).toBeGreaterThan(20);
    expect(JSON.stringify(body)).not.toContain(token);
  });

  test('behind https the cookie is for https alone', async () => {
    const url = 'https://segment.example.com';
    const secure = await startTestService({ env: { PUBLIC_URL: url } });
    await setUpAdmin(secure).catch(() => {});
    const browser = openBrowser(secure);
    const { status, headers } = await browser.call(
      'POST',
      '/api/auth/sign-in/email',
      { email: 'ada@example.com', password: PASSWORD },
      { origin: url },
    );
    expect(status).toBe(200);
    expect(headers.getSetCookie()[0]).toMatch(/^__Secure-quackback-segment\.session_token=.*; Secure; /);
    expect((await browser.call('GET', '/api/v1/me')).status).toBe(200);
    await secure.stop();
  });

  test('a proxy of ours says that it is https; anybody else is not believed', async () => {
    for (const [hops, secure] of [
      ['1', true],
      ['0', false],
    ] as const) {
      const proxied = await startTestService({ env: { TRUSTED_PROXY_HOPS: hops } });
      await setUpAdmin(proxied);
      const browser = openBrowser(proxied);
      const origin = `${secure ? 'https' : 'http'}://${new URL(proxied.url).host}`;
      const forwarded = { 'x-forwarded-proto': 'https', origin };
      const body = { email: 'ada@example.com', password: PASSWORD };
      const { headers } = await browser.call('POST', '/api/auth/sign-in/email', body, forwarded);
      expect(headers.getSetCookie()[0]?.includes('; Secure')).toBe(secure);
      expect((await browser.call('GET', '/api/v1/me', undefined, forwarded)).status).toBe(200);
      await proxied.stop();
    }
  });

  test('a restart keeps sessions', async () => {
    const browser = await setUpAdmin(t);
    await t.restart();
    // Another port is another origin; the cookie does not know of ports.
    expect((await browser.call('GET', '/api/v1/me')).body.data.email).toBe('ada@example.com');
  });

  test('a session that has expired is none, and one that is used goes on', async () => {
    const browser = await setUpAdmin(t);
    const set = (column: string, at: number) => {
      const database = openDatabase(t.dataDir, { write: true });
      database.run(`UPDATE admin_sessions SET ${column} = ?`, [at]);
      database.close();
    };
    const day = 86_400_000;
    set('expires_at', Date.now() + 5 * day);
    const prolonged = await browser.call('GET', '/api/v1/me');
    expect(prolonged.status).toBe(200);
    expect(prolonged.headers.getSetCookie()[0]).toContain('Max-Age=604800');
    set('expires_at', Date.now() - 1000);
    expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
  });

  test.each([
    ['another signature', (cookie: string) => `${cookie.slice(0, -8)}AAAAAAA%3D`],
    ['no signature', (cookie: string) => cookie.split('.').slice(0, 2).join('.')],
    ['nonsense', () => 'quackback-segment.session_token=x'],
    ['nothing', () => 'quackback-segment.session_token='],
  ])('a cookie with %s is nobody', async (_what, forge) => {
    const cookie = forge((await setUpAdmin(t)).cookies());
    const { status } = await t.api('GET', '/api/v1/me', undefined, { authorization: '', cookie });
    expect(status).toBe(401);
  });
});

describe('signing out', () => {
  test('ends the session, not only the cookie', async () => {
    const browser = await setUpAdmin(t);
    const cookie = browser.cookies();
    expect((await browser.call('POST', '/api/auth/sign-out', {})).status).toBe(200);
    expect((await t.api('GET', '/api/v1/me', undefined, { authorization: '', cookie })).status).toBe(401);
  });

  test('a session ended elsewhere ends at once', async () => {
    const here = await setUpAdmin(t);
    const there = openBrowser(t);
    await there.signIn('ada@example.com');
    const sessions = (await here.call('GET', '/api/v1/sessions')).body.data;
    expect(sessions).toHaveLength(2);
    const other = sessions.find(({ current }: { current: boolean }) => !current);
    expect((await here.call('DELETE', `/api/v1/sessions/${other.id}`)).status).toBe(204);
    expect((await there.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await here.call('GET', '/api/v1/me')).status).toBe(200);
    expect((await here.call('DELETE', `/api/v1/sessions/${other.id}`)).status).toBe(404);
  });

  test("a viewer ends their own sessions, and does not see others'", async () => {
    const admin = await setUpAdmin(t);
    const viewer = await invite(t, 'viewer', 'vera@example.com');
    const [theirs] = (await admin.call('GET', '/api/v1/sessions')).body.data;
    expect((await viewer.call('DELETE', `/api/v1/sessions/${theirs.id}`)).status).toBe(404);
    expect((await viewer.call('GET', '/api/v1/sessions?all=true')).status).toBe(403);
    const [own] = (await viewer.call('GET', '/api/v1/sessions')).body.data;
    expect(own.admin.email).toBe('vera@example.com');
    expect((await viewer.call('DELETE', `/api/v1/sessions/${own.id}`)).status).toBe(204);
    expect((await viewer.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await admin.call('GET', '/api/v1/sessions?all=true')).body.data).toHaveLength(1);
  });

  test('another password ends the other sessions', async () => {
    const here = await setUpAdmin(t);
    const there = openBrowser(t);
    await there.signIn('ada@example.com');
    const change = (currentPassword: string, newPassword: string) =>
      here.call('POST', '/api/auth/change-password', { currentPassword, newPassword });
    expect(failure(await change('wrong wrong wrong', 'another password'))).toBe('400 invalid_password');
    expect(failure(await change(PASSWORD, 'elevenchars'))).toBe('400 password_too_short');
    expect((await there.call('GET', '/api/v1/me')).status).toBe(200);
    expect((await change(PASSWORD, 'another password')).status).toBe(200);
    expect((await there.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await here.call('GET', '/api/v1/me')).status).toBe(200);
    expect((await openBrowser(t).signIn('ada@example.com')).status).toBe(401);
    expect((await openBrowser(t).signIn('ada@example.com', 'another password')).status).toBe(200);
  });
});
