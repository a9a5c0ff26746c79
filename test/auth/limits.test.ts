import { afterEach, expect, test } from 'bun:test';
import { bearer, makeKey, openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { type Answer, identify, startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
afterEach(() => t.stop());

function limited({ status, headers, body }: Answer): boolean {
  if (status !== 429) return false;
  expect(body.error.code).toBe('rate_limited');
  expect(Number(headers.get('retry-after'))).toBeWithin(1, 61);
  return true;
}
/** How many of so many calls were let through. */
async function through(times: number, call: () => Promise<Answer>): Promise<number> {
  let count = 0;
  for (let i = 0; i < times; i++) if (!limited(await call())) count++;
  return count;
}

test('guesses at a password end, and not those of others', async () => {
  t = await startTestService({
    env: { SIGN_IN_ATTEMPTS_PER_MINUTE: '5', TRUSTED_PROXY_HOPS: '1' },
    secret: false,
  });
  await setUpAdmin(t);
  const from = (ip: string) => () =>
    openBrowser(t).call(
      'POST',
      '/api/auth/sign-in/email',
      { email: 'ada@example.com', password: 'wrong wrong wrong' },
      { 'x-forwarded-for': `198.51.100.1, ${ip}` },
    );
  expect(await through(8, from('203.0.113.7'))).toBe(5);
  // The right password does not help now; and what a client writes itself makes it nobody else.
  const right = await openBrowser(t).call(
    'POST',
    '/api/auth/sign-in/email',
    { email: 'ada@example.com', password: PASSWORD },
    { 'x-forwarded-for': '192.0.2.1, 203.0.113.7' },
  );
  expect(limited(right)).toBe(true);
  expect(await through(8, from('203.0.113.8'))).toBe(5);
  // An IPv6 client has a whole network to itself.
  let host = 0;
  expect(await through(8, () => from(`2001:db8::${++host}`)())).toBe(5);
});

test('guesses at an invitation end', async () => {
  t = await startTestService({ env: { SIGN_IN_ATTEMPTS_PER_MINUTE: '5' }, secret: false });
  const call = () => t.api('POST', '/api/v1/invitations/check', { token: 'x' }, { authorization: '' });
  expect(await through(8, call)).toBe(5);
});

test('without trusted proxies X-Forwarded-For changes nothing', async () => {
  t = await startTestService({ env: { SIGN_IN_ATTEMPTS_PER_MINUTE: '5' }, secret: false });
  let ip = 0;
  const call = () =>
    t.api(
      'POST',
      '/api/v1/invitations/check',
      { token: 'x' },
      { authorization: '', 'x-forwarded-for': `203.0.113.${++ip}` },
    );
  expect(await through(8, call)).toBe(5);
});

test('the API is limited by who asks, and the webhook never', async () => {
  t = await startTestService({ env: { API_REQUESTS_PER_MINUTE: '20' } });
  const one = bearer((await makeKey(t, 'read')).key);
  const other = bearer((await makeKey(t, 'read')).key);
  const list = (headers: Record<string, string>) => () => t.api('GET', '/api/v1/users', undefined, headers);
  expect(await through(25, list(one))).toBe(20);
  expect(await through(5, list(other))).toBe(5);
  // Those without a key share what their address has.
  expect(await through(25, list({ authorization: '' }))).toBe(20);
  expect(await through(5, list(bearer('qb_wrong')))).toBe(0);
  for (let i = 0; i < 40; i++)
    expect((await t.webhook(identify('ada@example.com', { plan: 'pro' }))).status).toBe(200);
  expect((await fetch(`${t.url}/healthz`)).status).toBe(200);
});
