import { afterAll, beforeAll, expect, test } from 'bun:test';
import { identifies } from '../bench/generator/events.ts';
import { segments } from '../bench/generator/segments.ts';
import { DAY_MS, type Population, userAt } from '../bench/generator/user.ts';
import { setUpAdmin } from '../helpers/accounts.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { SECRET, startTestService, type TestService, turnOfTheLoop } from '../helpers/service.ts';
import { accessibilityProblems, describeInBrowser, screenshot } from './browser.ts';
import { openAs } from './signed-in.ts';

const HOUR_MS = DAY_MS / 24;
const DAYS = 20;

/** Every page as it looks after some weeks of use: nothing for axe to find, no scrolling sideways, and the pictures of the README. */
describeInBrowser('a tour', ({ browser }) => {
  const clock = manualClock(Date.now() - DAYS * DAY_MS);
  const population: Population = { seed: 7, size: 1200, now: clock.now() };
  let t: TestService;
  let admin: Awaited<ReturnType<typeof setUpAdmin>>;

  beforeAll(async () => {
    t = await startTestService({ clock, env: { API_REQUESTS_PER_MINUTE: '0' } });
    const rows = Array.from({ length: population.size }, (_, i) => {
      const { email, name, externalId, attributes } = userAt(population, i);
      return JSON.stringify({ email, name, externalId, attributes });
    });
    await t.api('POST', '/api/v1/users/import', rows.join('\n'), { 'content-type': 'application/x-ndjson' });
    for (const segment of segments(clock.now()).slice(0, 9)) await t.api('POST', '/api/v1/segments', segment);
    await t.api('POST', '/api/v1/segments', { name: 'Beta testers', type: 'manual' });
    await t.settled();
    await t.connect();
    admin = await setUpAdmin(t);
    await live();
    await admin.signIn('ada@example.com');
  });
  afterAll(() => t.stop());

  /** Weeks of events, more of them in the last day, among them some that are refused. */
  async function live() {
    const events = identifies({ population, secret: SECRET, start: clock.now() });
    for (let day = 0; day < DAYS; day++) {
      const steps = day === DAYS - 1 ? 24 : 1;
      for (let step = 0; step < steps; step++) {
        for (let i = 0; i < 12 + ((step * 7 + day) % 9); i++) {
          const timestamp = new Date(clock.now()).toISOString();
          await t.webhook({ ...JSON.parse(events.next().value.body), timestamp, sentAt: timestamp });
        }
        await t.webhook({ type: 'identify', traits: { email: `visitor-${day}-${step}@example.com` } });
        if (step % 9 === 5) await t.webhook({ type: 'identify' }, { secret: 'the-secret-of-another-source' });
        await drained();
        clock.advance(steps === 1 ? DAY_MS : HOUR_MS);
        await turnOfTheLoop();
      }
    }
  }
  async function drained() {
    const pending = async () =>
      (await t.api('GET', '/api/v1/settings/integrations/segment')).body.data.outbound.pending;
    while ((await pending()) > 0) await turnOfTheLoop();
  }

  const PAGES: [picture: string, address: string, ready: string | RegExp][] = [
    ['overview', '/', 'Overview'],
    ['users', '/users', 'Users'],
    ['user', '/users/user_1', /./],
    ['import', '/users/import', 'Import users'],
    ['segments', '/segments', 'Segments'],
    ['segment', '/segments/ready-to-expand', 'Ready to expand'],
    ['segment-edit', '/segments/ready-to-expand/edit', /Ready to expand/],
    ['activity', '/activity', 'Activity'],
    ['settings', '/settings/integrations/segment', 'Segment'],
    ['api-keys', '/settings/api-keys', 'API keys'],
    ['admins', '/settings/admins', 'Admins'],
    ['audit', '/settings/audit', 'Audit log'],
    ['account', '/account', /account/i],
  ];
  test.each(PAGES)('%s', async (picture, address, ready) => {
    const { page, finish } = await openAs(browser(), t, admin, address);
    await page.getByRole('heading', { name: ready, level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, picture);
    await finish();
  });
});
