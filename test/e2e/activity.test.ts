import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import {
  API_KEY,
  identify,
  SECRET,
  SETTINGS,
  startTestService,
  type TestService,
} from '../helpers/service.ts';
import { addUser } from '../inbound/people.ts';
import { addUsers, allTold, manualSegment, outboundIs } from '../outbound/sync.ts';
import { accessibilityProblems, describeInBrowser, openPage, screenshot } from './browser.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';
const [ADA, GRACE, LINUS] = ['ada@example.com', 'grace@example.com', 'linus@example.com'];
const SLUG = 'img-src-x-onerror-alert-1';

/** Some of everything: in and out, well and badly ended. */
async function history(t: TestService) {
  await addUser(t, ADA);
  await addUsers(t, [GRACE, LINUS]);
  await t.api('PATCH', SETTINGS, { inbound: { createUsers: false } });
  await t.webhook(identify(ADA, { plan: 'enterprise' }));
  await t.webhook({ type: 'track', event: 'Opened', userId: HOSTILE });
  await t.webhook(identify('nobody@example.com', {}));
  await t.webhook([identify(ADA, { n: 1 }), { type: 'track' }, identify('who@example.com', {})]);
  await t.webhook(identify(ADA, { note: HOSTILE }), { secret: 'another-secret' });
  t.stub.failWith((events) => (events.some(({ userId }) => userId === GRACE) ? { status: 400 } : null));
  await manualSegment(t, HOSTILE, [ADA, GRACE]);
  await t.connect();
  await outboundIs(t, { parked: 1, pending: 0 });
}

const rows = (page: Page) => page.getByRole('table').getByRole('link');
const texts = (page: Page) => rows(page).allTextContents();
const panel = (page: Page) => page.getByRole('dialog');

describeInBrowser('the activity', (launched) => {
  let t: TestService;
  beforeAll(async () => {
    t = await startTestService({ env: { API_REQUESTS_PER_MINUTE: '100000' } });
    await history(t);
  });
  afterAll(() => t.stop());
  beforeEach(() => t.api('PATCH', SETTINGS, { outbound: { enabled: true } }));

  async function open(
    address = '',
    options: Parameters<typeof openPage>[1] & { as?: string; to?: TestService } = {},
  ) {
    const { as = 'admin', to = t, ...rest } = options;
    const opened = await openPage(launched.browser(), {
      extraHTTPHeaders: { authorization: `Bearer ${API_KEY}` },
      ...rest,
    });
    const { page } = opened;
    await page.route('**/api/v1/me', (route) =>
      route.fulfill({
        json: {
          data: {
            kind: 'admin',
            id: '1',
            name: 'Ada',
            email: 'ada@example.com',
            role: as,
            permissions: as === 'viewer' ? ['read'] : ['read', 'export', 'write', 'settings', 'accounts'],
            twoFactor: false,
          },
        },
      }),
    );
    await page.goto(`${to.url}/admin/activity${address}`);
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
    return opened;
  }

  test('shows both directions as one list, the latest first, in words', async () => {
    const { page, finish } = await open();
    await rows(page).first().waitFor();
    const shown = (await texts(page)).reverse().map((text) => text.slice(1));
    expect(shown.slice(0, 6)).toEqual([
      'Batch of 2 events: 2 user created',
      'Traits applied',
      'Ignored: not an identify: track',
      'Ignored: no user with this email',
      'Batch of 3 events: 1 applied, 1 not an identify, 1 no user with this email',
      'Rejected: signed with another secret',
    ]);
    expect(shown).toContain(`joined ${HOSTILE} → refused and parked`);
    expect(shown).toContain(`joined ${HOSTILE} → told Segment`);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'activity');
    await finish();
  });

  test.each([
    ['direction=in', 6],
    ['direction=out', 3],
    ['outcome=parked', 1],
    ['outcome=applied', 2],
    ['outcome=bad_signature&direction=in', 1],
    ['user=grace', 1],
    [`segment=${SLUG}`, 3],
    ['from=2020-01-01T00%3A00%3A00.000Z&direction=in', 6],
    ['user=ada&direction=in', 2],
  ])('the address ?%s shows %d rows', async (query, expected) => {
    const { page, finish } = await open(`?${query}`);
    await rows(page).first().waitFor();
    expect(await rows(page).count()).toBe(expected);
    await finish();
  });

  test('each filter goes into the address, Back takes it out again, Clear all of them', async () => {
    const { page, finish } = await open();
    await rows(page).first().waitFor();
    await page.getByText('To Segment', { exact: true }).first().click();
    await page.waitForURL('**/activity?direction=out');
    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Refused and parked' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('option', { name: 'Refused and parked' }).click();
    await page.waitForURL('**/activity?direction=out&outcome=parked');
    await page.waitForFunction(() => document.querySelectorAll('[data-row]').length === 1);
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll('[data-row]').length === 3);
    await page.getByRole('combobox', { name: 'Segment' }).click();
    await page.getByRole('option', { name: HOSTILE }).click();
    await page.waitForURL(`**/activity?direction=out&segment=${SLUG}`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Time/ }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Last hour' }).click();
    await page.waitForURL(/from=20\d\d-/);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForURL((url) => url.search === '');
    await page.locator('body').press('/');
    await page.keyboard.type('nobody');
    await page.waitForURL('**/activity?user=nobody');
    await page.waitForFunction(() => document.querySelectorAll('[data-row]').length === 1);
    await page.getByRole('button', { name: 'Clear user' }).click();
    await page.waitForURL((url) => url.search === '');
    await finish();
  });

  test('what comes while one reads waits behind a bar and moves nothing', async () => {
    const { page, finish } = await open('?user=live');
    await page.getByText('Nothing matches these filters').waitFor();
    // Where nothing is being read it shows at once.
    await t.webhook(identify('live-1@example.com', {}));
    await rows(page).first().waitFor();
    const top = () =>
      rows(page)
        .first()
        .evaluate((row) => row.getBoundingClientRect().top);
    const before = await top();
    await t.webhook(identify('live-2@example.com', {}));
    await t.webhook(identify('live-3@example.com', {}));
    const show = page.getByRole('button', { name: 'Show 2 new' });
    await show.waitFor();
    expect(await rows(page).count()).toBe(1);
    expect(await top()).toBe(before);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'activity-new');
    await show.click();
    await page.waitForFunction(() => document.querySelectorAll('[data-row]').length === 3);
    expect(await top()).toBe(before);
    await page.getByText('Live', { exact: true }).waitFor();
    await finish();
  });

  test('a rejected delivery: why, what came, and the diagnosis of its signature', async () => {
    const { page, finish } = await open('?outcome=bad_signature');
    await rows(page).first().click();
    await page.waitForURL(/open=in-\d+/);
    await panel(page).getByText('X-Signature is not the HMAC-SHA1').waitFor();
    // The traits of whoever sends are text and nothing else.
    await panel(page).getByText(HOSTILE).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await panel(page).getByRole('button', { name: 'Diagnose signature' }).click();
    await panel(page).getByText('No shared secret known here makes this signature').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'activity-rejected');
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.search.includes('open'));
    await page.waitForFunction(() => document.activeElement?.hasAttribute('data-row'));
    await finish();
  });

  test('Copy as curl sends the same again', async () => {
    const { page, finish } = await open('?outcome=bad_signature', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await rows(page).first().click();
    await panel(page).getByRole('button', { name: 'Copy as curl' }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const before = (await t.api('GET', '/api/v1/activity/inbound?outcome=bad_signature')).body.data;
    const ran = Bun.spawn(['sh', '-c', command], { stderr: 'ignore' });
    expect(await new Response(ran.stdout).json()).toMatchObject({ reason: 'bad_signature' });
    const after = (await t.api('GET', '/api/v1/activity/inbound?outcome=bad_signature')).body.data;
    expect(after).toHaveLength(before.length + 1);
    expect(after[0]).toMatchObject({ body: before[0].body, signature: before[0].signature });
    expect(command).not.toContain(SECRET);
    await finish();
  });

  test('j and k go through the rows, and through the entries while one is open', async () => {
    const { page, finish } = await open('?direction=out');
    await rows(page).first().waitFor();
    const [first, second, third] = await rows(page).evaluateAll((all) => all.map(({ id }) => id.slice(4)));
    const focused = () => page.evaluate(() => document.activeElement?.id.slice(4));
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await focused()).toBe(second);
    await page.keyboard.press('k');
    expect(await focused()).toBe(first);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/activity?direction=out&open=${first}`);
    await panel(page).getByRole('rowheader', { name: 'Segment answered' }).waitFor();
    await page.keyboard.press('j');
    await page.waitForURL(`**/activity?direction=out&open=${second}`);
    await panel(page).getByRole('button', { name: 'Next (j)' }).click();
    await page.waitForURL(`**/activity?direction=out&open=${third}`);
    expect(await panel(page).getByRole('button', { name: 'Next (j)' }).isDisabled()).toBe(true);
    await panel(page).getByRole('button', { name: 'Close' }).click();
    await page.waitForFunction((id) => document.activeElement?.id === `row-${id}`, third);
    await finish();
  });

  test('a batch says what became of its events', async () => {
    const { page, finish } = await open('?outcome=no_match&direction=in&user=');
    await page.getByRole('link', { name: /Batch of 3 events/ }).click();
    const results = panel(page).getByRole('table', { name: 'What became of its events' });
    expect(await results.getByRole('row').allTextContents()).toEqual([
      'ReasonEvents',
      '●Traits applied1',
      '○Ignored: not an identify1',
      '○Ignored: no user with this email1',
    ]);
    expect(await accessibilityProblems(page)).toEqual([]);
    await finish();
  });

  test('what Segment refused is retried after a question that says how much it is', async () => {
    const { page, finish } = await open('?outcome=parked');
    await rows(page).first().click();
    await panel(page).getByRole('link', { name: HOSTILE }).waitFor();
    expect(await panel(page).getByRole('link', { name: HOSTILE }).getAttribute('href')).toBe(
      `/admin/segments/${SLUG}`,
    );
    await screenshot(page, 'activity-parked');
    await panel(page).getByRole('button', { name: 'Retry now…' }).click();
    const question = page.getByRole('dialog', { name: 'Send what Segment refused again' });
    await question.getByText('Segment refused 1 trait.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    t.stub.failWith(() => null);
    await question.getByRole('button', { name: 'Retry 1 trait' }).click();
    await page.getByText('1 trait is on the way').waitFor();
    await allTold(t);
    expect(t.stub.profiles().get(GRACE)).toMatchObject({
      [Object.keys(t.stub.profiles().get(ADA) ?? {})[0] ?? '']: true,
    });
    await finish();
  });

  test.each([
    ['of an entry that the list does not show', '?direction=out&open=in-1', 'From Segment'],
    ['of one that is gone', '?open=out-4711', 'The last 1,000 of each direction are kept'],
    ['of what is no entry', `?open=${encodeURIComponent(HOSTILE)}`, 'This entry could not be loaded'],
  ])('a link %s', async (_what, address, said) => {
    const { page, finish } = await open(address);
    await panel(page).getByText(new RegExp(said, 'i')).first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await finish();
  });

  test('a viewer sees it all and is told why the rest is not for them', async () => {
    const { page, finish } = await open('?outcome=bad_signature', { as: 'viewer' });
    await rows(page).first().click();
    const diagnose = panel(page).getByRole('button', { name: 'Diagnose signature' });
    expect(await diagnose.isDisabled()).toBe(true);
    await panel(page).getByText('Only an admin can change this').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await finish();
  });

  test('what can not be loaded says so, and Try again loads it', async () => {
    const { page, finish } = await openPageThatFails();
    await page.getByRole('alert').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'activity-error');
    await page.unroute('**/api/v1/activity/inbound*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();
    // Later on it stays, and the bar says that it is not live.
    await page.route('**/api/v1/activity/*bound?*', (route) => route.fulfill(BUSY));
    await page.getByText('Not live').waitFor();
    expect(await rows(page).count()).toBeGreaterThan(5);
    await finish();
  });
  const BUSY = { status: 503, json: { error: { code: 'busy', message: 'The database is busy' } } };
  async function openPageThatFails() {
    const opened = await open('?segment=nothing-of-the-kind');
    await opened.page.route('**/api/v1/activity/inbound*', (route) => route.fulfill(BUSY));
    await opened.page.getByText('There is no segment “nothing-of-the-kind”').waitFor();
    await opened.page.getByRole('button', { name: 'Clear filters' }).first().click();
    return opened;
  }

  test('goes back in pages, and shows every entry once', async () => {
    const many = await startTestService({ env: { API_REQUESTS_PER_MINUTE: '100000' } });
    await addUsers(many, [ADA, GRACE]);
    for (let i = 0; i < 120; i++) await many.webhook(identify(ADA, { i }));
    const { page, finish } = await open('', { to: many });
    for (const expected of [50, 100, 121]) {
      await page.waitForFunction((n) => document.querySelectorAll('[data-row]').length === n, expected);
      if (expected !== 121) await page.getByRole('button', { name: 'Show more' }).click();
    }
    await page.getByText('This is all there is.').waitFor();
    const ids = await rows(page).evaluateAll((all) => all.map(({ id }) => id));
    expect(new Set(ids).size).toBe(121);
    await finish();
    await many.stop();
  });

  test('empty: what will be here and the one thing to do', async () => {
    const fresh = await startTestService({ secret: false });
    const { page, finish } = await open('', { to: fresh });
    await page.getByText('Nothing has happened yet').waitFor();
    expect(await page.getByRole('link', { name: 'Connect Segment' }).getAttribute('href')).toBe(
      '/admin/settings/integrations/segment',
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'activity-empty');
    await finish();
    await fresh.stop();
  });

  test.each([390, 1920])('fits a screen of %d px', async (width) => {
    const { page, finish } = await open('', { viewport: { width, height: 844 } });
    await rows(page).first().waitFor();
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await wide()).toBeLessThanOrEqual(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, `activity-${width}`);
    await rows(page).first().click();
    await panel(page).getByText('When', { exact: true }).waitFor();
    expect(await wide()).toBeLessThanOrEqual(0);
    await finish();
  });
});
