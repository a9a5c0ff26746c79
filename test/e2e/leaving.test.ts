import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Browser, invite, setUpAdmin } from '../helpers/accounts.ts';
import { SETTINGS, startTestService, type TestService } from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser } from './browser.ts';
import { type PageOptions, type Work, workAs } from './signed-in.ts';

const ADDRESS = '/segments/enterprise/edit';
const INTEGRATION = '/settings/integrations/segment';
const PHONE = { viewport: { width: 390, height: 800 } };

describeInBrowser('leaving with something that was not saved', (launched) => {
  let t: TestService;
  let admin: Browser;
  beforeAll(async () => {
    t = await startTestService();
    admin = await setUpAdmin(t);
    await t.planSegment('Enterprise', 'enterprise');
    await t.api('POST', '/api/v1/segments', { name: 'VIP', type: 'manual' });
  });
  afterAll(() => t.stop());

  const open = (address: string, work: Work, { as = admin, ...options }: PageOptions = {}) =>
    workAs(launched.browser(), t, as, address, work, options);
  const heading = (page: Page, name: string | RegExp) =>
    page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
  const name = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true });
  const link = (page: Page, label: string | RegExp) => page.getByRole('link', { name: label }).first();
  const question = (page: Page) => page.getByRole('dialog', { name: 'Leave without saving?' });
  const stay = async (page: Page) => {
    await question(page).getByRole('button', { name: 'Stay here' }).click();
    await question(page).waitFor({ state: 'detached' });
  };
  const leave = (page: Page) => question(page).getByRole('button', { name: 'Leave without saving' }).click();
  const at = (page: Page, path: string) => page.waitForURL((url) => url.pathname === `/admin${path}`);
  const stored = async (path: string) => (await t.api('GET', path)).body.data;

  /** The editor with a page before and a page after it in the history. */
  async function openBetween(page: Page) {
    await link(page, 'Enterprise').click();
    await heading(page, 'Enterprise');
    await link(page, 'Edit').click();
    await heading(page, 'Edit Enterprise');
    await link(page, /^Activity/).click();
    await heading(page, 'Activity');
    await page.goBack();
    await heading(page, 'Edit Enterprise');
  }

  test.each<[way: string, to: string, go: (page: Page) => Promise<unknown>]>([
    ['a link', '/users', (page) => link(page, /^Users/).click()],
    ['Cancel', '/segments/enterprise', (page) => link(page, 'Cancel').click()],
    [
      'the keyboard',
      '/segments',
      (page) =>
        page
          .locator('main')
          .press('g')
          .then(() => page.keyboard.press('s')),
    ],
    ['Back', '/segments/enterprise', (page) => page.goBack()],
    ['Back by two', '/segments', (page) => page.evaluate(() => history.go(-2))],
    ['Forward', '/activity', (page) => page.goForward()],
  ])('%s: asks, and nothing is lost by staying', async (_way, to, go) => {
    await open('/segments', async (page) => {
      await openBetween(page);
      await name(page).fill('Changed');
      const entries = await page.evaluate(() => history.length);
      await go(page);
      await question(page).waitFor();
      await page.getByText('There are changes on this page that were not saved.').waitFor();
      await stay(page);
      await at(page, ADDRESS);
      expect(await name(page).inputValue()).toBe('Changed');

      await go(page);
      await question(page).waitFor();
      await page.keyboard.press('Escape');
      await question(page).waitFor({ state: 'detached' });
      await at(page, ADDRESS);
      expect(await name(page).inputValue()).toBe('Changed');
      expect(await page.evaluate(() => history.length)).toBe(entries);

      await go(page);
      await leave(page);
      await at(page, to);
      await name(page).waitFor({ state: 'detached' });
      expect((await stored('/api/v1/segments/enterprise')).name).toBe('Enterprise');
      // What was left is no question any more.
      await link(page, /^Overview/).click();
      await heading(page, 'Overview');
    });
  });

  test('a step back that was taken back by hand needs no answer', async () => {
    await open('/segments', async (page) => {
      await openBetween(page);
      await name(page).fill('Changed');
      await page.goBack();
      await question(page).waitFor();
      await page.goForward();
      await question(page).waitFor({ state: 'detached' });
      expect(await name(page).inputValue()).toBe('Changed');
    });
  });

  test('the question can be read and used by everybody, on a phone as well', async () => {
    await open(
      ADDRESS,
      async (page) => {
        await name(page).fill('Changed');
        await page.getByRole('button', { name: 'Menu' }).click();
        await link(page, /^Users/).click();
        await question(page).waitFor();
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        expect(await accessibilityProblems(page)).toEqual([]);
        await stay(page);
        // One stays to see the page, which the menu would cover.
        await name(page).click();
      },
      PHONE,
    );
  });

  test('closing and loading again are asked about by the browser', async () => {
    await open(ADDRESS, async (page) => {
      await name(page).click();
      await page.keyboard.type(' changed');
      const asked = page.waitForEvent('dialog');
      await page.close({ runBeforeUnload: true });
      const dialog = await asked;
      expect(dialog.type()).toBe('beforeunload');
      await dialog.dismiss();
      expect(await name(page).inputValue()).toBe('Enterprise changed');
      await name(page).fill('Enterprise');
      let dialogs = 0;
      page.on('dialog', (another) => {
        dialogs++;
        return another.accept();
      });
      await page.reload();
      await heading(page, 'Edit Enterprise');
      expect(dialogs).toBe(0);
    });
  });

  test('signing out asks too, while one is still signed in', async () => {
    const kim = await invite(t, 'admin', 'kim@example.com');
    await open(
      ADDRESS,
      async (page) => {
        await name(page).fill('Changed');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await question(page).waitFor();
        expect((await kim.call('GET', '/api/v1/me')).status).toBe(200);
        await stay(page);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await leave(page);
        await heading(page, 'Sign in');
      },
      { as: kim },
    );
  });

  describe('nothing is asked', () => {
    test('where nothing was changed, or every change was taken back', async () => {
      await open(ADDRESS, async (page) => {
        await page.locator('[data-fresh=true]').waitFor();
        const value = page.getByRole('textbox', { name: 'Value' });
        const edits: [change: () => Promise<void>, back: () => Promise<void>][] = [
          [async () => {}, async () => {}],
          [() => name(page).fill('Changed'), () => name(page).fill('Enterprise')],
          [() => value.fill('pro'), () => value.fill('enterprise')],
          [
            () => page.getByRole('button', { name: 'Add a condition to the rules' }).click(),
            () => page.getByRole('button', { name: 'Remove condition 2' }).click(),
          ],
          [
            async () => {
              await page.getByRole('button', { name: 'Change…' }).click();
              await page.getByRole('textbox', { name: 'Trait key' }).fill('other');
            },
            () => page.getByRole('textbox', { name: 'Trait key' }).fill('enterprise'),
          ],
        ];
        for (const [change, back] of edits) {
          await change();
          await back();
          await link(page, /^Overview/).click();
          await heading(page, 'Overview');
          await page.goBack();
          await heading(page, 'Edit Enterprise');
          await value.waitFor();
        }
      });
    });

    test('after a segment was made, or changed', async () => {
      await open('/segments/new', async (page) => {
        await name(page).fill('Made');
        await page.getByRole('radio', { name: 'People you choose' }).check();
        await page.getByText('made: true').waitFor();
        await link(page, /^Users/).click();
        await stay(page);
        await page.getByRole('button', { name: 'Create segment' }).click();
        await heading(page, 'Made');
        await link(page, 'Edit').click();
        await heading(page, 'Edit Made');
        await page.getByRole('textbox', { name: 'Description' }).fill('By hand');
        await page.getByRole('button', { name: 'Save' }).click();
        await heading(page, 'Made');
        await at(page, '/segments/made');
        await link(page, /^Users/).click();
        await heading(page, 'Users');
      });
    });

    test('of a viewer, who has nothing to save', async () => {
      const vera = await invite(t, 'viewer', 'vera@example.com');
      await open(
        ADDRESS,
        async (page) => {
          await name(page).fill('Changed');
          await link(page, /^Overview/).click();
          await heading(page, 'Overview');
        },
        { as: vera },
      );
    });
  });

  describe('the settings', () => {
    test('ask about a rate that was not saved, and no more once it is', async () => {
      await open(INTEGRATION, async (page) => {
        const rate = page.getByLabel('identify calls a second at most');
        await rate.fill('250');
        await link(page, /^Users/).click();
        await stay(page);
        expect(await rate.inputValue()).toBe('250');
        await rate.fill('1000');
        await link(page, /^Overview/).click();
        await heading(page, 'Overview');
        await page.goBack();
        await rate.fill('300');
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.getByText('Saved. At most 300 a second from now on.').waitFor();
        await link(page, /^Overview/).click();
        await heading(page, 'Overview');
        expect((await stored(SETTINGS)).outbound.eventsPerSecond).toBe(300);
      });
    });

    test.each([
      ['Enter my own…', 'Enter a shared secret', 'New shared secret'],
      ['Enter a write key…', 'Enter the write key', 'Write key of the source'],
    ])('%s: ask above the dialog, and Escape answers the question alone', async (button, title, label) => {
      await open('/', async (page) => {
        await link(page, /^Segment (live|off)/).click();
        await page.getByRole('button', { name: button }).click();
        const dialog = page.getByRole('dialog', { name: title });
        await dialog.getByLabel(label).fill('half of what was to be');
        await page.goBack();
        await question(page).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await question(page).waitFor({ state: 'detached' });
        expect(await dialog.getByLabel(label).inputValue()).toBe('half of what was to be');
        await at(page, INTEGRATION);
        await page.goBack();
        await leave(page);
        await heading(page, 'Overview');
        expect(await dialog.count()).toBe(0);
      });
    });
  });

  const press = (page: Page, label: string) => page.getByRole('button', { name: label, exact: true }).click();
  test.each<[what: string, address: string, show: (page: Page) => Promise<void>, box: RegExp, kept: string]>([
    [
      'a shared secret',
      INTEGRATION,
      async (page) => {
        await press(page, 'Rotate…');
        await press(page, 'Make a new secret');
      },
      /./,
      'I have stored it',
    ],
    [
      'an API key',
      '/settings/api-keys',
      async (page) => {
        await press(page, 'New key');
        await name(page).fill('Nightly');
        await press(page, 'Make the key');
      },
      /^The key “Nightly”$/,
      'I have kept it',
    ],
    [
      'the link of an invitation',
      '/settings/admins',
      async (page) => {
        await press(page, 'Invite…');
        await press(page, 'Make the link');
      },
      /^Send this link$/,
      'I have it',
    ],
  ])('%s is asked about while it is shown', async (_what, address, show, box, kept) => {
    await open(address, async (page) => {
      await show(page);
      const shown = page.locator('.shown-once').and(page.getByRole('region', { name: box }));
      const secret = await shown.locator('code').first().textContent();
      const asked = page.getByRole('dialog', { name: 'Have you kept the secret?' });
      await link(page, /^Users/).click();
      await asked.getByText('is not shown again').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await asked.getByRole('button', { name: 'Stay here' }).click();
      await asked.waitFor({ state: 'detached' });
      expect(await shown.locator('code').first().textContent()).toBe(secret);
      await press(page, kept);
      await link(page, /^Users/).click();
      await heading(page, 'Users');
      await page.goBack();
      await show(page);
      await shown.waitFor();
      await link(page, /^Users/).click();
      await asked.getByRole('button', { name: 'Leave', exact: true }).click();
      await heading(page, 'Users');
    });
  });
});
