import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type Browser, openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { openDatabase } from '../helpers/database.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { codeFor } from '../helpers/totp.ts';

let t: TestService;
let ada: Browser;
beforeEach(async () => {
  t = await startTestService({ secret: false });
  ada = await setUpAdmin(t);
});
afterEach(() => t.stop());

const has = async () => (await ada.call('GET', '/api/v1/me')).body.data.twoFactor;
const post = (browser: Browser, path: string, body: unknown) =>
  browser.call('POST', `/api/auth/two-factor/${path}`, body);

/** Turns it on; answers the address for the authenticator and the backup codes. */
async function turnOn(): Promise<{ totpURI: string; backupCodes: string[] }> {
  const { status, body } = await post(ada, 'enable', { password: PASSWORD });
  expect(status).toBe(200);
  expect(body.totpURI).toStartWith('otpauth://totp/quackback-segment:ada%40example.com?');
  expect(body.backupCodes).toHaveLength(10);
  expect((await post(ada, 'verify-totp', { code: codeFor(body.totpURI) })).status).toBe(200);
  return body;
}
/** A browser that has given the password and is asked for the code. */
async function asked(): Promise<Browser> {
  const browser = openBrowser(t);
  const { status, body } = await browser.signIn('ada@example.com');
  expect({ status, body }).toEqual({
    status: 200,
    body: { twoFactorRedirect: true, twoFactorMethods: ['totp'] },
  });
  expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
  return browser;
}
/** What the authenticator will show in half a minute: that of now was used to turn it on. */
const nextCode = (totpURI: string) => codeFor(totpURI, Date.now() + 30_000);
const isIn = async (browser: Browser) => (await browser.call('GET', '/api/v1/me')).status === 200;

describe('turning it on', () => {
  test('needs the password, and a code from the authenticator', async () => {
    expect(await post(ada, 'enable', { password: 'not the password' })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_password' } },
    });
    const { body } = await post(ada, 'enable', { password: PASSWORD });
    expect(await has()).toBe(false);
    expect(await post(ada, 'verify-totp', { code: '000000' })).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_code' } },
    });
    expect(await has()).toBe(false);
    await post(ada, 'verify-totp', { code: codeFor(body.totpURI) });
    expect(await has()).toBe(true);
  });

  test('ends every other session, which began without a code, and keeps this one', async () => {
    const elsewhere = openBrowser(t);
    expect((await elsewhere.signIn('ada@example.com')).status).toBe(200);
    expect(await isIn(elsewhere)).toBe(true);
    await turnOn();
    expect(await isIn(elsewhere)).toBe(false);
    expect(await isIn(ada)).toBe(true);
    expect((await ada.call('GET', '/api/v1/sessions')).body.data).toHaveLength(1);
  });

  test('keeps neither the secret nor a backup code readable in the database', async () => {
    const { totpURI, backupCodes } = await turnOn();
    const database = openDatabase(t.dataDir);
    const rows = JSON.stringify(database.query('SELECT * FROM admin_two_factors').all());
    database.close();
    for (const secret of [new URL(totpURI).searchParams.get('secret') ?? '', ...backupCodes])
      expect(rows).not.toContain(secret);
  });
});

describe('signing in', () => {
  test('takes the code that counts now', async () => {
    const { totpURI } = await turnOn();
    const browser = await asked();
    expect(
      (await post(browser, 'verify-totp', { code: codeFor(totpURI, Date.now() - 600_000) })).status,
    ).toBe(401);
    expect((await post(browser, 'verify-totp', { code: nextCode(totpURI) })).status).toBe(200);
    expect(await isIn(browser)).toBe(true);
  });

  test('takes each code of the authenticator once, that of turning it on included', async () => {
    const { totpURI } = await turnOn();
    const code = nextCode(totpURI);
    const first = await asked();
    expect((await post(first, 'verify-totp', { code })).status).toBe(200);
    for (const used of [code, codeFor(totpURI)]) {
      const second = await asked();
      const { status, body, headers } = await post(second, 'verify-totp', { code: used });
      expect({ status, code: body.error.code }).toEqual({ status: 401, code: 'code_used' });
      expect(headers.getSetCookie()).toEqual([]);
      expect(await isIn(second)).toBe(false);
    }
    expect(await isIn(first)).toBe(true);
    expect((await ada.call('GET', '/api/v1/sessions')).body.data).toHaveLength(2);
  });

  test('the audit log says whose code was wrong, before there is a session', async () => {
    await turnOn();
    const browser = await asked();
    await post(browser, 'verify-totp', { code: '000000' });
    await post(browser, 'verify-backup-code', { code: 'aaaaa-aaaaa' });
    await post(openBrowser(t), 'verify-totp', { code: '000000' });
    const entries = (await t.api('GET', '/api/v1/audit?action=session.refused')).body.data;
    const said = entries.map(({ actor, target }: { actor: { kind: string }; target: string | null }) => [
      actor.kind,
      target,
    ]);
    expect(said).toEqual([
      ['nobody', null],
      ['nobody', 'ada@example.com'],
      ['nobody', 'ada@example.com'],
    ]);
  });

  test('takes each backup code once', async () => {
    const { backupCodes } = await turnOn();
    const [code = ''] = backupCodes;
    const browser = await asked();
    expect((await post(browser, 'verify-backup-code', { code: 'aaaaa-aaaaa' })).status).toBe(401);
    expect((await post(browser, 'verify-backup-code', { code })).status).toBe(200);
    expect(await isIn(browser)).toBe(true);
    expect((await post(await asked(), 'verify-backup-code', { code })).status).toBe(401);
  });

  test('trusts no device, whatever is asked for', async () => {
    const { totpURI } = await turnOn();
    const browser = await asked();
    const code = nextCode(totpURI);
    const { headers } = await post(browser, 'verify-totp', { code, trustDevice: true });
    expect(headers.getSetCookie().join()).not.toContain('trust');
    await browser.call('POST', '/api/auth/sign-out', {});
    expect((await browser.signIn('ada@example.com')).body.twoFactorRedirect).toBe(true);
  });

  test('a code is not guessed: after five tries the password is asked for again', async () => {
    const { totpURI } = await turnOn();
    const browser = await asked();
    for (let tries = 0; tries < 5; tries++)
      expect((await post(browser, 'verify-totp', { code: '000000' })).status).toBe(401);
    const { status, body } = await post(browser, 'verify-totp', { code: codeFor(totpURI) });
    expect({ status, code: body.error.code }).toEqual({
      status: 400,
      code: 'too_many_attempts_request_new_code',
    });
    expect(await isIn(browser)).toBe(false);
    // Ten wrong ones in a row lock the account for a while, even for the right one.
    const again = await asked();
    for (let tries = 0; tries < 5; tries++) await post(again, 'verify-totp', { code: '000000' });
    expect(await post(await asked(), 'verify-totp', { code: codeFor(totpURI) })).toMatchObject({
      status: 429,
    });
  });

  test('a code without a password before it is nothing', async () => {
    const { totpURI } = await turnOn();
    const { status, body } = await post(openBrowser(t), 'verify-totp', { code: codeFor(totpURI) });
    expect({ status, code: body.error.code }).toEqual({ status: 401, code: 'invalid_two_factor_cookie' });
  });
});

test('other backup codes make the old ones worthless', async () => {
  const { backupCodes } = await turnOn();
  const { body } = await post(ada, 'generate-backup-codes', { password: PASSWORD });
  expect((await post(await asked(), 'verify-backup-code', { code: backupCodes[0] })).status).toBe(401);
  expect((await post(await asked(), 'verify-backup-code', { code: body.backupCodes[0] })).status).toBe(200);
});

test('turning it off needs the password', async () => {
  await turnOn();
  expect((await post(ada, 'disable', { password: 'not the password' })).status).toBe(400);
  expect(await has()).toBe(true);
  expect((await post(ada, 'disable', { password: PASSWORD })).status).toBe(200);
  expect(await has()).toBe(false);
  expect((await openBrowser(t).signIn('ada@example.com')).body.user.email).toBe('ada@example.com');
});
