import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Browser, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser } from './browser.ts';
import { openAs } from './signed-in.ts';

const SEGMENTS = '/api/v1/segments';

describeInBrowser('one person among very many segments', (launched) => {
  let t: TestService;
  let admin: Browser;
  let address: string;
  beforeAll(async () => {
    t = await startTestService();
    admin = await setUpAdmin(t);
    const { body } = await t.api('POST', '/api/v1/users/identify', { email: 'ada@example.org' });
    address = `/users/${body.data.id}`;
    for (let i = 0; i < 40; i++) {
      const name = `Group ${String(i).padStart(2, '0')}`;
      await t.api('POST', SEGMENTS, { name, type: 'manual' });
    }
    await t.api('POST', `${SEGMENTS}/group-07/members`, { emails: ['ada@example.org'] });
    const about = (field: string, operator: string, value: unknown) => ({ field, operator, value });
    for (const [name, ...conditions] of [
      ['In one', about('segment', 'eq', 'group-07')],
      ['Not in one', about('segment', 'eq', 'group-08')],
      ['In several', about('segment', 'in', ['group-07', 'group-09'])],
      ['Not in several', about('segment', 'not_in', ['group-08', 'group-09'])],
    ] as const) {
      await t.api('POST', SEGMENTS, { name, type: 'dynamic', rules: { match: 'all', conditions } });
    }
    await t.settled();
  });
  afterAll(() => t.stop());

  async function open(work: (page: Page) => Promise<void>) {
    const { page, finish } = await openAs(launched.browser(), t, admin, address);
    await names(page).first().waitFor();
    await work(page);
    await finish();
  }
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const names = (page: Page) => page.locator('.plain-list > li').getByRole('link');

  test('those they are not in are folded away, and found by name', async () => {
    await open(async (page) => {
      // The one by hand, and three by rules.
      expect(await button(page, /^Why/).count()).toBe(4);
      await page.getByRole('heading', { name: 'Recent events' }).waitFor();
      expect((await page.getByRole('heading', { name: 'Joins and leaves' }).boundingBox())?.y).toBeLessThan(
        800,
      );
      await button(page, 'Not in 40 other segments').click();
      expect(await button(page, /^Why/).count()).toBe(14);
      expect(await accessibilityProblems(page)).toEqual([]);
      await button(page, 'Show all 40').click();
      expect(await button(page, /^Why/).count()).toBe(44);
      await button(page, 'Not in 40 other segments').click();
      expect(await button(page, /^Why/).count()).toBe(4);
      await page.getByRole('searchbox', { name: 'Find a segment' }).fill('group 3');
      await page.getByText('not in', { exact: true }).first().waitFor();
      expect(await button(page, /^Why/).count()).toBe(10);
      await page.getByRole('searchbox', { name: 'Find a segment' }).fill('nowhere');
      await page.getByText('No segment has this in its name.').waitFor();
      expect(await button(page, /^Why/).count()).toBe(0);
    });
  });

  test.each<[segment: string, said: RegExp]>([
    ['In one', /^Segment is Group 07\s*●\s*holds\s*in it$/],
    ['Not in one', /^Segment is Group 08\s*○\s*does not hold\s*not in it$/],
    ['In several', /^Segment is one of Group 07, Group 09\s*●\s*holds\s*in Group 07$/],
    ['Not in several', /^Segment is none of Group 08, Group 09\s*●\s*holds\s*in none of them$/],
  ])('why a segment that is about others: %s', async (segment, said) => {
    await open(async (page) => {
      await page.getByRole('searchbox', { name: 'Find a segment' }).fill(segment);
      await page.getByRole('button', { name: `Why: ${segment}`, exact: true }).click();
      const line = page.locator('.explained-line');
      await line.waitFor();
      // biome-ignore lint/performance/useDomNodeTextContent: the words as they are laid out
      expect(await line.innerText()).toMatch(said);
      expect(await accessibilityProblems(page)).toEqual([]);
      await line.getByRole('link').first().click();
      await page.getByRole('heading', { name: /^Group 0/, level: 1 }).waitFor();
    });
  });
});
