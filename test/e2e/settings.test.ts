import { afterEach, expect, test } from 'bun:test';
import type { Locator, Page } from 'playwright-core';
import { invite, setUpAdmin } from '../helpers/accounts.ts';
import {
  API_KEY,
  identify,
  SETTINGS,
  startTestService,
  type TestService,
  WRITE_KEY,
} from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser, openPage, screenshot } from './browser.ts';
import { openAs } from './signed-in.ts';

const HOSTILE = 'Pro <img src=x onerror=alert(1)>';

describeInBrowser('Settings → Integrations → Segment', ({ browser }) => {
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
    publicly = false,
    before = async () => {},
  } = {}) {
    t = await startTestService({
      secret,
      env: publicly ? { PUBLIC_URL: 'https://feedback.example.com' } : {},
    });
    await before();
    const to = `/settings/integrations/segment${address}`;
    const options = {
      viewport: { width, height: 1000 },
      permissions: ['clipboard-read', 'clipboard-write'],
    };
    if (publicly) {
      // A session behind https has a cookie that a browser takes over https alone.
      ({ page, finish } = await openPage(browser(), {
        ...options,
        extraHTTPHeaders: { authorization: `Bearer ${API_KEY}` },
      }));
      await page.goto(`${t.url}/admin${to}`);
    } else {
      const viewer = role === 'viewer';
      const somebody = viewer ? await invite(t, 'viewer', 'vic@example.com') : await setUpAdmin(t);
      ({ page, finish } = await openAs(browser(), t, somebody, to, options));
    }
    await page.getByRole('group', { name: 'Webhook URL' }).waitFor();
  }
  /** Two segments, four people and a write key, with sync still off. */
  const people = async () => {
    for (const [name, plan] of [
      ['Enterprise', 'enterprise'],
      [HOSTILE, 'pro'],
    ] as const) {
      await t.planSegment(name, plan);
    }
    for (const [i, plan] of ['pro', 'pro', 'enterprise', 'free'].entries()) {
      const body = { email: `u${i}@example.com`, externalId: `id-${i}`, attributes: { plan } };
      await t.api('POST', '/api/v1/users/identify', body);
    }
    await t.api('PATCH', SETTINGS, { outbound: { writeKey: WRITE_KEY } });
  };

  const button = (name: string, within: Page | Locator = page) =>
    within.getByRole('button', { name, exact: true });
  const field = (name: string) => page.getByRole('group', { name, exact: true });
  const dialog = (name: string) => page.getByRole('dialog', { name });
  const sync = () => page.getByRole('switch', { name: 'Outbound sync' });
  const settings = async () => (await t.api('GET', SETTINGS)).body.data;
  const says = (text: string | RegExp, within: Page | Locator = page) =>
    within.getByText(text).first().waitFor();
  const closed = (name: string) => dialog(name).waitFor({ state: 'detached' });

  test('a secret is generated, shown once beside the steps, and rotated with the old one counting down', async () => {
    await open({ secret: false, publicly: true });
    await says('Not set up yet');
    await button('Set this up in Segment').first().click();
    const steps = page.getByRole('region', { name: 'In Segment, for user attributes in' });
    await says('Generate a shared secret here first', steps);
    await button('Generate a secret').click();
    const shown = page.getByRole('region', { name: 'Copy the new secret now' });
    const first = (await shown.locator('code').textContent()) ?? '';
    expect(await steps.locator('code').first().textContent()).toBe(first);
    await page.waitForFunction(() =>
      document.activeElement?.getAttribute('aria-label')?.startsWith('Copy the new'),
    );
    await button('Copy shared secret', steps).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first);
    expect((await t.webhook(identify('u0@example.com', {}), { secret: first })).status).toBe(200);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'settings-first-secret');

    await button('I have stored it').click();
    await says(`the secret that ends in …${first.slice(-4)}`, steps);
    expect(await page.content()).not.toContain(first);

    await button('Rotate…').click();
    await says('accepted for another 24 hours', dialog('Rotate the shared secret?'));
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Make a new secret').click();
    await says(new RegExp(`Previous secret …${first.slice(-4)} is also accepted for (24 h|23 h 59 min)`));
    expect((await t.webhook(identify('u0@example.com', {}), { secret: first })).status).toBe(200);
    await page.reload();
    await field('Shared secret').getByText('••••').waitFor();
    expect(await shown.count()).toBe(0);
  });

  test('an own secret says that it replaces at once', async () => {
    await open();
    await button('Enter my own…').click();
    const form = dialog('Enter a shared secret');
    await says('It replaces …ests at once', form);
    const input = form.getByLabel('New shared secret');
    await input.fill('too short');
    await button('Replace at once').click();
    await says('A secret has at least 16 characters.', form);
    expect(await accessibilityProblems(page)).toEqual([]);
    await input.fill('my-own-secret-1234');
    await button('Replace at once').click();
    await closed('Enter a shared secret');
    await says('••••••••1234');
    expect((await t.webhook(identify('u0@example.com', {}))).body.reason).toBe('bad_signature');
    expect((await t.webhook(identify('u0@example.com', {}), { secret: 'my-own-secret-1234' })).status).toBe(
      200,
    );
  });

  test('what came is said with links to the activity', async () => {
    await open({
      before: async () => {
        await people();
        await t.webhook(identify('u1@example.com', { plan: 'pro' }));
        await t.webhook(identify('nobody@example.com', {}));
        await t.webhook(identify('u1@example.com', {}), { secret: 'another-secret-123' });
        await t.webhook('no json');
        await t.webhook(identify('u2@example.com', { name: HOSTILE, plan: 'pro' }));
      },
    });
    await says('2 applied · 1 ignored ·', field('Last hour'));
    await says('2 rejected', field('Last hour'));
    const last = field('Last event').getByRole('link', { name: 'identify for u2@example.com' });
    expect(await last.getAttribute('href')).toMatch(/\/admin\/activity\?direction=in&open=in-5$/);
    const why = field('Last hour').getByRole('link', { name: 'why?' });
    const links = await Promise.all((await why.all()).map((one) => one.getAttribute('href')));
    expect(links.map((href) => new URLSearchParams(href?.split('?')[1]).get('outcome')).sort()).toEqual([
      'bad_signature',
      'invalid_json',
    ]);
    await says('Receiving, some rejected');
  });

  test.each([
    ['Create missing users', 'createUsers', null],
    ['Honour deletions', 'deleteUsers', 'Delete users when Segment asks for it?'],
    [
      'Accept signatures of the first event only',
      'acceptFirstEventSignature',
      'Accept batches that are signed in part?',
    ],
  ] as const)('option: %s', async (label, key, asks) => {
    await open({ address: '?options=open' });
    const option = page.getByRole('switch', { name: label });
    await option.press('Space');
    if (asks !== null) {
      expect(await option.isChecked()).toBe(false);
      expect(await accessibilityProblems(page)).toEqual([]);
      await button('Switch on', dialog(asks)).click();
    }
    await says(`${label}: on from the next event on.`);
    expect((await settings()).inbound[key]).toBe(true);
    await option.press('Space');
    await says(`${label}: off from the next event on.`);
    expect((await settings()).inbound[key]).toBe(false);
    await button('Options').click();
    await says('All off');
    expect(page.url()).not.toContain('options');
  });

  test('receiving is switched off after a word about what is kept, and on again at once', async () => {
    await open();
    const receive = page.getByRole('switch', { name: 'Receive events' });
    await receive.press('Space');
    await says('tries again for up to 4 hours', dialog('Stop receiving from Segment?'));
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Stop receiving').click();
    await says('Receiving is off', page.locator('main'));
    expect((await t.webhook(identify('u0@example.com', {}))).body.reason).toBe('inbound_off');
    await closed('Stop receiving from Segment?');
    await receive.press('Space');
    await says('Receiving is on.');
    expect((await t.webhook(identify('u0@example.com', {}))).status).toBe(200);
  });

  test('sync says what it will send before it does', async () => {
    await open({ before: people });
    await sync().press('Space');
    const asked = dialog('Switch outbound sync on?');
    await says('Segment will be told 3 updates in 2 segments', asked);
    await says('3 identify calls, about 1 s at 1,000 a second.', asked);
    await says(HOSTILE, asked);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'settings-sync-on');
    expect(t.stub.calls).toEqual([]);
    await button('Switch on').click();
    await says('3 updates are on the way to Segment.');
    await t.stub.waitFor((stub) => stub.profiles().size === 3);
    await says(/last handed over .*200 in/, field('Now'));
    await says('idle · 0 pending', field('Now'));

    await sync().press('Space');
    await says('Nothing is lost', dialog('Switch outbound sync off?'));
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Switch off').click();
    await says('Sending is off');
    expect((await settings()).outbound.enabled).toBe(false);
  });

  test('another id says what is taken back, another region and key what is sent again', async () => {
    await open({
      before: async () => {
        await people();
        await t.connect();
        await t.stub.waitFor((stub) => stub.profiles().size === 3);
      },
    });
    const byId = page.getByRole('radio', { name: 'Segment user id' });
    await byId.press('Space');
    const asked = dialog('Identify people by Segment user id?');
    await says('Segment will be told 6 updates in 2 segments', asked);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await asked.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/onerror[\s\S]*2$/),
      expect.stringMatching(/^Enterprise[\s\S]*1$/),
      expect.stringMatching(/^Taken back[\s\S]*3$/),
    ]);
    await button('Cancel', asked).click();
    expect(await byId.isChecked()).toBe(false);
    await byId.press('Space');
    await button('Change the id').click();
    await t.stub.waitFor((stub) => stub.profiles().get('id-2')?.enterprise === true);
    await says('Old ids are taken back first');

    await page.getByRole('radio', { name: 'EU (Dublin)' }).press('Space');
    await says('3 updates in 2 segments', dialog('Change the region to EU (Dublin)?'));
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Change the region').click();
    await closed('Change the region to EU (Dublin)?');
    expect((await settings()).outbound).toMatchObject({ region: 'eu', userId: 'external_id' });

    await button('Replace…').click();
    const form = dialog('Enter the write key');
    await says('3 updates in 2 segments', form);
    await form.getByLabel('Write key of the source').fill('two words');
    await says('A write key has no spaces.', form);
    expect(await accessibilityProblems(page)).toEqual([]);
    await form.getByLabel('Write key of the source').fill('another-write-key');
    t.stub.accept('another-write-key');
    await button('Save the key').click();
    await t.stub.waitFor((stub) => stub.profiles('another-write-key').size === 3);

    await button('Remove', field('Write key')).click();
    await dialog('Remove the write key?').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Remove the key', dialog('Remove the write key?')).click();
    await says('Set a write key first.');
    expect(await sync().isDisabled()).toBe(true);
    expect((await settings()).outbound).toMatchObject({ enabled: false, writeKey: null });
  });

  test('the rate is saved on demand, and only where it is one', async () => {
    await open();
    const rate = field('Rate').getByLabel('identify calls a second at most');
    await rate.fill('0');
    await says('A whole number from 1 to 100,000');
    expect(await button('Save').isDisabled()).toBe(true);
    await rate.fill('250');
    await button('Save').click();
    await says('Saved. At most 250 a second from now on.');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('checkbox', { name: 'No limit' }).press('Space');
    await button('Save').click();
    await says('There is no limit now.');
    expect((await settings()).outbound.eventsPerSecond).toBeNull();
  });

  test('what Segment refused is shown and tried again, and everything can be sent anew', async () => {
    await open({
      before: async () => {
        await people();
        t.stub.failWith((events) =>
          events.some(({ userId }) => userId === 'u0@example.com') ? { status: 400 } : null,
        );
        await t.connect();
        await t.stub.waitFor((stub) => stub.profiles().size === 2);
      },
    });
    await says('Sending, some refused');
    const parked = field('Now').getByRole('link', { name: '1 parked' });
    expect(await parked.getAttribute('href')).toMatch(/direction=out&outcome=parked$/);
    t.stub.failWith(() => null);
    await button('Retry parked').click();
    await says('1 update is tried again.');
    await t.stub.waitFor((stub) => stub.profiles().size === 3);
    await parked.waitFor({ state: 'detached' });

    const before = t.stub.accepted().length;
    await button('Resend everything…').click();
    await says('3 updates in 2 segments', dialog('Resend everything?'));
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Resend everything').click();
    await says('2 segments are sent again.');
    await t.stub.waitFor((stub) => stub.accepted().length >= before + 3);
  });

  test('a refused write key is said in red', async () => {
    await open({
      before: async () => {
        await people();
        t.stub.failWith(() => ({ status: 401 }));
        await t.connect();
        await t.stub.waitFor((stub) => stub.calls.length > 0);
      },
    });
    await says('Sending is paused');
    await says('paused: Segment refused the write key', field('Now'));
    await says('401', field('Now'));
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('both directions are tested with every stretch of the way', async () => {
    await open({ before: people });
    await button('Send a test event').click();
    const inbound = dialog('Send a test event');
    await inbound.getByLabel('Email of a user').fill('nobody@example.com');
    await button('Send', inbound).click();
    const hops = inbound.getByRole('list', { name: 'The way of the event' }).getByRole('listitem');
    await hops.first().waitFor();
    const lines = await hops.allInnerTexts();
    expect(lines.map((line) => line.split(/\s*[●▲■○]/)[0])).toEqual([
      'Name and address',
      'Connection',
      'Encryption',
      'Answer',
      'Body',
      'Signature',
      'Outcome',
      'User',
    ]);
    expect(lines.at(-1)).toContain('No user has this email');
    await says('It arrived, in', inbound);
    await says('PUBLIC_URL is not set', inbound);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, 'settings-test-event');
    await page.keyboard.press('Escape');
    await closed('Send a test event');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Send a test event');

    await button('Send a test identify').click();
    const outbound = dialog('Send a test identify');
    expect(await outbound.getByLabel('User id to identify').inputValue()).toBe('ada@example.com');
    await button('Send', outbound).click();
    await says(/Handed over: 200 in/, outbound);
    expect(t.stub.accepted().at(-1)).toMatchObject({ userId: 'ada@example.com', traits: {} });
    t.stub.failWith(() => ({ status: 401 }));
    await button('Send', outbound).click();
    await says('Not taken: 401.', outbound);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a viewer sees it all and changes nothing', async () => {
    await open({ role: 'viewer', before: people, address: '?options=open' });
    await says('Only an admin can change this.');
    for (const control of [
      ...(await page.getByRole('switch').all()),
      ...(await page.getByRole('radio').all()),
    ]) {
      expect(await control.isDisabled()).toBe(true);
    }
    for (const name of [
      'Rotate…',
      'Enter my own…',
      'Replace…',
      'Remove',
      'Send a test event',
      'Resend everything…',
    ]) {
      expect([name, await button(name).count()]).toEqual([name, 0]);
    }
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test.each([390, 1920])('fits %d px, and axe finds nothing', async (width) => {
    await open({
      width,
      publicly: true,
      address: '?steps=out&options=open',
      before: async () => {
        await people();
        await t.connect();
        await t.webhook(identify('u1@example.com', { plan: 'enterprise' }));
        await t.stub.waitFor((stub) => stub.profiles().get('u1@example.com')?.enterprise === true);
      },
    });
    await says('idle', field('Now'));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, width === 390 ? 'settings-phone' : 'settings');
  });

  test('what can not be loaded or counted says why, and is tried again', async () => {
    await open({ before: people });
    const broken = { status: 503, json: { error: { code: 'busy', message: 'The database is busy' } } };
    await page.route('**/outlook?*', (route) => route.fulfill(broken));
    await sync().press('Space');
    const asked = dialog('Switch outbound sync on?');
    await says('could not be counted. The database is busy', asked);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await button('Switch on', asked).isDisabled()).toBe(true);
    await page.unroute('**/outlook?*');
    await button('Try again', asked).click();
    await says('3 updates in 2 segments', asked);
    await page.keyboard.press('Escape');

    await page.route(`**${SETTINGS}`, (route) => route.fulfill(broken));
    await page.reload();
    await says('The Segment settings could not be loaded');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unroute(`**${SETTINGS}`);
    await button('Try again').click();
    await field('Webhook URL').waitFor();
  });
});
