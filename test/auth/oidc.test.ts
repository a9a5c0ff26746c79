import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { type Browser, openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { openDatabase } from '../helpers/database.ts';
import { CLIENT, type Claims, type OidcProvider, startOidcProvider } from '../helpers/oidc-provider.ts';
import { type Answer, startTestService, type TestService } from '../helpers/service.ts';

let provider: OidcProvider;
let t: TestService;
beforeAll(() => {
  provider = startOidcProvider();
});
afterAll(() => provider.stop());
beforeEach(async () => {
  provider.forged = {};
  t = await startTestService({
    secret: false,
    env: {
      OIDC_ISSUER: provider.url,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_NAME: 'Example ID',
      OIDC_ALLOWED_DOMAINS: 'Staff.example.com, partner.example',
    },
  });
});
afterEach(() => t.stop());

const WAY = { callbackURL: '/admin', errorCallbackURL: '/admin/sign-in' };
const person = (email: string, rest: Claims = {}): Claims => ({
  sub: `subject of ${email}`,
  email,
  email_verified: true,
  name: 'Grace',
  ...rest,
});

/** Sends a browser to the provider and back; answers where it lands. */
async function goRound(
  browser: Browser,
  change = (url: string) => url,
): Promise<{ landed: string; back: Answer }> {
  const { status, body } = await browser.call('POST', '/api/auth/sign-in/social', WAY);
  expect(status).toBe(200);
  expect(body.url).toStartWith(`${provider.url}/authorize?`);
  const sent = await fetch(body.url, { redirect: 'manual' });
  const back = await browser.call('GET', change(sent.headers.get('location') ?? ''), undefined, {
    origin: '',
  });
  expect(back.status).toBe(302);
  return { landed: (back.headers.get('location') ?? '').replace(t.url, ''), back };
}
const me = async (browser: Browser) => (await browser.call('GET', '/api/v1/me')).body.data;
const audit = async () => (await t.api('GET', '/api/v1/audit')).body.data;

test('the way in is offered by its name, and not where it is not configured', async () => {
  const options = async (service: TestService) =>
    (await service.api('GET', '/api/v1/sign-in-options', undefined, { authorization: '' })).body.data;
  expect(await options(t)).toEqual({ setUp: false, oidc: { name: 'Example ID' } });
  const plain = await startTestService({ secret: false });
  expect(await options(plain)).toEqual({ setUp: false, oidc: null });
  expect((await openBrowser(plain).call('POST', '/api/auth/sign-in/social', WAY)).status).toBe(404);
  await plain.stop();
});

describe('comes in', () => {
  test.each(['grace@staff.example.com', 'Grace@PARTNER.example'])('%s, as a viewer', async (email) => {
    provider.person = person(email);
    const browser = openBrowser(t);
    expect((await goRound(browser)).landed).toBe('/admin');
    expect(await me(browser)).toMatchObject({
      email: email.toLowerCase(),
      name: 'Grace',
      role: 'viewer',
      password: false,
    });
    const [signedIn, created] = await audit();
    expect(signedIn).toMatchObject({
      action: 'session.signed_in',
      actor: { kind: 'admin', name: email.toLowerCase() },
      changes: [{ field: 'by', after: 'provider' }],
    });
    expect(created).toMatchObject({ action: 'admin.created', target: email.toLowerCase() });
    // The same person again is the same account.
    await goRound(openBrowser(t));
    expect((await t.api('GET', '/api/v1/admins')).body.data).toHaveLength(1);
  });

  test.each([
    ['  Grace\n\u001b[31m Hopper ', 'Grace [31m Hopper'],
    ['\n', 'grace@staff.example.com'],
    ['x'.repeat(300), 'x'.repeat(200)],
  ])('whoever is called %j there, on one line', async (name, called) => {
    provider.person = person('grace@staff.example.com', { name });
    const browser = openBrowser(t);
    await goRound(browser);
    expect((await me(browser)).name).toBe(called);
  });

  test('who is invited, in the role they are invited for', async () => {
    await t.api('POST', '/api/v1/invitations', { role: 'admin', email: 'grace@elsewhere.example' });
    provider.person = person('grace@elsewhere.example');
    const browser = openBrowser(t);
    expect((await goRound(browser)).landed).toBe('/admin');
    expect((await me(browser)).role).toBe('admin');
    expect((await t.api('GET', '/api/v1/invitations')).body.data).toEqual([]);
  });

  test('who has an account, as whom they are; the password goes on working', async () => {
    await setUpAdmin(t, 'ada@elsewhere.example');
    provider.person = person('ada@elsewhere.example');
    const browser = openBrowser(t);
    expect((await goRound(browser)).landed).toBe('/admin');
    expect(await me(browser)).toMatchObject({ role: 'admin', password: true, name: 'ada' });
    expect((await openBrowser(t).signIn('ada@elsewhere.example', PASSWORD)).status).toBe(200);
  });
});

describe('stays outside', () => {
  const error = (code: string) => `/admin/sign-in?error=${code}`;

  test.each<[what: string, claims: Claims, landed: string]>([
    ['somebody unknown', person('eve@elsewhere.example'), error('not_invited')],
    ['a domain that only looks alike', person('eve@notstaff.example.com'), error('not_invited')],
    ['a subdomain', person('eve@x.staff.example.com'), error('not_invited')],
    ['an address with the domain in front', person('staff.example.com@evil.example'), error('not_invited')],
    [
      'an address nobody has verified',
      person('eve@staff.example.com', { email_verified: false }),
      error('email_not_verified'),
    ],
    [
      'an address nobody speaks of verifying',
      person('eve@staff.example.com', { email_verified: undefined }),
      error('email_not_verified'),
    ],
  ])('%s', async (_what, claims, landed) => {
    provider.person = claims;
    const browser = openBrowser(t);
    expect((await goRound(browser)).landed).toStartWith(landed);
    expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await t.api('GET', '/api/v1/admins')).body.data).toEqual([]);
    expect((await audit())[0]).toMatchObject({ action: 'session.refused', actor: { kind: 'nobody' } });
  });

  test('somebody with an account whose address the provider did not verify', async () => {
    await setUpAdmin(t, 'ada@elsewhere.example');
    provider.person = person('ada@elsewhere.example', { email_verified: false });
    const browser = openBrowser(t);
    expect((await goRound(browser)).landed).toStartWith('/admin/sign-in?error=');
    expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
  });

  test('who is disabled', async () => {
    provider.person = person('grace@staff.example.com');
    await goRound(openBrowser(t));
    const [{ id }] = (await t.api('GET', '/api/v1/admins')).body.data;
    await t.api('PATCH', `/api/v1/admins/${id}`, { disabled: true });
    const browser = openBrowser(t);
    expect((await goRound(browser)).landed).toStartWith(error('ACCOUNT_DISABLED'));
    expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
  });

  test.each<[what: string, forged: OidcProvider['forged']]>([
    ['another signature', { signature: 'AAAA' }],
    ['another audience', { claims: { aud: 'somebody-else' } }],
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['another nonce', { claims: { nonce: 'replayed' } }],
    ['a token of long ago', { claims: { exp: 1, iat: 1 } }],
  ])('a token with %s', async (_what, forged) => {
    provider.person = person('grace@staff.example.com');
    provider.forged = forged;
    const browser = openBrowser(t);
    expect((await goRound(browser)).landed).toStartWith('/admin/sign-in?error=');
    expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await t.api('GET', '/api/v1/admins')).body.data).toEqual([]);
  });

  test.each<[what: string, change: (url: string) => string]>([
    ['another state', (url) => url.replace(/state=[^&]+/, 'state=forged')],
    ['no state', (url) => url.replace(/&?state=[^&]+/, '')],
    ['another code', (url) => url.replace(/code=[^&]+/, 'code=forged')],
    ['the refusal of the provider', (url) => url.replace(/code=[^&]+/, 'error=access_denied')],
  ])('who comes back with %s', async (_what, change) => {
    provider.person = person('grace@staff.example.com');
    const browser = openBrowser(t);
    const { landed } = await goRound(browser, change);
    expect(landed).toMatch(/^\/admin\/sign-in\?error=\w+/);
    expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
  });

  test('who brings the answer meant for somebody else: the state belongs to a browser', async () => {
    provider.person = person('grace@staff.example.com');
    const victim = openBrowser(t);
    const { body } = await openBrowser(t).call('POST', '/api/auth/sign-in/social', WAY);
    const sent = await fetch(body.url, { redirect: 'manual' });
    const back = await victim.call('GET', sent.headers.get('location') ?? '', undefined, { origin: '' });
    expect(back.headers.get('location')).toContain('/admin/sign-in?error=state_mismatch');
    expect((await victim.call('GET', '/api/v1/me')).status).toBe(401);
  });

  test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
    'whoever wants to go on to %s',
    async (callbackURL) => {
      for (const way of [
        { ...WAY, callbackURL },
        { ...WAY, errorCallbackURL: callbackURL },
      ]) {
        const { status } = await openBrowser(t).call('POST', '/api/auth/sign-in/social', way);
        expect(status).toBe(403);
      }
    },
  );
});

test('what the provider gave us to act for somebody is not kept', async () => {
  provider.person = person('grace@staff.example.com');
  await goRound(openBrowser(t));
  const database = openDatabase(t.dataDir);
  const rows = database.query('SELECT access_token, refresh_token, id_token FROM admin_accounts').all();
  database.close();
  expect(rows).toEqual([{ access_token: null, refresh_token: null, id_token: null }]);
});

test('a provider that is away keeps nobody from signing in with a password', async () => {
  const alone = await startTestService({
    secret: false,
    env: { OIDC_ISSUER: 'http://127.0.0.1:1', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'y' },
  });
  await setUpAdmin(alone);
  expect(
    (await openBrowser(alone).call('POST', '/api/auth/sign-in/social', WAY)).status,
  ).toBeGreaterThanOrEqual(400);
  await alone.stop();
});

test('half a configuration is none', async () => {
  expect(startTestService({ env: { OIDC_ISSUER: provider.url } })).rejects.toThrow(/OIDC_CLIENT_SECRET/);
});
