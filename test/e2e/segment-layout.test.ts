import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type Browser, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser } from './browser.ts';
import { type PageOptions, type Work, workAs } from './signed-in.ts';

const PHONE = { viewport: { width: 375, height: 740 } };
const LONG = 'a_trait_key_that_is_'.repeat(5);

describeInBrowser('segments in little room', (launched) => {
  let t: TestService;
  let admin: Browser;
  beforeAll(async () => {
    t = await startTestService();
    admin = await setUpAdmin(t);
    for (let i = 0; i < 12; i++) {
      const email = `${'somebody'.repeat(i % 3)}${i}@example.com`;
      await t.api('POST', '/api/v1/users/identify', {
        email,
        name: `Person ${i}`,
        attributes: { plan: 'pro' },
      });
    }
    await t.planSegment('Professionals of every kind', 'pro');
    await t.api('PATCH', '/api/v1/segments/professionals-of-every-kind', { traitKey: LONG });
    await t.settled();
  });
  afterAll(() => t.stop());

  const open = (address: string, work: Work, options: PageOptions = {}) =>
    workAs(launched.browser(), t, admin, address, work, options);

  test('a long trait key is cut off, and leaves room for the name and the state', async () => {
    await open('/segments', async (page) => {
      const row = page.getByRole('row', { name: /Professionals/ });
      await row.waitFor();
      const [name, people, type, trait, sync] = await row.getByRole('cell', { includeHidden: true }).all();
      expect(people).toBeDefined();
      expect((await name?.boundingBox())?.width).toBeGreaterThan(250);
      expect((await type?.boundingBox())?.height).toBeLessThan(60);
      expect(await trait?.locator('code').getAttribute('title')).toBe(LONG);
      const { x = 0, width = 0 } = (await sync?.getByText('On').boundingBox()) ?? {};
      expect(x + width).toBeLessThan(1280);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
    });
  });

  test.each(['/segments', '/segments/professionals-of-every-kind'])(
    '%s stands within a phone',
    async (at) => {
      await open(
        at,
        async (page) => {
          const table = page.getByRole('table');
          await table.getByRole('link').first().waitFor();
          const [left, right] = await table.evaluate((one) => {
            const { left, right } = one.getBoundingClientRect();
            return [left, right];
          });
          expect(left).toBeGreaterThanOrEqual(0);
          expect(right).toBeLessThanOrEqual(375);
          // What is cut off shows a part at least.
          for (const trait of await table.locator('code').filter({ visible: true }).all()) {
            expect((await trait.boundingBox())?.width).toBeGreaterThan(60);
          }
          // Nothing scrolls sideways, nor does anything around the table.
          const wide = await table.evaluate((one) => {
            const around = one.parentElement;
            return around === null ? 0 : around.scrollWidth - around.clientWidth;
          });
          expect(wide).toBeLessThanOrEqual(0);
          expect(await accessibilityProblems(page)).toEqual([]);
        },
        PHONE,
      );
    },
  );

  test('the bar to save from leaves a small laptop to the rules', async () => {
    await open(
      '/segments/professionals-of-every-kind/edit',
      async (page) => {
        await page.getByText('Right now 12 of 12 people match').waitFor();
        await page.getByText('Saving changes nobody.').waitFor();
        await page.getByText('and others').waitFor();
        const bar = page.locator('.save-bar');
        expect((await bar.boundingBox())?.height).toBeLessThan(80);
        expect(await accessibilityProblems(page)).toEqual([]);
        // Wherever one is on a long page.
        for (let i = 0; i < 6; i++) {
          await page.getByRole('button', { name: 'Add a group to the rules' }).click();
        }
        await page.evaluate(() => scrollTo(0, 0));
        const { y = 0, height = 0 } = (await bar.boundingBox()) ?? {};
        expect(y + height).toBeLessThanOrEqual(700);
      },
      { viewport: { width: 1024, height: 700 } },
    );
  });
});
