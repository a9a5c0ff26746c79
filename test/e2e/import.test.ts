import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Browser, invite, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { type PlainUser, plainUsers } from '../transfer/files.ts';
import { accessibilityProblems, describeInBrowser, screenshot } from './browser.ts';
import { openAs, type PageOptions, type Work, workAs } from './signed-in.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';

describeInBrowser('the import', (launched) => {
  let t: TestService;
  let admin: Browser;
  let viewer: Browser;
  beforeAll(async () => {
    const env = { API_REQUESTS_PER_MINUTE: '100000', SIGN_IN_ATTEMPTS_PER_MINUTE: '1000' };
    t = await startTestService({ env });
    admin = await setUpAdmin(t);
    viewer = await invite(t, 'viewer', 'viewer@example.com');
  });
  afterAll(() => t.stop());
  beforeEach(async () => {
    const { body } = await t.api('GET', '/api/v1/users?limit=200');
    for (const { id } of body.data) await t.api('DELETE', `/api/v1/users/${id}`);
  });

  function open(work: Work, { as = admin, ...options }: PageOptions = {}) {
    const ready: Work = async (page) => {
      await page.getByRole('heading', { name: 'Import users' }).waitFor();
      await work(page);
    };
    return workAs(launched.browser(), t, as, '/users/import', ready, options);
  }
  const choose = (page: Page, name: string, content: string | Uint8Array) =>
    page.locator('input[type=file]').setInputFiles({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(content as string),
    });
  const select = async (page: Page, what: string, column: string, option: string) => {
    await page.getByRole('combobox', { name: `${what}: ${column}` }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };
  const start = (page: Page) => page.getByRole('button', { name: 'Start the import' });
  const finished = (page: Page) => page.getByRole('link', { name: 'See the users' }).waitFor();
  const user = (email: string, rest: Partial<PlainUser>) => ({
    email,
    name: null,
    externalId: null,
    attributes: {},
    ...rest,
  });

  test('maps, renames, types and skips the columns of a file', async () => {
    const file = [
      `\ufeffE-Mail;"Full name";Plan;Zip;"a ""quoted""; title";Secret;User ID;Joined;Email`,
      `ada@x.io;"Lovelace; Ada";pro;007;"${HOSTILE}\nnext line";hidden;u-1;2026-01-31;second`,
      'grace@x.io;;;1;;hidden;;;',
    ].join('\r\n');
    await open(async (page) => {
      await choose(page, `${HOSTILE}.csv`, file);
      await page.getByRole('heading', { name: `${HOSTILE}.csv` }).waitFor();
      await page.getByText('(separated by semicolons)').waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'import');

      await page.getByRole('textbox', { name: 'Key of the attribute: Plan' }).fill('tier:text');
      await page.getByRole('combobox', { name: 'Type: Zip' }).click();
      await page.getByRole('option').first().waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await select(page, 'Type', 'Zip', 'Text');
      await select(page, 'Becomes', 'Secret', 'Skip');
      await page.getByRole('textbox', { name: 'Key of the attribute: Joined' }).fill(' email_address ');
      await select(page, 'Type', 'Joined', 'Date');
      await select(page, 'Becomes', 'Email', 'Skip');
      await start(page).click();
      await finished(page);
      await page.getByText('2 added').first().waitFor();
      expect(await plainUsers(t)).toEqual([
        user('ada@x.io', {
          name: 'Lovelace; Ada',
          externalId: 'u-1',
          attributes: {
            'tier:text': 'pro',
            Zip: '007',
            'a "quoted"; title': `${HOSTILE}\nnext line`,
            email_address: '2026-01-31',
          },
        }),
        user('grace@x.io', { attributes: { Zip: '1' } }),
      ]);
      await page.getByRole('link', { name: 'See the users' }).click();
      await page.getByRole('link', { name: 'ada@x.io' }).waitFor();
    });
  });

  test('does not start while the columns make no sense', async () => {
    await open(async (page) => {
      await choose(page, 'people.csv', 'mail-ish,plan,Plan \na@x.io,pro,x\n');
      await page.getByRole('alert').getByText('Choose the column that holds the email').waitFor();
      expect(await start(page).isDisabled()).toBe(true);
      await select(page, 'Becomes', 'mail-ish', 'Email');
      await start(page).and(page.locator(':enabled')).waitFor();
      await page.getByRole('textbox', { name: 'Key of the attribute: Plan' }).last().fill('plan');
      await page.getByText('Two columns are “plan”; skip one of them.').waitFor();
      expect(await start(page).isDisabled()).toBe(true);
      await page.getByRole('textbox', { name: 'Key of the attribute: Plan' }).last().fill('');
      await page.getByText('or skip it.').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('button', { name: 'Choose another file' }).click();
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
    });
  });

  test.each<[what: string, content: string | Uint8Array, words: string]>([
    ['nothing', '', 'The file is empty.'],
    ['an Excel workbook', 'PK\u0003\u0004 and so on', 'This is an Excel workbook.'],
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]), 'This file is not text.'],
    ['one endless line', 'x'.repeat(300_000), 'The first line is too long'],
    [
      'letters of another encoding',
      new Uint8Array([...Buffer.from('email,name\na@x.io,'), 0xe9, 0x0a]),
      'not saved as UTF-8',
    ],
  ])('says what is wrong with a file: %s', async (_what, content, words) => {
    await open(async (page) => {
      await choose(page, 'file.csv', content);
      await page.getByRole('alert').getByText(words).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
    });
  });

  test('takes NDJSON as it is', async () => {
    const lines = [
      { email: 'ada@x.io', attributes: { o: { html: HOSTILE } } },
      { email: 'bob@x.io', name: 'Bob' },
    ];
    await open(async (page) => {
      await choose(page, 'people.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
      await page.getByText('One JSON object a line').waitFor();
      await page.getByText(JSON.stringify(lines[0])).waitFor();
      await start(page).click();
      await finished(page);
      expect(await plainUsers(t)).toEqual([
        user('ada@x.io', { attributes: { o: { html: HOSTILE } } }),
        user('bob@x.io', { name: 'Bob' }),
      ]);
    });
  });

  test('a file can be dropped', async () => {
    await open(async (page) => {
      const dropped = await page.evaluateHandle(() => {
        const data = new DataTransfer();
        data.items.add(new File(['email\na@x.io\n'], 'dropped.csv'));
        return data;
      });
      await page.dispatchEvent('.drop-zone', 'drop', { dataTransfer: dropped });
      await page.getByRole('heading', { name: 'dropped.csv' }).waitFor();
    });
  });

  test('rows that were not taken are listed, and all of them can be had', async () => {
    await open(async (page) => {
      await choose(
        page,
        'bad.csv',
        `email,n\nok@x.io,1\n${Array.from({ length: 150 }, (_, i) => `nobody ${i},${HOSTILE}\n`).join('')}`,
      );
      await start(page).click();
      await finished(page);
      await page.getByText('The first 10 of 150').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, 'import-result');
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download all, with the rows' }).click();
      const text = await Bun.file(await (await download).path()).text();
      expect(text.trim().split('\r\n')).toEqual([
        'line,reason,row',
        ...Array.from(
          { length: 150 },
          (_, i) => `${i + 3},the email is not an address,"nobody ${i},${HOSTILE}"`,
        ),
      ]);
      await page.getByRole('button', { name: 'Import another file' }).click();
      await page.getByRole('link', { name: '150 rows not taken: download' }).first().waitFor();
    });
  });

  test('a refused file says why, and may be tried again', async () => {
    await open(async (page) => {
      await choose(
        page,
        'broken.csv',
        `email,note\n${'ok@x.io,fine\n'.repeat(30)}b@x.io,"never closed ${'x'.repeat(5_000_000)}`,
      );
      await start(page).click();
      await page.getByRole('alert').getByText('look for a quote that is never closed').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('button', { name: 'Import another file' }).click();
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
    });
  });

  describe('while it goes on', () => {
    /** Holds the upload until it is let go. */
    async function held(page: Page) {
      const { promise, resolve } = Promise.withResolvers<void>();
      await page.route('**/api/v1/users/import?*', async (route) => {
        await promise;
        // Where the page has stopped it there is nothing left to go on.
        await route.continue().catch(() => {});
      });
      return resolve;
    }

    test('other pages can be looked at, and it is there on coming back', async () => {
      await open(async (page) => {
        const release = await held(page);
        await choose(page, 'long.csv', 'email\na@x.io\n');
        await start(page).click();
        await page.getByRole('progressbar', { name: 'Progress of the import' }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        await page.getByRole('link', { name: 'All users' }).click();
        await page.getByRole('heading', { name: 'Users', exact: true }).waitFor();
        await page.getByRole('link', { name: 'Import…' }).first().click();
        await page.getByRole('heading', { name: 'Importing long.csv' }).waitFor();
        release();
        await page.getByRole('heading', { name: 'long.csv was imported' }).waitFor();
      });
    });

    test('it can be stopped', async () => {
      await open(async (page) => {
        const release = await held(page);
        await choose(page, 'long.csv', 'email\na@x.io\n');
        await start(page).click();
        await page.getByRole('button', { name: 'Stop the import' }).click();
        const dialog = page.getByRole('dialog');
        expect(await accessibilityProblems(page)).toEqual([]);
        await dialog.getByRole('button', { name: 'Stop the import' }).click();
        await page.getByText('The import was stopped.').waitFor();
        release();
      });
    });

    test('one of somebody else shows how far it is', async () => {
      await open(async (page) => {
        const job = {
          id: 'import_9',
          name: HOSTILE,
          status: 'running',
          problem: null,
          bytes: 30,
          totalBytes: 100,
        };
        const counts = { created: 1234, updated: 0, unchanged: 0, rejected: 2 };
        const times = { startedAt: new Date().toISOString(), finishedAt: null };
        await page.route('**/api/v1/users/imports', (route) =>
          route.fulfill({ json: { data: [{ ...job, ...counts, ...times }] } }),
        );
        const bar = page.getByRole('table', { name: 'Imports' }).getByRole('progressbar');
        await bar.waitFor();
        expect(await bar.getAttribute('aria-valuenow')).toBe('30');
        await page.getByText('1,234 added').waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
      });
    });
  });

  test('a large file is never read as a whole', async () => {
    await open(async (page) => {
      await page.evaluate(() => {
        const read = Blob.prototype.arrayBuffer;
        const seen: number[] = [];
        Object.assign(globalThis, { seen });
        Blob.prototype.arrayBuffer = function (this: Blob) {
          seen.push(this.size);
          return read.call(this);
        };
        for (const way of ['text', 'stream', 'bytes'] as const) {
          Object.assign(Blob.prototype, {
            [way]: () => {
              throw new Error(`${way} is called`);
            },
          });
        }
      });
      const rows = Array.from({ length: 2000 }, (_, i) => `u${i}@x.io,${'x'.repeat(2000)}\n`).join('');
      await choose(page, 'large.csv', `email,wide\n${rows}`);
      await start(page).click();
      await finished(page);
      await page.getByText('2,000 added').first().waitFor();
      expect(await page.evaluate('seen')).toEqual([262_144]);
    });
    // Too many for the clean-up between tests.
    const { body } = await t.api('GET', '/api/v1/users?limit=1');
    expect(body.meta.pagination.total).toBe(2000);
    await t.stop();
    t = await startTestService({ env: { SIGN_IN_ATTEMPTS_PER_MINUTE: '1000' } });
    admin = await setUpAdmin(t);
    viewer = await invite(t, 'viewer', 'viewer@example.com');
  });

  test('fits a phone', async () => {
    await open(
      async (page) => {
        await choose(page, 'people.csv', `email,${'plan'.repeat(20)},c\na@x.io,${'x'.repeat(300)},d\n`);
        await start(page).waitFor();
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        expect(await accessibilityProblems(page)).toEqual([]);
      },
      { viewport: { width: 390, height: 800 } },
    );
  });

  test('is not for a viewer, who may see what was imported', async () => {
    await open(
      async (page) => {
        await page.getByText('Only an admin may import users.').waitFor();
        expect(await page.locator('input[type=file]').count()).toBe(0);
        await page.getByRole('heading', { name: 'Imports since the service started' }).waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
      },
      { as: viewer },
    );
  });

  test('says when the imports can not be loaded, and tries again', async () => {
    const { page, finish } = await openAs(launched.browser(), t, admin, '/users');
    const error = { code: 'busy', message: 'Busy right now' };
    await page.route('**/api/v1/users/imports', (route) => route.fulfill({ status: 503, json: { error } }), {
      times: 1,
    });
    await page.goto(`${t.url}/admin/users/import`);
    await page.getByRole('alert').getByText('Busy right now').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page
      .getByText('None yet.')
      .or(page.getByRole('table', { name: 'Imports' }))
      .waitFor();
    await finish();
  });
});
