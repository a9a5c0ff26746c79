import { afterEach, expect, test } from 'bun:test';
import type { Locator, Page } from 'playwright-core';
import type { Counter } from '../../src/activity/activity.ts';
import { invite, setUpAdmin } from '../helpers/accounts.ts';
import {
  identify,
  SECRET,
  SETTINGS,
  startTestService,
  type TestService,
  WRITE_KEY,
} from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser, screenshot } from './browser.ts';
import { openAs } from './signed-in.ts';

const HOSTILE = 'Pro <img src=x onerror=alert(1)>';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describeInBrowser('the overview', ({ browser }) => {
  let t: TestService;
  let page: Page;
  let finish: () => Promise<void>;
  afterEach(async () => {
    await finish();
    await t.stop();
  });

  async function open({
    secret = true,
    address = '',
    role = 'admin' as 'admin' | 'viewer',
    width = 1280,
    before = async () => {},
  } = {}) {
    t = await startTestService({ secret, env: { API_REQUESTS_PER_MINUTE: '100000' } });
    await before();
    const somebody = role === 'admin' ? await setUpAdmin(t) : await invite(t, 'viewer', 'vic@example.com');
    ({ page, finish } = await openAs(browser(), t, somebody, address, {
      viewport: { width, height: 1000 },
    }));
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  }
  const addUser = (email: string, plan = 'pro') =>
    t.api('POST', '/api/v1/users/identify', { email, attributes: { plan } });
  /** Everything that has to be set up. */
  const ready = async () => {
    await addUser('ann@example.com');
    await t.webhook(identify('ann@example.com', { seats: 3 }));
    await t.planSegment(HOSTILE, 'pro');
    await t.connect();
    await t.stub.waitFor((stub) => stub.profiles().size === 1);
  };
  const says = (text: string | RegExp, within: Page | Locator = page) =>
    within.getByText(text).first().waitFor();
  const section = (name: string) =>
    page.locator('section').filter({ has: page.getByRole('heading', { name, level: 2 }) });
  const problem = (text: string | RegExp) =>
    section('Needs a look').getByRole('listitem').filter({ hasText: text });
  const solves = (text: string | RegExp, name: string) =>
    problem(text).getByRole('link', { name }).getAttribute('href');

  test('the checklist ticks itself off, step by step, and then makes way', async () => {
    await open({ secret: false });
    const steps = section('Get started').getByRole('listitem');
    const done = () =>
      steps.evaluateAll((items) =>
        items.map((item) => item.querySelector('[role=img]')?.getAttribute('aria-label')),
      );
    const doneAre = (count: number) => says(`${count} of 6 done`, section('Get started'));
    await doneAre(0);
    expect(
      await steps.getByRole('link').evaluateAll((links) => links.map((a) => a.getAttribute('href'))),
    ).toEqual([
      '/admin/settings/integrations/segment?steps=in',
      '/admin/settings/integrations/segment?steps=in',
      '/admin/users/import',
      '/admin/segments/new',
      '/admin/settings/integrations/segment?steps=out',
      '/admin/activity?direction=out',
    ]);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'overview-first-run');

    await t.api('PATCH', SETTINGS, { inbound: { sharedSecret: SECRET } });
    await doneAre(1);
    await t.webhook(identify('ann@example.com', {}), { secret: 'some-other-secret' });
    await says('An event came, but was rejected.', steps.nth(1));
    await t.webhook(identify('ann@example.com', {}));
    await doneAre(2);
    await t.planSegment('Pro', 'pro');
    await t.connect();
    await page.reload();
    await doneAre(4);
    expect(await done()).toEqual(['done', 'done', 'to do', 'done', 'done', 'to do']);
    await addUser('ann@example.com');
    await t.stub.waitFor((stub) => stub.profiles().size === 1);
    await page.reload();
    await section('Needs a look').waitFor();
    expect(await section('Get started').count()).toBe(0);
  });

  test('the checklist can be hidden, and found again', async () => {
    await open({ secret: false });
    await page.getByRole('button', { name: 'Hide this list' }).click();
    await says('Nothing needs a look');
    await page.reload();
    await page.getByRole('button', { name: 'Show the set-up list' }).click();
    await section('Get started').waitFor();
  });

  test('problems come first, each with the click that solves it', async () => {
    await open({
      before: async () => {
        await ready();
        await t.webhook(identify('ann@example.com', {}), { secret: 'some-other-secret' });
        await t.webhook('no json');
        for (let i = 0; i < 12; i++) await t.webhook(identify(`nobody${i}@example.com`, {}));
        t.stub.failWith((events) =>
          events.some(({ userId }) => userId === 'bob@example.com') ? { status: 400 } : null,
        );
        await addUser('bob@example.com');
        await t.stub.waitFor((stub) => stub.calls.some(({ status }) => status === 400));
      },
    });
    const list = section('Needs a look').getByRole('listitem');
    await list.first().waitFor();
    await says('Sending, some refused');
    expect((await list.allTextContents()).map((text) => text.slice(0, 12))).toEqual([
      '■Segment ref',
      '■1 event was',
      '■1 event was',
      '▲12 of 13 ev',
    ]);
    const query = async (text: string, name: string) =>
      Object.fromEntries(new URLSearchParams((await solves(text, name))?.split('?')[1]));
    expect(await query('signed with another secret', 'See why')).toMatchObject({
      direction: 'in',
      outcome: 'bad_signature',
    });
    expect(await query('found no user', 'See why')).toMatchObject({ outcome: 'no_match' });
    expect(await solves('found no user', 'Open the options')).toEndWith('?options=open');
    expect(await accessibilityProblems(page)).toEqual([]);

    t.stub.failWith(() => null);
    await problem('refused 1 update').getByRole('button', { name: 'Retry' }).click();
    await says('1 update is tried again.');
    await t.stub.waitFor((stub) => stub.profiles().has('bob@example.com'));
    await problem('refused 1 update').waitFor({ state: 'detached' });
  });

  test.each<[string, () => Promise<unknown>, string, string]>([
    [
      'a refused write key',
      async () => t.stub.failWith(() => ({ status: 401 })),
      'Sending is paused',
      'Check the write key',
    ],
    [
      'a Segment that is down',
      async () => t.stub.failWith(() => ({ status: 500 })),
      'Sending is delayed',
      'See the calls',
    ],
    [
      'sync that is off',
      () => t.api('PATCH', SETTINGS, { outbound: { enabled: false } }),
      'Outbound sync is off, and 1 update waits.',
      'Set up sending',
    ],
  ])('%s is a problem', async (_what, breakIt, title, remedy) => {
    await open({
      before: async () => {
        await ready();
        await breakIt();
        await addUser('bob@example.com');
      },
    });
    await problem(title).waitFor();
    expect(await solves(title, remedy)).toStartWith('/admin/');
  });

  test('receiving is switched on again from here', async () => {
    await open({
      before: async () => {
        await ready();
        await t.api('PATCH', SETTINGS, { inbound: { enabled: false } });
        await t.webhook(identify('ann@example.com', {}));
      },
    });
    const put = problem('1 event was put off in the last hour: receiving was off.');
    await put.getByRole('button', { name: 'Switch on' }).click();
    await says('Receiving is on. Segment sends again what it has kept.');
    expect((await t.webhook(identify('ann@example.com', {}))).status).toBe(200);
    await put.getByRole('button', { name: 'Switch on' }).waitFor({ state: 'detached' });
  });

  /** Counters of the past, as if the service had been running then. */
  const past = (...counters: [direction: 'in' | 'out', outcome: string, ago: number, count: number][]) =>
    t.service.store.recordActivity({
      counters: counters.map(([direction, outcome, ago, count]): Counter => {
        const at = Date.now() - ago;
        return { minute: at - (at % 60_000), direction, outcome, count };
      }),
      deliveries: [],
      calls: [],
    });

  test('the charts tell the same as their tables, for each range', async () => {
    await open({
      before: () =>
        past(
          ['in', 'applied', 2 * HOUR, 1200],
          ['in', 'unchanged', 2 * HOUR, 4],
          ['in', 'no_match', 5 * HOUR, 86],
          ['in', 'bad_signature', 3 * DAY, 3],
          ['out', 'taken', 3 * DAY, 50],
          ['out', 'split', 3 * DAY, 7],
          ['out', 'retry', 20 * DAY, 2],
          ['out', 'parked', 20 * DAY, 1],
        ),
    });
    // While the next range is fetched, the last one is shown below its name.
    const table = (what: string, range: string) =>
      page.locator('[aria-busy=false]').getByRole('table', { name: `${what}: events in the last ${range}` });
    const sums = async (what: string, range: string) => {
      await table(what, range).waitFor({ state: 'attached' });
      const rows = await table(what, range).locator('tbody tr').all();
      const cells = await Promise.all(rows.map((row) => row.getByRole('cell').allTextContents()));
      return [0, 1, 2].map((i) => cells.reduce((sum, row) => sum + Number(row[i]?.replace(',', '')), 0));
    };
    expect(await sums('From Segment', '24 hours')).toEqual([1204, 86, 0]);
    expect(await sums('To Segment', '24 hours')).toEqual([0, 0, 0]);
    await page.getByRole('link', { name: '1,204 applied' }).waitFor();
    const fills = await page
      .locator('svg.bars rect[class^=bar-]:not(.bar-behind)')
      .evaluateAll((bars) => bars.map((bar) => getComputedStyle(bar).fill));
    expect(fills).toHaveLength(2);
    expect(new Set([...fills, 'rgb(0, 0, 0)']).size).toBe(3);
    const range = (name: string) => page.getByRole('radio', { name }).press('Space');
    await range('7 days');
    expect(await sums('From Segment', '7 days')).toEqual([1204, 86, 3]);
    expect(await sums('To Segment', '7 days')).toEqual([50, 0, 0]);
    expect(page.url()).toEndWith('?range=7d');
    await range('30 days');
    expect(await sums('To Segment', '30 days')).toEqual([50, 2, 1]);
    const rejected = page.getByRole('link', { name: '3 rejected or put off' });
    expect(await rejected.getAttribute('href')).toStartWith('/admin/activity?direction=in&from=');
  });

  test('segments come by size, with how they have grown', async () => {
    await open({
      before: async () => {
        await ready();
        await t.planSegment('Enterprise', 'enterprise');
        const today = Date.now() - (Date.now() % DAY);
        await t.service.store.recordSegmentSizes(today - 10 * DAY, 0);
        for (const name of ['b', 'c', 'd']) await addUser(`${name}@example.com`, 'enterprise');
        await t.api('PATCH', `/api/v1/users/${(await addUser('ann@example.com')).body.data.id}`, {
          attributes: { plan: null },
        });
      },
    });
    const rows = section('Segments').getByRole('row');
    await says('+3', section('Segments'));
    const cells = await Promise.all(
      (await rows.all()).slice(1).map((row) => row.getByRole('cell').allTextContents()),
    );
    expect(cells).toEqual([
      ['Enterprise', '3', '+3'],
      [HOSTILE, '0', '−1'],
    ]);
    await section('Segments').getByRole('link', { name: HOSTILE }).click();
    await page.waitForURL(/\/admin\/segments\/pro-/);
  });

  test('the latest of both directions leads to its entry', async () => {
    await open({ before: ready });
    const links = section('Latest').getByRole('listitem').getByRole('link');
    await links.first().waitFor();
    const hrefs = await links.evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect(hrefs.sort()).toEqual(['/admin/activity?open=in-1', '/admin/activity?open=out-1']);
    await says(`joined ${HOSTILE}`, section('Latest'));
  });

  test('a viewer sees the problems, and can not solve them', async () => {
    await open({
      role: 'viewer',
      before: async () => {
        await ready();
        await t.api('PATCH', SETTINGS, { inbound: { enabled: false } });
      },
    });
    await problem('Receiving is off.').waitFor();
    expect(await problem('Receiving is off.').getByRole('button').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test.each([390, 1920])('fits %d px, and axe finds nothing', async (width) => {
    await open({
      width,
      before: async () => {
        await ready();
        await past(
          ...Array.from(
            { length: 24 },
            (_, i) => ['in', 'applied', i * HOUR, 40 + ((i * 7) % 30)] as const,
          ).map((one): ['in', string, number, number] => [...one]),
          ['in', 'no_match', 3 * HOUR, 20],
          ['in', 'bad_signature', 9 * HOUR, 12],
          ['out', 'taken', 4 * HOUR, 31],
        );
      },
    });
    await says(`joined ${HOSTILE}`, section('Latest'));
    await says(HOSTILE, section('Segments'));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, width === 390 ? 'overview-phone' : 'overview');
  });

  test('a part that can not be loaded says why and is tried again; the others stand', async () => {
    await open({ before: ready });
    await page.route('**/api/v1/activity/**', (route) =>
      route.fulfill({ status: 503, json: { error: { code: 'busy', message: 'The database is busy' } } }),
    );
    await page.reload();
    await says('The database is busy', section('What happened'));
    await says(HOSTILE, section('Segments'));
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unroute('**/api/v1/activity/**');
    await section('What happened').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table', { name: /^From Segment/ }).waitFor({ state: 'attached' });
    expect(t.stub.calls.every(({ authorization }) => authorization?.includes(btoa(`${WRITE_KEY}:`)))).toBe(
      true,
    );
  });
});
