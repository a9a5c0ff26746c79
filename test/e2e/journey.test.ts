import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import {
  identify,
  sign,
  startTestService,
  type TestService,
  WEBHOOK,
  WRITE_KEY,
} from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser, openPage } from './browser.ts';

const PASSWORD = 'correct horse battery staple';
const CSV = 'email,Full name,plan,seats\ngrace@example.com,Grace,pro,12\nlinus@example.com,Linus,free,1\n';

/** The whole story, as somebody lives through it who has just started the service: each test goes on where the last ended. */
describeInBrowser('from the first start to a trait at Segment', ({ browser }) => {
  let t: TestService;
  let page: Page;
  let finish: () => Promise<void>;
  let secret = '';
  beforeAll(async () => {
    t = await startTestService({ secret: false });
    ({ page, finish } = await openPage(browser()));
  });
  afterAll(async () => {
    await finish();
    await t.stop();
  });
  const goTo = (name: RegExp) =>
    page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
  const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 }).waitFor();
  const says = (text: string | RegExp) => page.getByText(text).first().waitFor();

  test('the set-up link makes the first account and signs it in', async () => {
    await page.goto(t.service.setUpUrl ?? 'no link was printed');
    await heading('Set up the first account');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Make the account and sign in' }).click();
    await heading('Overview');
    await says('0 of 6 done');
    expect(page.url()).not.toContain('#');
  });

  test('the link works once', async () => {
    const other = await openPage(browser());
    await other.page.goto(t.service.setUpUrl ?? '');
    await other.page.goto(`${t.url}/admin`);
    await other.page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
    await other.finish();
  });

  test('Segment is connected: a secret to sign with, a write key to send with', async () => {
    await goTo(/^Segment (off|live)/);
    await heading('Segment');
    await page.getByRole('button', { name: 'Generate a secret' }).click();
    await says('Copy the new secret now');
    secret =
      (await page
        .locator('code', { hasText: /^[\w-]{43}$/ })
        .first()
        .textContent()) ?? '';
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('button', { name: 'Enter a write key…' }).click();
    await page.getByLabel('Write key of the source').fill(WRITE_KEY);
    await page.getByRole('button', { name: 'Save the key' }).click();
    await page.getByRole('switch', { name: 'Outbound sync' }).click({ force: true });
    await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click();
    await says('Outbound sync is on.');
  });

  test('users come from a file', async () => {
    await goTo(/^Users/);
    await page.getByRole('link', { name: 'Import…' }).first().click();
    await heading('Import users');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
    await page.getByRole('button', { name: 'Start the import' }).click();
    await says('users.csv was imported');
    await says('2 added');
  });

  test('a segment is built while the people in it are counted', async () => {
    await goTo(/^Segments/);
    await page.getByRole('link', { name: 'New segment' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Enterprise');
    await page.getByRole('button', { name: 'Choose an attribute' }).click();
    await page.getByRole('option', { name: /^plan/ }).click();
    await page.getByRole('combobox', { name: 'Value' }).fill('enterprise');
    await says('Right now 0 of 2 people match');
    await page.getByRole('button', { name: 'Create segment' }).click();
    await heading('Enterprise');
  });

  test('an event of Segment moves a user into it, and Segment is told', async () => {
    const body = JSON.stringify(identify('grace@example.com', { plan: 'enterprise' }));
    const answer = await fetch(`${t.url}${WEBHOOK}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': sign(body, secret) },
      body,
    });
    expect(await answer.json()).toMatchObject({ reason: 'applied' });
    await t.stub.waitFor((stub) => stub.profiles().size === 1);
    expect([...t.stub.profiles()]).toEqual([['grace@example.com', { enterprise: true }]]);
    await page.getByRole('link', { name: 'grace@example.com' }).waitFor();
  });

  test('the activity shows both directions', async () => {
    await goTo(/^Activity/);
    await heading('Activity');
    await says(/told Segment/);
    await says(/applied/i);
    await goTo(/^Overview/);
    await says('Nothing needs a look');
  });

  test('the audit log knows who did it all', async () => {
    await goTo(/^Audit log/);
    await heading('Audit log');
    for (const action of [
      'Signed in',
      'Changed the Segment settings',
      'Imported users',
      'Created a segment',
    ]) {
      await page.getByRole('table').getByText(action).first().waitFor();
    }
    const text = (await page.getByRole('main').textContent()) ?? '';
    for (const hidden of [secret, WRITE_KEY, PASSWORD]) expect(text).not.toContain(hidden);
  });

  test('after signing out nothing is to be seen', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in');
    await page.goto(`${t.url}/admin/users`);
    await heading('Sign in');
    expect(await page.getByText('grace@example.com').count()).toBe(0);
  });
});
