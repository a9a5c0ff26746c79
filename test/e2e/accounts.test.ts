import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { type Browser, invite, makeKey, openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { totp } from '../helpers/totp.ts';
import { accessibilityProblems, describeInBrowser, screenshot } from './browser.ts';
import { openAs } from './signed-in.ts';

const ENV = { SIGN_IN_ATTEMPTS_PER_MINUTE: '1000', API_REQUESTS_PER_MINUTE: '100000' };
const HOSTILE = '<img src=x onerror=alert(1)>';
const OTHER_PASSWORD = 'staple battery horse correct';

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const dialog = (page: Page) => page.getByRole('dialog');
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });
const code = (page: Page, label = 'Six-digit code') => field(page, label);

describeInBrowser('accounts', (launched) => {
  let t: TestService;
  let ada: Browser;
  let vera: Browser;
  beforeAll(async () => {
    t = await startTestService({ env: ENV });
    ada = await setUpAdmin(t);
    vera = await invite(t, 'viewer', 'vera@example.com');
    await t.planSegment(HOSTILE, 'pro');
  });
  afterAll(() => t.stop());

  const open = (address: string, somebody: Browser = ada, options: BrowserContextOptions = {}) =>
    openAs(launched.browser(), t, somebody, address, options);

  async function signIn(page: Page, email: string, password = PASSWORD) {
    await heading(page, 'Sign in').waitFor();
    await field(page, 'Email').fill(email);
    await field(page, 'Password').fill(password);
    await button(page, 'Sign in').click();
  }

  describe('your account', () => {
    test('the password: what is wrong is said, and a change ends the other sessions', async () => {
      const kim = await invite(t, 'viewer', 'kim@example.com');
      const phone = openBrowser(t);
      await phone.signIn('kim@example.com');
      const { page, finish } = await open('/account', kim);
      await heading(page, 'Your account').waitFor();
      const sessions = page.getByRole('table', { name: 'Where you are signed in' });
      await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 2);
      expect(await button(page, 'Change password').isDisabled()).toBe(true);
      await field(page, 'Current password').fill('this is not it');
      await field(page, 'New password').fill(OTHER_PASSWORD);
      await button(page, 'Change password').click();
      await page.getByText('This is not your password.').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await field(page, 'Current password').fill(PASSWORD);
      await button(page, 'Change password').click();
      await page.getByText('Your password is changed.').waitFor();
      await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
      expect(await sessions.getByText('this one').count()).toBe(1);
      expect((await phone.call('GET', '/api/v1/me')).status).toBe(401);
      expect((await openBrowser(t).signIn('kim@example.com', OTHER_PASSWORD)).status).toBe(200);
      await finish();
    });

    test('the name: it is asked whether to leave it unsaved, and a change is seen at once', async () => {
      const nia = await invite(t, 'viewer', 'nia@example.com');
      const { page, finish } = await open('/account', nia);
      await field(page, 'Your name').fill('Nia N.');
      await page.getByRole('link', { name: 'Overview' }).click();
      await dialog(page).getByRole('button', { name: 'Stay here' }).click();
      await button(page, 'Save').click();
      await page.getByText('Nia N. · nia@example.com · Viewer').waitFor();
      expect(await button(page, 'Save').isDisabled()).toBe(true);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('link', { name: 'Overview' }).click();
      await heading(page, 'Overview').waitFor();
      await finish();
    });

    test('a session elsewhere is signed out, and one’s own', async () => {
      const lee = await invite(t, 'viewer', 'lee@example.com');
      const phone = openBrowser(t);
      await phone.call(
        'POST',
        '/api/auth/sign-in/email',
        { email: 'lee@example.com', password: PASSWORD },
        {
          'user-agent':
            'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1',
        },
      );
      const { page, finish } = await open('/account', lee);
      await page.getByRole('button', { name: 'Sign out Safari on iOS' }).click();
      await dialog(page).getByText('Whoever sits there needs the password again').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await dialog(page).getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('Safari on iOS is signed out.').waitFor();
      expect((await phone.call('GET', '/api/v1/me')).status).toBe(401);
      const row = page.getByRole('row').filter({ hasText: 'this one' });
      await row.getByRole('button').click();
      await dialog(page).getByText('you will be signed out').waitFor();
      await dialog(page).getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'Sign in').waitFor();
      await finish();
    });

    test('the second step: on with a code, asked for, by backup code once, off again', async () => {
      const max = await invite(t, 'viewer', 'max@example.com');
      const { page, finish } = await open('/account', max);
      await button(page, 'Turn on…').click();
      await field(page, 'Your password').fill('this is not it');
      await button(page, 'Continue').click();
      await dialog(page).getByText('This is not your password.').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await field(page, 'Your password').fill(PASSWORD);
      await button(page, 'Continue').click();
      await page.getByRole('img', { name: /QR code/ }).waitFor();
      const secret = (await dialog(page).locator('code').textContent()) ?? '';
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'two-factor');
      const field6 = code(page, 'Then enter the six-digit code it shows');
      const wrong = String((Number(totp(secret)) + 1) % 1_000_000).padStart(6, '0');
      await field6.fill(wrong);
      await button(page, 'Turn on').click();
      await dialog(page).getByText('This code is not right.').waitFor();
      // Each code is good for once, and those before and after the one of now are taken as well.
      await field6.fill(totp(secret, Date.now() - 30_000));
      await button(page, 'Turn on').click();
      const codes = page.getByRole('region', { name: 'Your backup codes' });
      await codes.waitFor();
      const [first = ''] = await codes.getByRole('listitem').allTextContents();
      expect(await codes.getByRole('listitem').count()).toBe(10);
      expect(await page.getByRole('link', { name: 'Download as a file' }).getAttribute('href')).toContain(
        first,
      );
      await page.getByText('The second step is on.').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'backup-codes');
      await button(page, 'I have kept them').click();
      await codes.waitFor({ state: 'detached' });

      const signOut = () => button(page, 'Sign out').first().click();
      await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
      await signIn(page, 'max@example.com');
      await heading(page, 'Second step').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'sign-in-code');
      await code(page).fill(wrong);
      await button(page, 'Continue').click();
      await page.getByText('This code is not right.').waitFor();
      const app = totp(secret);
      await code(page).fill(`${app.slice(0, 3)} ${app.slice(3)}`);
      await button(page, 'Continue').click();
      await page.getByRole('link', { name: /max@example.com/ }).waitFor();

      await signOut();
      await signIn(page, 'max@example.com');
      await button(page, 'Use a backup code instead').click();
      await code(page, 'Backup code').fill(first);
      await button(page, 'Continue').click();
      await page.getByRole('link', { name: /max@example.com/ }).waitFor();
      await signOut();
      await signIn(page, 'max@example.com');
      await button(page, 'Use a backup code instead').click();
      await code(page, 'Backup code').fill(first);
      await button(page, 'Continue').click();
      await page.getByText('was used already').waitFor();
      await button(page, 'Use the authenticator app instead').click();
      await code(page).fill(totp(secret, Date.now() + 30_000));
      await button(page, 'Continue').click();
      await page.getByRole('link', { name: /max@example.com/ }).click();

      await button(page, 'New backup codes…').click();
      await field(page, 'Your password').fill(PASSWORD);
      expect(await accessibilityProblems(page)).toEqual([]);
      await button(page, 'Make new codes').click();
      expect(await codes.getByText(first).count()).toBe(0);
      await codes.waitFor();
      await button(page, 'Turn off…').click();
      await field(page, 'Your password').fill(PASSWORD);
      expect(await accessibilityProblems(page)).toEqual([]);
      await button(page, 'Turn off').click();
      await page.getByText('The second step is off.').waitFor();
      await button(page, 'Turn on…').waitFor();
      await finish();
    });
  });

  describe('API keys', () => {
    test('one is made, shown once, works, and is revoked', async () => {
      const { page, finish } = await open('/settings/api-keys');
      await heading(page, 'API keys').waitFor();
      await button(page, 'New key').click();
      await field(page, 'Name').fill(HOSTILE);
      await page.getByRole('radio', { name: 'Write' }).check();
      await page.getByRole('combobox', { name: 'Works for' }).selectOption('no end');
      await page.getByText('works until somebody thinks of revoking it').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'api-key-new');
      await button(page, 'Make the key').click();
      const shown = page.getByRole('region', { name: `The key “${HOSTILE}”` });
      const key = (await shown.locator('code').first().textContent()) ?? '';
      expect(key).toMatch(/^qb_/);
      const example = (await shown.locator('pre').textContent()) ?? '';
      const ran = Bun.spawn(['sh', '-c', example], { stderr: 'ignore' });
      expect(await new Response(ran.stdout).json()).toMatchObject({ data: expect.any(Array) });
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'api-keys');
      await button(page, 'I have kept it').click();
      await page.reload();
      const row = page.getByRole('row').filter({ hasText: HOSTILE });
      await row.getByText('Write').waitFor();
      expect(await page.content()).not.toContain(key);
      await row.getByRole('button').click();
      await dialog(page).getByText('refused from their next request on').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await dialog(page).getByRole('button', { name: 'Revoke', exact: true }).click();
      await page.getByText('does not work any more').waitFor();
      await row.waitFor({ state: 'detached' });
      const headers = { authorization: `Bearer ${key}` };
      expect((await fetch(`${t.url}/api/v1/me`, { headers })).status).toBe(401);
      await page.getByRole('button', { name: /Show 1 key that no longer works/ }).click();
      await row.getByText('revoked', { exact: true }).waitFor();
      expect(await page.locator('img').count()).toBe(0);
      await finish();
    });

    test('what the service refuses is said in the dialog', async () => {
      const { page, finish } = await open('/settings/api-keys');
      await page.route('**/api/v1/api-keys', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({ status: 503, json: { error: { code: 'busy', message: 'The database is busy' } } })
          : route.fallback(),
      );
      await button(page, 'New key').click();
      await field(page, 'Name').fill('x');
      await button(page, 'Make the key').click();
      await dialog(page).getByText('The database is busy').waitFor();
      await finish();
    });
  });

  describe('admins', () => {
    test('somebody is invited by a link that is shown once; the invitation is withdrawn', async () => {
      const { page, finish } = await open('/settings/admins');
      await button(page, 'Invite…').click();
      await field(page, 'Email').fill('vera@example.com');
      await button(page, 'Make the link').click();
      await dialog(page).getByText('has an account already').waitFor();
      await field(page, 'Email').fill('noor@example.com');
      await page.getByRole('radio', { name: 'Admin' }).check();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'invite');
      await button(page, 'Make the link').click();
      const shown = page.getByRole('region', { name: 'Send this link' });
      expect(await shown.locator('code').textContent()).toStartWith(`${t.url}/admin/accept#`);
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'admins');
      const open1 = page.getByRole('table', { name: 'Open invitations' });
      await open1.getByRole('button', { name: 'Withdraw the invitation of noor@example.com' }).click();
      await dialog(page).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await dialog(page).getByRole('button', { name: 'Withdraw', exact: true }).click();
      await page.getByText('The link does not work any more.').waitFor();
      await page.getByText('There are none. An invitation is a link').waitFor();
      await finish();
    });

    test('roles change, accounts are disabled and removed; the last admin stays', async () => {
      const omar = await invite(t, 'viewer', 'omar@example.com');
      const { page, finish } = await open('/settings/admins');
      const row = page.getByRole('row').filter({ hasText: 'omar@example.com' });
      const choose = async (who: string, what: string) => {
        await page.getByRole('button', { name: `Actions for ${who}` }).click();
        await page.getByRole('menuitem', { name: what }).click();
      };
      await page.getByRole('button', { name: 'Actions for omar' }).click();
      await page.getByRole('menuitem', { name: 'Remove…' }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await choose('omar', 'Make an admin…');
      await dialog(page).getByText('yours included').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await dialog(page).getByRole('button', { name: 'Make an admin' }).click();
      await page.getByText('omar is an admin now.').waitFor();
      await row.getByRole('cell', { name: 'Admin', exact: true }).waitFor();
      await choose('omar', 'Disable…');
      await dialog(page).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await dialog(page).getByRole('button', { name: 'Disable' }).click();
      await row.getByText('disabled').waitFor();
      expect((await omar.call('GET', '/api/v1/me')).status).toBe(401);
      await choose('ada', 'Make a viewer…');
      await dialog(page).getByText('This is your own account.').waitFor();
      await dialog(page).getByRole('button', { name: 'Make a viewer' }).click();
      await dialog(page).getByText('This is the last admin').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await dialog(page).getByRole('button', { name: 'Cancel' }).click();
      await choose('omar', 'Remove…');
      const remove = dialog(page).getByRole('button', { name: 'Remove' });
      expect(await remove.isDisabled()).toBe(true);
      expect(await accessibilityProblems(page)).toEqual([]);
      await dialog(page).getByLabel('Type omar@example.com to confirm').fill('omar@example.com');
      await remove.click();
      await row.waitFor({ state: 'detached' });
      await finish();
    });
  });

  describe('the audit log', () => {
    test('says who changed what from where, old → new, and filters by address', async () => {
      await ada.call('PATCH', '/api/v1/segments/img-src-x-onerror-alert-1', { description: HOSTILE });
      await openBrowser(t).signIn('ada@example.com', 'this is not it at all');
      const { page, finish } = await open('/settings/audit?action=segment');
      const changed = page.getByRole('row').filter({ hasText: 'Changed a segment' });
      // On a phone the same stands in another cell.
      const seen = (text: string) => changed.getByText(text).filter({ visible: true }).first().waitFor();
      await seen(`nothing → ${HOSTILE}`);
      await seen('ada@example.com');
      await seen('127.0.0.1');
      expect(await page.getByText('Failed to sign in').count()).toBe(0);
      await page.getByRole('combobox', { name: 'What' }).selectOption('Sign-ins');
      await page.waitForURL('**/settings/audit?action=session');
      await page.getByText('Failed to sign in').first().waitFor();
      await button(page, 'Clear filters').click();
      await page.waitForURL((url) => url.search === '');
      await page.locator('body').press('/');
      await page.keyboard.type('nobody of the kind');
      await page.getByText('Nothing matches these filters').waitFor();
      await page.waitForURL('**/settings/audit?actor=nobody+of+the+kind');
      await field(page, 'Who').fill('');
      await page.getByText('Changed a segment').first().waitFor();
      expect(await page.locator('img').count()).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'audit');
      await finish();
    });

    test('says rules in words, before and after', async () => {
      await t.planSegment('Audited', 'pro');
      const conditions = ['pro', HOSTILE].map((value) => ({
        field: 'attributes.plan',
        operator: 'eq',
        value,
      }));
      await ada.call('PATCH', '/api/v1/segments/audited', { rules: { match: 'any', conditions } });
      const { page, finish } = await open('/settings/audit?action=segment.changed');
      const changed = page.getByRole('row').filter({ hasText: 'audited' });
      await changed.getByRole('button', { name: 'Rules, in words' }).click();
      const words = changed.getByRole('listitem').filter({ visible: true });
      await words.filter({ hasText: HOSTILE }).waitFor();
      expect(await words.allTextContents()).toEqual(['plan is pro', 'plan is pro', `plan is ${HOSTILE}`]);
      await changed.getByText('People who match any of:').filter({ visible: true }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await finish();
    });

    test('goes back in pages', async () => {
      for (let i = 0; i < 70; i++) {
        await t.api('POST', '/api/v1/segments/evaluate');
      }
      const { page, finish } = await open('/settings/audit?action=segments.evaluated');
      await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 50);
      await button(page, 'Show more').click();
      await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 70);
      await page.getByText('This is all there is.').waitFor();
      await finish();
    });
  });

  describe('a viewer', () => {
    test.each([
      ['/settings/api-keys', 'New key', 'Revoke read'],
      ['/settings/admins', 'Invite…', null],
    ])('sees %s and is told why it can not be changed', async (address, action, inRow) => {
      if (inRow !== null) await makeKey(t, 'read');
      const { page, finish } = await open(address, vera);
      await page.getByRole('table').first().waitFor();
      expect(await button(page, action).isDisabled()).toBe(true);
      await page.getByText('Only an admin can change this').waitFor();
      if (inRow !== null) expect(await button(page, inRow).first().isDisabled()).toBe(true);
      expect(await page.getByRole('button', { name: /^Actions for/ }).count()).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await finish();
    });

    test('sees the audit log, and has an account like everybody', async () => {
      const { page, finish } = await open('/settings/audit?action=session', vera);
      await page.getByText('Signed in').first().waitFor();
      await page.getByRole('link', { name: /vera@example.com/ }).click();
      await page.getByText('Viewer').waitFor();
      await button(page, 'Change password').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'account');
      await finish();
    });
  });

  const PAGES = ['/account', '/settings/api-keys', '/settings/admins', '/settings/audit'];
  const CALLS = ['sessions', 'api-keys', 'admins', 'audit'];
  test.each(PAGES.map((address, i) => [address, CALLS[i]]))(
    '%s: what can not be loaded says so',
    async (address, call) => {
      const { page, finish } = await open('/sign-in-not-a-page');
      await page.route(`**/api/v1/${call}*`, (route) =>
        route.fulfill({ status: 503, json: { error: { code: 'busy', message: 'The database is busy' } } }),
      );
      await page.goto(`${t.url}/admin${address}`);
      await page.getByRole('alert').getByText('The database is busy').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.unroute(`**/api/v1/${call}*`);
      await button(page, 'Try again').click();
      await page.getByRole('table').first().waitFor();
      await finish();
    },
  );

  test.each(PAGES.flatMap((address) => [[address, 390] as const, [address, 1920] as const]))(
    '%s fits a screen of %d px',
    async (address, width) => {
      const { page, finish } = await open(address, ada, { viewport: { width, height: 844 } });
      await page.getByRole('table').first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      if (width === 390) await screenshot(page, `${address.split('/').at(-1)}-390`);
      await finish();
    },
  );
});
