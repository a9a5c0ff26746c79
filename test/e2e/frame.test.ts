import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { BrowserContextOptions } from 'playwright-core';
import { type Browser, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser } from './browser.ts';
import { openAs } from './signed-in.ts';

describeInBrowser('what is around every page', (launched) => {
  let t: TestService;
  let admin: Browser;
  beforeAll(async () => {
    t = await startTestService();
    admin = await setUpAdmin(t);
  });
  afterAll(() => t.stop());

  async function open(address: string, options: BrowserContextOptions = {}) {
    const opened = await openAs(launched.browser(), t, admin, address, options);
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    return opened;
  }

  test.each([390, 1280])('the list of keys opens with ? and closes with Esc, at %d px', async (width) => {
    const { page, finish } = await open('/segments', { viewport: { width, height: 844 } });
    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keyboard' });
    await keys.getByRole('row', { name: /^Go to users/ }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await finish();
  });

  test('the menu of a phone opens, leads on, and closes behind that', async () => {
    const { page, finish } = await open('/segments', { viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'Menu' }).click();
    const users = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Users/ });
    await users.and(page.locator(':visible')).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await users.click();
    await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor();
    await users.waitFor({ state: 'hidden' });
    await finish();
  });

  test('without a network it is said, and nothing is saved once there is one again', async () => {
    await t.planSegment('Enterprise', 'enterprise');
    const { page, finish } = await open('/segments/enterprise');
    const sync = page.getByRole('switch', { name: 'Tell Segment' });
    await sync.waitFor();
    const joins = page.getByRole('tab', { name: 'Joins and leaves' });
    await page.context().setOffline(true);
    await sync.press('Space');
    await page.getByRole('alert').getByText('The service did not answer.').waitFor();
    await joins.click();
    await page.getByText('Joins and leaves could not be loaded').waitFor();
    const writes: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') writes.push(request.url());
    });
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nobody has joined or left yet.').waitFor();
    expect(writes).toEqual([]);
    expect((await t.api('GET', '/api/v1/segments/enterprise')).body.data.sync).toBe(true);
    await finish();
  });

  test.each(['/settings', '/settings/integrations', '/settings/segment'])(
    '%s leads to the settings',
    async (at) => {
      const { page, finish } = await open(at);
      await page.getByRole('heading', { name: 'Segment', level: 1 }).waitFor();
      expect(page.url()).toBe(`${t.url}/admin/settings/integrations/segment`);
      await finish();
    },
  );
});
