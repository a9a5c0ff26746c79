import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Browser, invite, setUpAdmin } from '../helpers/accounts.ts';
import { identify, startTestService, type TestService } from '../helpers/service.ts';
import { importFile } from '../transfer/files.ts';
import { accessibilityProblems, describeInBrowser, screenshot } from './browser.ts';
import { openAs, type PageOptions, type Work, workAs } from './signed-in.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';
const PHONE = { viewport: { width: 390, height: 800 } };
const VALUES = {
  [HOSTILE]: HOSTILE,
  long: 'word '.repeat(200),
  rtl: 'مرحبا بالعالم',
  nested: { a: { b: [1, { c: HOSTILE }] } },
  tags: ['one', 'شكرا', HOSTILE],
  yes: true,
  when: '2026-01-31',
  seats: 420,
  empty: '',
  wide: 'x'.repeat(300),
};

describeInBrowser('users', (launched) => {
  let t: TestService;
  let admin: Browser;
  let viewer: Browser;
  beforeAll(async () => {
    const env = { API_REQUESTS_PER_MINUTE: '100000', SIGN_IN_ATTEMPTS_PER_MINUTE: '1000' };
    t = await startTestService({ env });
    admin = await setUpAdmin(t);
    viewer = await invite(t, 'viewer', 'viewer@example.com');
    const rows = Array.from(
      { length: 120 },
      (_, i) => `person${String(i).padStart(3, '0')}@example.com,Person ${i},${i % 3 ? 'free' : 'pro'},${i}`,
    );
    await importFile(t, 'text/csv', `email,name,plan,n:number\n${rows.join('\n')}\n`);
    await t.planSegment('Pro', 'pro');
    await t.planSegment(HOSTILE, 'none');
  });
  afterAll(() => t.stop());

  let next = 0;
  /** A user whom only one test changes. */
  async function someone(attributes: Record<string, unknown> = {}, name: string | null = null) {
    const email = `someone${next++}@example.org`;
    const { body } = await t.api('POST', '/api/v1/users/identify', { email, name, attributes });
    return { email, id: body.data.id as string };
  }
  const stored = async (id: string) => (await t.api('GET', `/api/v1/users/${id}`)).body.data;

  const open = (address: string, work: Work, { as = admin, ...options }: PageOptions = {}) =>
    workAs(launched.browser(), t, as, address, work, options);
  const rows = (page: Page) =>
    page
      .getByRole('table', { name: 'Users' })
      .getByRole('row')
      .filter({ has: page.getByRole('link') });
  const says = (page: Page, text: string) => page.getByText(text, { exact: true }).first().waitFor();
  const inAddress = (page: Page, part: string) =>
    page.waitForURL((url) => decodeURIComponent(url.search).includes(part));
  const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);

  describe('the list', () => {
    test('shows everyone, page by page, in the order one chooses', async () => {
      await open('/users', async (page) => {
        await rows(page).first().waitFor();
        expect(await rows(page).count()).toBe(50);
        await page.getByRole('button', { name: 'Email', exact: true }).click();
        await inAddress(page, 'sort=email');
        await page.waitForFunction(
          () => document.querySelector('tbody a')?.textContent === 'person000@example.com',
        );
        expect(await page.getByRole('columnheader', { name: 'Email' }).getAttribute('aria-sort')).toBe(
          'ascending',
        );
        await page.getByRole('button', { name: 'Show more' }).click();
        await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 100);
        await page.getByRole('button', { name: 'Email', exact: true }).click();
        await inAddress(page, 'sort=-email');
        await page.goBack();
        await inAddress(page, 'sort=email');
        expect(await accessibilityProblems(page)).toEqual([]);
        await screenshot(page, 'users');
      });
    });

    test('is searched as one types, and what was found is in the address', async () => {
      await open('/users', async (page) => {
        await rows(page).first().waitFor();
        await page.keyboard.press('/');
        await page.keyboard.type('PERSON 11');
        await says(page, '11 people');
        expect(await rows(page).count()).toBe(11);
        await inAddress(page, 'search=PERSON');
        await page.reload();
        await says(page, '11 people');
        expect(await page.getByRole('searchbox').inputValue()).toBe('PERSON 11');
        for (const part of [HOSTILE, '50%2C &+#']) {
          await page.getByRole('searchbox').fill(part);
          await page.waitForURL((url) => url.searchParams.get('search') === part);
          await page.reload();
          await says(page, 'Nobody fits');
          expect(await page.getByRole('searchbox').inputValue()).toBe(part);
        }
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('button', { name: 'Clear all filters' }).click();
        await rows(page).first().waitFor();
        expect(await page.getByRole('searchbox').inputValue()).toBe('');
      });
    });

    test('is held to a segment and to attributes', async () => {
      await open('/users', async (page) => {
        await rows(page).first().waitFor();
        await page.getByRole('combobox', { name: 'Segment' }).click();
        await page.getByRole('option', { name: 'Pro · 40' }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('option', { name: 'Pro · 40' }).click();
        await says(page, '40 people');
        await page.getByRole('button', { name: 'Filter by attribute' }).click();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('combobox', { name: 'Attribute' }).click();
        await page.getByRole('option', { name: 'n', exact: true }).click();
        await page.getByRole('combobox', { name: 'Comparison' }).click();
        await page.getByRole('option', { name: 'is at least' }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('option', { name: 'is at least' }).click();
        await page.getByRole('combobox', { name: 'Value' }).fill('100');
        await page.keyboard.press('Enter');
        await says(page, 'n is at least 100');
        await says(page, '6 people');
        await page.reload();
        await says(page, '6 people');
        await page.getByRole('button', { name: 'Remove the filter n is at least 100' }).click();
        await says(page, '40 people');
      });
    });

    test('says so when the rules of a link can not be read, or find nothing', async () => {
      for (const [rules, words] of [
        ['nonsense', 'Users could not be loaded'],
        [
          '{"match":"any","conditions":[{"field":"attributes.x","operator":"is_set"},{"field":"attributes.y","operator":"is_set"}]}',
          'Nobody fits',
        ],
      ] as const) {
        await open(`/users?rules=${encodeURIComponent(rules)}`, async (page) => {
          await says(page, words);
          await says(page, 'matches a rule');
          await page.getByRole('button', { name: 'Remove the filter matches a rule' }).click();
          await rows(page).first().waitFor();
        });
      }
    });

    test('has attributes as columns', async () => {
      const { email } = await someone({ plan: HOSTILE, 'a,b': 'comma' });
      await open('/users', async (page) => {
        await rows(page).first().waitFor();
        await page.getByRole('button', { name: 'Columns' }).click();
        const choice = page.getByRole('combobox', { name: 'Attributes shown as columns' });
        await choice.click();
        await page.getByRole('option', { name: 'a,b', exact: true }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        for (const name of ['plan', 'a,b']) {
          await choice.fill(name);
          await page.getByRole('option', { name, exact: true }).click();
        }
        await page.keyboard.press('Escape');
        await page.getByRole('columnheader', { name: 'a,b' }).waitFor();
        await page.reload();
        const row = rows(page).filter({ hasText: email });
        await row.waitFor();
        expect(await row.getByRole('cell').allTextContents()).toEqual(
          expect.arrayContaining([HOSTILE, 'comma']),
        );
        expect(await accessibilityProblems(page)).toEqual([]);
      });
    });

    test('is honest about people it has not looked at', async () => {
      await open('/users', async (page) => {
        await rows(page).first().waitFor();
        let pages = 0;
        await page.route('**/api/v1/users?*rules=*', async (route) => {
          const answer = await (await route.fetch()).json();
          const partial = { looked: 200_000 * ++pages, users: 1_000_000 };
          const pagination = { cursor: 'a.0.0.0.0', hasMore: true, total: 0 };
          await route.fulfill({ json: { ...answer, data: [], meta: { pagination, partial } } });
        });
        const rules = {
          match: 'all',
          conditions: [{ field: 'attributes.plan', operator: 'eq', value: 'rare' }],
        };
        await page.goto(`${t.url}/admin/users?rules=${encodeURIComponent(JSON.stringify(rules))}`);
        await says(page, 'Looked at about 200,000 of 1,000,000 people so far.');
        await says(page, 'Nobody found so far');
        await page.getByRole('button', { name: 'Keep looking' }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
      });
    });

    test('can be tried again where it fails', async () => {
      await open('/users', async (page) => {
        await rows(page).first().waitFor();
        const error = { code: 'busy', message: 'The database is busy or full; try again in a moment' };
        await page.route(
          '**/api/v1/users?*search=pro*',
          (route) => route.fulfill({ status: 503, json: { error } }),
          {
            times: 1,
          },
        );
        await page.getByRole('searchbox').fill('pro');
        await says(page, error.message);
        await page.getByRole('button', { name: 'Try again' }).click();
        await says(page, 'Nobody fits');
      });
    });

    test('fits a phone', async () => {
      for (const query of ['', '?columns=plan,n']) {
        await open(
          `/users${query}`,
          async (page) => {
            await rows(page).first().waitFor();
            expect(await widthOf(page)).toBe(390);
          },
          PHONE,
        );
      }
    });

    test('gives files of everyone and of the segment shown', async () => {
      await open('/users?segment=pro', async (page) => {
        await rows(page).first().waitFor();
        await page.getByRole('button', { name: 'Export' }).click();
        expect(await accessibilityProblems(page)).toEqual([]);
        for (const [name, lines] of [
          ['Members of Pro, as CSV', 41],
          ['Members of Pro, as NDJSON', 40],
        ] as const) {
          const download = page.waitForEvent('download');
          await page.getByRole('link', { name }).click();
          const text = await Bun.file(await (await download).path()).text();
          expect(text.trim().split('\n')).toHaveLength(lines);
        }
        expect(await page.getByRole('link', { name: 'Everyone, as CSV' }).count()).toBe(1);
      });
    });

    test('without anyone says how people come in', async () => {
      const empty = await startTestService();
      const first = await setUpAdmin(empty);
      const { page, finish } = await openAs(launched.browser(), empty, first, '/users');
      await says(page, 'No users yet');
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'users-empty');
      await page.getByRole('link', { name: 'Import…' }).last().click();
      await page.getByRole('heading', { name: 'Import users' }).waitFor();
      await finish();
      await empty.stop();
    });
  });

  describe('adding', () => {
    test('a user leads to their page', async () => {
      await open('/users', async (page) => {
        await page.getByRole('button', { name: 'Add a user' }).click();
        const dialog = page.getByRole('dialog');
        expect(await accessibilityProblems(page)).toEqual([]);
        await dialog.getByLabel('Email').fill('not an address');
        await dialog.getByRole('button', { name: 'Add a user' }).click();
        await dialog.getByText('must be an email address').waitFor();
        await dialog.getByLabel('Email').fill(' New.Person@Example.org ');
        await dialog.getByLabel('Name').fill(HOSTILE);
        await dialog.getByLabel('User id in your product').fill('u-1');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: HOSTILE }).waitFor();
        await says(page, 'new.person@example.org was added.');
        const { body } = await t.api('GET', '/api/v1/users?search=new.person');
        expect(body.data).toMatchObject([
          { email: 'new.person@example.org', name: HOSTILE, externalId: 'u-1' },
        ]);
      });
    });

    test('somebody who is there leaves them alone', async () => {
      const { email, id } = await someone({}, 'Before');
      await open('/users', async (page) => {
        await page.getByRole('button', { name: 'Add a user' }).click();
        await page.getByRole('dialog').getByLabel('Email').fill(email.toUpperCase());
        await page.getByRole('dialog').getByLabel('Name').fill('After');
        await page.getByRole('dialog').getByRole('button', { name: 'Add a user' }).click();
        await page.getByRole('link', { name: 'Open that user' }).click();
        await page.getByRole('heading', { name: 'Before' }).waitFor();
        expect((await stored(id)).name).toBe('Before');
      });
    });
  });

  describe('a user', () => {
    const attribute = (page: Page, key: string) =>
      page
        .getByRole('table', { name: 'Attributes' })
        .getByRole('row')
        .filter({ has: page.getByText(key, { exact: true }) });

    test('is shown with anything in them, as text', async () => {
      const { id } = await someone(VALUES, HOSTILE);
      for (const options of [{}, PHONE]) {
        await open(
          `/users/${id}`,
          async (page) => {
            await page.getByRole('heading', { name: HOSTILE }).waitFor();
            await attribute(page, 'wide').waitFor();
            expect(await page.locator('main img').count()).toBe(0);
            await attribute(page, 'seats').getByText('420').waitFor();
            await attribute(page, 'yes').getByText('Yes', { exact: true }).waitFor();
            await attribute(page, 'empty').getByText('An empty text').waitFor();
            await attribute(page, 'long')
              .getByRole('button', { name: 'Show all (1,000 characters)' })
              .click();
            await attribute(page, 'long').getByRole('button', { name: 'Show less' }).waitFor();
            expect(await widthOf(page)).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
            expect(await accessibilityProblems(page)).toEqual([]);
          },
          options,
        );
      }
    });

    test.each<[type: string, typed: string, value: unknown, wrong: [string, string] | null]>([
      ['Text', HOSTILE, HOSTILE, null],
      ['Number', ' -1.5e3 ', -1500, ['many', 'This is not a number']],
      ['Date', '2026-02-28', '2026-02-28', ['soon', 'This is not a date']],
      ['List', 'one\n\ntwo', ['one', 'two'], null],
      ['JSON', '{"a":[1,null,{"b":"<b>"}]}', { a: [1, null, { b: '<b>' }] }, ['{a:1}', 'This is not JSON']],
    ])('is given an attribute: %s', async (type, typed, value, wrong) => {
      const { id } = await someone();
      await open(`/users/${id}`, async (page) => {
        await says(page, 'No attributes yet');
        await page.getByRole('button', { name: 'Add an attribute' }).click();
        const form = page.getByRole('form', { name: 'Add an attribute' });
        await form.getByRole('combobox', { name: 'Key' }).fill('thing');
        await form.getByRole('combobox', { name: 'Type' }).click();
        await page.getByRole('option', { name: type, exact: true }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('option', { name: type, exact: true }).click();
        if (wrong !== null) {
          await form.getByLabel('Value').fill(wrong[0]);
          await form.getByRole('button', { name: 'Save' }).click();
          await form.getByText(wrong[1]).waitFor();
        }
        await form.getByLabel('Value').fill(typed);
        await form.getByRole('button', { name: 'Save' }).click();
        await attribute(page, 'thing').waitFor();
        expect((await stored(id)).attributes).toEqual({ thing: value });
        await page.waitForFunction(() => document.activeElement?.textContent === 'Add an attribute');
      });
    });

    test('has attributes changed and removed where they stand', async () => {
      const { id } = await someone({ plan: 'free', active: false, numbers: [1, 2], o: { a: 1 } });
      await open(`/users/${id}`, async (page) => {
        await page.getByRole('button', { name: 'Edit plan' }).click();
        const form = page.getByRole('form', { name: 'Edit plan' });
        expect(await accessibilityProblems(page)).toEqual([]);
        await form.getByLabel('Value').fill('pro');
        await form.getByRole('button', { name: 'Save' }).click();
        await says(page, 'Saved. Joins Pro. Where a segment is synced, Segment hears about it shortly.');
        await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Edit plan');

        await page.getByRole('button', { name: 'Edit active' }).click();
        await page.getByText('Yes', { exact: true }).click();
        await page.getByRole('button', { name: 'Save' }).click();
        await attribute(page, 'active').getByText('Yes', { exact: true }).waitFor();

        await page.getByRole('button', { name: 'Edit numbers' }).click();
        await page.getByLabel('Value').fill('1\n2\n3');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('form').waitFor({ state: 'detached' });

        await page.getByRole('button', { name: 'Edit o', exact: true }).click();
        await page.keyboard.press('Escape');
        await page.getByRole('form').waitFor({ state: 'detached' });

        await page.getByRole('button', { name: 'Remove plan' }).click();
        await page.getByRole('dialog').waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('dialog').getByRole('button', { name: 'Remove the attribute' }).click();
        await attribute(page, 'plan').waitFor({ state: 'detached' });
        expect((await stored(id)).attributes).toEqual({ active: true, numbers: [1, 2, 3], o: { a: 1 } });
      });
    });

    test('has email, name and id changed; an email of somebody else is refused', async () => {
      const [other, { id }] = [await someone(), await someone({}, 'Old name')];
      await open(`/users/${id}`, async (page) => {
        await page.getByRole('button', { name: 'Edit', exact: true }).click();
        const dialog = page.getByRole('dialog');
        expect(await accessibilityProblems(page)).toEqual([]);
        await dialog.getByLabel('Email').fill(other.email);
        await dialog.getByText('Segment is told to take back').waitFor();
        await dialog.getByRole('button', { name: 'Save' }).click();
        await dialog.getByText('Another user has this email').waitFor();
        await dialog.getByLabel('Email').fill('changed@example.org');
        await dialog.getByLabel('Name').fill('اسم');
        await dialog.getByLabel('User id in your product').fill('u-9');
        await dialog.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('heading', { name: 'اسم' }).waitFor();
        expect(await stored(id)).toMatchObject({
          email: 'changed@example.org',
          name: 'اسم',
          externalId: 'u-9',
        });
      });
    });

    test('says why they are in a segment, what came for them, and when they joined and left', async () => {
      const { id, email } = await someone({ plan: 'pro' });
      await t.webhook(identify(email, { plan: 'free' }));
      await t.webhook(identify(`x${email}`, {}));
      await open(`/users/${id}`, async (page) => {
        await page.getByRole('button', { name: 'Why: Pro' }).click();
        await page.getByText('here: free').waitFor();
        await says(page, 'does not hold');
        const events = page
          .locator('section')
          .filter({ has: page.getByRole('heading', { name: 'Recent events' }) });
        const links = events.getByRole('listitem').getByRole('link');
        await links.first().waitFor();
        expect(await links.count()).toBe(1);
        expect(await links.first().getAttribute('href')).toMatch(
          new RegExp(`^/admin/activity\\?direction=in&user=${encodeURIComponent(email)}&open=in-\\d+$`),
        );
        const history = page
          .locator('section')
          .filter({ has: page.getByRole('heading', { name: 'Joins and leaves' }) });
        await history.getByRole('listitem').first().waitFor();
        expect(await history.getByRole('listitem').allTextContents()).toEqual([
          expect.stringMatching(/^left Pro ?an event from Segment/),
          expect.stringMatching(/^joined Pro/),
        ]);
        expect(await page.getByRole('link', { name: 'Pro', exact: true }).first().getAttribute('href')).toBe(
          '/admin/segments/pro',
        );
        expect(await accessibilityProblems(page)).toEqual([]);
        await screenshot(page, 'user');
      });
    });

    test('is deleted once the email was typed', async () => {
      const { id, email } = await someone({ plan: 'pro', n: 1 });
      await open(`/users/${id}`, async (page) => {
        await page.getByRole('button', { name: 'Delete…' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('2 attributes, 1 membership').waitFor();
        await dialog.getByText('Segment is not told').waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        const confirm = dialog.getByRole('button', { name: 'Delete the user' });
        expect(await confirm.isDisabled()).toBe(true);
        await dialog.getByLabel(`Type ${email} to confirm`).fill(email);
        await confirm.click();
        await says(page, `${email} was deleted.`);
        await page.waitForURL('**/admin/users');
        expect((await t.api('GET', `/api/v1/users/${id}`)).status).toBe(404);
        await page.goto(`${t.url}/admin/users/${id}`);
        await says(page, 'There is no such user');
        expect(await accessibilityProblems(page)).toEqual([]);
      });
    });

    test('says which part could not be loaded, and tries again', async () => {
      const { id } = await someone({ plan: 'free' });
      const { page, finish } = await openAs(launched.browser(), t, admin, '/users');
      for (const part of ['attributes', 'segments?*', 'history?*']) {
        const error = { code: 'busy', message: `No ${part}` };
        await page.route(
          `**/api/v1/users/${id}/${part}`,
          (route) => route.fulfill({ status: 503, json: { error } }),
          {
            times: 1,
          },
        );
      }
      await page.goto(`${t.url}/admin/users/${id}`);
      for (const what of ['The attributes', 'The segments', 'The history']) {
        const alert = page.getByRole('alert').filter({ hasText: `${what} could not be loaded` });
        await alert.getByRole('button', { name: 'Try again' }).click();
        await alert.waitFor({ state: 'detached' });
      }
      await attribute(page, 'plan').waitFor();
      await finish();
    });
  });

  test('a viewer sees all of it and changes nothing', async () => {
    const { id } = await someone({ plan: 'pro' });
    await open(
      '/users',
      async (page) => {
        await rows(page).first().waitFor();
        expect(await page.getByRole('button', { name: 'Add a user' }).count()).toBe(0);
        await page.getByRole('button', { name: 'Export' }).focus();
        await page.keyboard.press('Enter');
        expect(await page.getByRole('dialog').count()).toBe(0);
        await page.getByText('Only an admin may take data out.').waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.goto(`${t.url}/admin/users/${id}`);
        await page.getByRole('table', { name: 'Attributes' }).waitFor();
        expect(await page.getByRole('button', { name: /Edit|Delete|Add|Remove/ }).count()).toBe(0);
        expect(await accessibilityProblems(page)).toEqual([]);
      },
      { as: viewer },
    );
  });
});
