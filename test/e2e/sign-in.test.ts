import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Browser, invite, openBrowser, PASSWORD, setUpAdmin, tokenOf } from '../helpers/accounts.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser, openPage, screenshot } from './browser.ts';
import { openAs } from './signed-in.ts';

const ENV = { SIGN_IN_ATTEMPTS_PER_MINUTE: '1000', API_REQUESTS_PER_MINUTE: '100000' };
const HOSTILE = '<img src=x onerror=alert(1)>';

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });
async function enter(page: Page, email: string, password = PASSWORD) {
  await field(page, 'Email').fill(email);
  await field(page, 'Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

describeInBrowser('the first start', (launched) => {
  test('says where the link is, and the link makes an admin who is signed in', async () => {
    const t = await startTestService({ env: ENV, secret: false });
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin/settings/admins`);
    await page.getByText('Nobody can sign in yet').waitFor();
    await page.getByText('quackback-segment admin create').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'sign-in-first');

    const token = tokenOf(t.service.setUpUrl ?? '');
    await page.goto(`${t.url}/admin/accept#${token}`);
    await heading(page, 'Set up the first account').waitFor();
    const submit = page.getByRole('button', { name: 'Make the account and sign in' });
    await field(page, 'Your name').fill(HOSTILE);
    await field(page, 'Email').fill('ada@example.com');
    await field(page, 'Password').fill('only eleven');
    await page.getByText('1 more character needed').waitFor();
    expect(await submit.isDisabled()).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await field(page, 'Password').fill('aaaaaaaaaaaaaaaa');
    await page.getByText('easy to guess').waitFor();
    await field(page, 'Password').fill(PASSWORD);
    await page.getByText('Long enough, and strong').waitFor();
    await screenshot(page, 'accept');
    await submit.click();
    await page.getByRole('link', { name: /ada@example.com/ }).waitFor();
    // Nothing of the link is left in the address.
    expect(page.url()).toBe(`${t.url}/admin/`);
    await page.getByRole('link', { name: 'Admins' }).click();
    await page.getByText(HOSTILE).waitFor();
    expect(await page.locator('img').count()).toBe(0);

    await page.goto(`${t.url}/admin/accept#${token}`);
    await heading(page, 'This link was used already').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Go to the sign-in page' }).click();
    await page.getByRole('link', { name: /ada@example.com/ }).waitFor();
    await finish();
    await t.stop();
  });

  test('a link that has expired says so, and what to do', async () => {
    const clock = manualClock(Date.now());
    const t = await startTestService({ env: ENV, clock });
    const { page, finish } = await openPage(launched.browser());
    clock.advance(31 * 60_000);
    await page.goto(`${t.url}/admin/accept#${tokenOf(t.service.setUpUrl ?? '')}`);
    await heading(page, 'This link has expired').waitFor();
    await page.getByText('restart the service').waitFor();
    await page.getByText('quackback-segment admin create').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'accept-expired');
    await finish();
    await t.stop();
  });

  test('a link that expires while one types says so when it is sent', async () => {
    const clock = manualClock(Date.now());
    const t = await startTestService({ env: ENV, clock });
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin/accept#${tokenOf(t.service.setUpUrl ?? '')}`);
    await field(page, 'Your name').fill('Ada');
    await field(page, 'Email').fill('ada@example.com');
    await field(page, 'Password').fill(PASSWORD);
    clock.advance(31 * 60_000);
    await page.keyboard.press('Enter');
    await heading(page, 'This link has expired').waitFor();
    await finish();
    await t.stop();
  });
});

describeInBrowser('signing in', (launched) => {
  let t: TestService;
  let ada: Browser;
  beforeAll(async () => {
    t = await startTestService({ env: ENV });
    ada = await setUpAdmin(t);
    await invite(t, 'viewer', 'vera@example.com');
  });
  afterAll(() => t.stop());

  test('a wrong password is explained; the right one leads to the address asked for', async () => {
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin/settings/audit?action=session`);
    await heading(page, 'Sign in').waitFor();
    expect(await page.getByText('Nobody can sign in yet').count()).toBe(0);
    await enter(page, 'ada@example.com', 'not the password');
    await page.getByText('The email or the password is not right.').waitFor();
    expect(await field(page, 'Password').inputValue()).toBe('');
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'sign-in-wrong');
    await enter(page, 'ada@example.com');
    await heading(page, 'Audit log').waitFor();
    expect(page.url()).toBe(`${t.url}/admin/settings/audit?action=session`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading(page, 'Sign in').waitFor();
    await finish();
  });

  test('a session that is ended elsewhere asks again, and goes on where it was', async () => {
    const phone = openBrowser(t);
    await phone.signIn('ada@example.com');
    const { page, finish } = await openAs(launched.browser(), t, phone, '/settings/audit?action=session');
    await heading(page, 'Audit log').waitFor();
    const { data } = (await ada.call('GET', '/api/v1/sessions')).body;
    const others = data.filter(({ current }: { current: boolean }) => !current);
    for (const { id } of others) await ada.call('DELETE', `/api/v1/sessions/${id}`);
    // The next thing asked of the service finds it out.
    await heading(page, 'Sign in').waitFor();
    expect(page.url()).toBe(`${t.url}/admin/settings/audit?action=session`);
    await enter(page, 'ada@example.com');
    await heading(page, 'Audit log').waitFor();
    expect(page.url()).toBe(`${t.url}/admin/settings/audit?action=session`);
    await finish();
  });

  /** Signs a browser in, opens a page in it, and tells how to end the session elsewhere. */
  async function openEnding(address: string) {
    const phone = openBrowser(t);
    await phone.signIn('ada@example.com');
    const opened = await openAs(launched.browser(), t, phone, address);
    const end = async () => {
      expect((await phone.call('POST', '/api/auth/sign-out', {})).status).toBe(200);
    };
    return { ...opened, end };
  }

  test('a session that ends keeps what was typed, for the same person', async () => {
    await t.planSegment('Kept', 'pro');
    const { page, finish, end } = await openEnding('/segments/kept/edit');
    await field(page, 'Name').fill('Half typed');
    await end();
    await heading(page, 'Sign in').waitFor();
    await page.getByText('Your session has ended. Sign in to go on; what you typed is still here.').waitFor();
    expect(await heading(page, 'Edit Kept').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    // Nobody asks for what nobody may see: what is on its way comes back, and that is all.
    await page.waitForLoadState('networkidle');
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).pathname));
    await enter(page, 'ada@example.com', 'not the password');
    await page.getByText('The email or the password is not right.').waitFor();
    expect([...asked].sort()).toEqual(['/api/auth/sign-in/email', '/api/v1/me']);
    await enter(page, 'ada@example.com');
    await heading(page, 'Edit Kept').waitFor();
    expect(await field(page, 'Name').inputValue()).toBe('Half typed');
    expect(await page.title()).toStartWith('Edit Kept');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await heading(page, 'Half typed').waitFor();
    await finish();
  });

  test('a session that ends keeps nothing for somebody else', async () => {
    await t.planSegment('Secret plan', 'pro');
    const { page, finish, end } = await openEnding('/segments/secret-plan/edit');
    await field(page, 'Name').fill('Half typed');
    await end();
    await heading(page, 'Sign in').waitFor();
    await page.route(/\/segments\/secret-plan$/, () => {});
    await enter(page, 'vera@example.com');
    await page.getByRole('link', { name: /vera@example.com/ }).waitFor();
    await page.getByRole('status', { name: 'Loading' }).waitFor();
    expect(await page.content()).not.toContain('Half typed');
    await page.unroute(/\/segments\/secret-plan$/);
    await page.reload();
    await heading(page, 'Edit Secret plan').waitFor();
    expect(await field(page, 'Name').inputValue()).toBe('Secret plan');
    await finish();
  });

  test('a dialog stays with its page, and the sign-in page is used by keyboard', async () => {
    const { page, finish, end } = await openEnding('/settings/integrations/segment');
    await page.getByRole('button', { name: 'Enter my own…' }).click();
    const secret = page.getByRole('dialog').getByLabel('New shared secret');
    await secret.fill('half of a secret');
    await end();
    await heading(page, 'Sign in').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await field(page, 'Email').fill('ada@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await secret.waitFor();
    expect(await secret.inputValue()).toBe('half of a secret');
    await finish();
  });

  test('signing out by hand keeps nothing', async () => {
    const { page, finish } = await openEnding('/users');
    await heading(page, 'Users').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading(page, 'Sign in').waitFor();
    expect(await page.getByText('Your session has ended.').count()).toBe(0);
    expect(await page.locator('#content').count()).toBe(0);
    await finish();
  });

  test.each([
    ['', 'This address is only part of a link'],
    ['#nothing-we-made', 'This link is not known'],
  ])('a link that is none: %j', async (hash, said) => {
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin/accept${hash}`);
    await heading(page, said).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await finish();
  });

  test('an invitation for an email is for that email', async () => {
    const { body } = await t.api('POST', '/api/v1/invitations', {
      role: 'viewer',
      email: 'grace@example.com',
    });
    const { page, finish } = await openPage(launched.browser(), { viewport: { width: 390, height: 844 } });
    await page.goto(`${t.url}/admin/accept#${tokenOf(body.data.url)}`);
    await heading(page, 'You are invited').waitFor();
    expect(await field(page, 'Email').inputValue()).toBe('grace@example.com');
    expect(await field(page, 'Email').getAttribute('readonly')).not.toBeNull();
    await screenshot(page, 'accept-390');
    await field(page, 'Your name').fill('Grace');
    await field(page, 'Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Make the account and sign in' }).click();
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: /grace@example.com/ }).waitFor();
    await finish();
  });

  test.each([
    ['not_invited', 'Ask an admin for an invitation'],
    ['ACCOUNT_DISABLED', 'This account is disabled'],
    [HOSTILE, 'Signing in at the provider did not work'],
  ])('what the provider sends back is explained: %s', async (code, said) => {
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin/sign-in?error=${encodeURIComponent(code)}`);
    await page.getByText(said).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await enter(page, 'ada@example.com');
    await page.getByRole('link', { name: /ada@example.com/ }).waitFor();
    expect(page.url()).toBe(`${t.url}/admin/`);
    await finish();
  });

  test('a service that does not answer is told from a wrong password', async () => {
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin`);
    await page.route('**/api/auth/**', (route) => route.abort());
    await enter(page, 'ada@example.com');
    await page.getByText('The service did not answer.').waitFor();
    await finish();
  });
});

describeInBrowser('the ways in', (launched) => {
  test('too many attempts: how long to wait', async () => {
    const t = await startTestService({ env: { SIGN_IN_ATTEMPTS_PER_MINUTE: '2' } });
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin`);
    for (let i = 0; i < 2; i++) {
      await enter(page, 'ada@example.com', 'not the password');
      await page.getByText('The email or the password is not right.').waitFor();
    }
    await enter(page, 'ada@example.com', 'not the password');
    await page.getByText(/Too many attempts from your network.*wait (\d+ s|1 min)/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'sign-in-limited');
    await finish();
    await t.stop();
  });

  test('a provider has its button', async () => {
    const t = await startTestService({
      env: {
        OIDC_ISSUER: 'https://id.example.com',
        OIDC_CLIENT_ID: 'client',
        OIDC_CLIENT_SECRET: 'a-client-secret-of-some-length',
        OIDC_NAME: 'Example ID',
      },
    });
    await setUpAdmin(t);
    const { page, finish } = await openPage(launched.browser());
    await page.goto(`${t.url}/admin/users`);
    await page.route('**/api/auth/sign-in/social', (route) => {
      expect(route.request().postDataJSON()).toEqual({
        callbackURL: '/admin/users',
        errorCallbackURL: '/admin/sign-in',
      });
      return route.fulfill({ json: { url: `${t.url}/swagger`, redirect: true } });
    });
    await page.getByRole('button', { name: 'Sign in with Example ID' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'sign-in');
    await page.getByRole('button', { name: 'Sign in with Example ID' }).click();
    await page.waitForURL('**/swagger');
    await finish();
    await t.stop();
  });
});
