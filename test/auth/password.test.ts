import { afterEach, expect, test } from 'bun:test';
import { createPasswords, MOST_WAITING, type Passwords } from '../../src/auth/password.ts';
import { RateLimited } from '../../src/errors.ts';
import { openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';

let t: TestService | null = null;
afterEach(() => t?.stop());

/** Stands for the library: says how many are at work at once, and fails where it is told to. */
function counting() {
  let atWork = 0;
  let most = 0;
  const hash = async (password: string) => {
    most = Math.max(most, ++atWork);
    await new Promise(setImmediate);
    atWork--;
    if (password === 'fails') throw new Error('It failed');
    return `hash of ${password}`;
  };
  const library: Passwords = {
    hash,
    verify: async ({ hash: kept, password }) => kept === (await hash(password)),
  };
  return { library: async () => library, most: () => most };
}

test('passwords are hashed one after the other, whatever becomes of the one before', async () => {
  const { library, most } = counting();
  const passwords = createPasswords(library);
  const [one, failed, same, other] = await Promise.allSettled([
    passwords.hash('one'),
    passwords.hash('fails'),
    passwords.verify({ hash: 'hash of one', password: 'one' }),
    passwords.verify({ hash: 'hash of one', password: 'two' }),
  ]);
  expect(one).toEqual({ status: 'fulfilled', value: 'hash of one' });
  expect(failed.status).toBe('rejected');
  expect(same).toEqual({ status: 'fulfilled', value: true });
  expect(other).toEqual({ status: 'fulfilled', value: false });
  expect(most()).toBe(1);
});

test('where too many wait, those who come then are refused, and there is room again later', async () => {
  const passwords = createPasswords(counting().library);
  const all = await Promise.allSettled(
    Array.from({ length: MOST_WAITING + 3 }, (_, n) => passwords.hash(`${n}`)),
  );
  const refused = all.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(refused).toHaveLength(3);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(RateLimited);
  expect(await passwords.hash('later')).toBe('hash of later');
});

test('what it makes is what the sign-in library checks, and the other way round', async () => {
  const { hashPassword, verifyPassword } = await import('better-auth/crypto');
  const passwords = createPasswords();
  expect(await verifyPassword({ hash: await passwords.hash(PASSWORD), password: PASSWORD })).toBe(true);
  expect(await passwords.verify({ hash: await hashPassword(PASSWORD), password: 'another one' })).toBe(false);
});

test('a flood of sign-ins from many addresses is told to come back, and ends with itself', async () => {
  t = await startTestService({ env: { TRUSTED_PROXY_HOPS: '1' }, secret: false });
  await setUpAdmin(t);
  const { call } = openBrowser(t);
  const attempt = (n: number) =>
    call(
      'POST',
      '/api/auth/sign-in/email',
      { email: `nobody-${n}@example.com`, password: 'wrong wrong wrong' },
      { 'x-forwarded-for': `203.0.113.${n}` },
    );
  const answers = await Promise.all(Array.from({ length: MOST_WAITING * 3 }, (_, n) => attempt(n)));
  const comeBack = answers.filter(({ status }) => status === 429);
  expect(comeBack.length).toBeGreaterThan(0);
  for (const { headers, body } of comeBack) {
    expect({ code: body.error.code, after: headers.get('retry-after') }).toEqual({
      code: 'rate_limited',
      after: '2',
    });
  }
  const rest = answers.filter(({ status }) => status !== 429);
  expect(rest.length).toBeGreaterThanOrEqual(MOST_WAITING);
  for (const { status } of rest) expect(status).toBe(401);
  expect((await openBrowser(t).signIn('ada@example.com', PASSWORD)).status).toBe(200);
});
