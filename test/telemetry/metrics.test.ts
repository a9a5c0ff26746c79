import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { openDatabase } from '../helpers/database.ts';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { identify, SETTINGS, startTestService, type TestService } from '../helpers/service.ts';
import { addCrowd, manualSegment, outboundIs } from '../outbound/sync.ts';
import { type Scrape, scrape } from './exposition.ts';

let clock: ManualClock;
let t: TestService;
const start = async (env: Record<string, string> = {}) => {
  clock = manualClock();
  t = await startTestService({ clock, env });
};
afterEach(() => t.stop());

/** A scrape that is not answered from memory. */
const fresh = () => {
  clock.advance(5000);
  return scrape(t);
};
const own = ({ values }: Scrape, series: string) => values.get(`quackback_segment_${series}`);

describe('what is counted', () => {
  beforeEach(() => start());

  test('deliveries and their events, by reason', async () => {
    const before = await scrape(t);
    expect(own(before, 'webhook_requests_total{reason="applied",status="200"}')).toBe(0);
    expect(own(before, 'webhook_requests_total{reason="bad_signature",status="401"}')).toBe(0);
    await t.api('POST', '/api/v1/users/identify', { email: 'ada@example.com' });
    await t.webhook(identify('ada@example.com', { plan: 'pro' }));
    await t.webhook([
      identify('ada@example.com', { seats: 3 }),
      identify('nobody@example.com', {}),
      { type: 'track' },
    ]);
    await t.webhook({}, { secret: 'not-the-shared-secret' });
    await t.webhook('{');

    const after = await scrape(t);
    const expected = {
      'webhook_requests_total{reason="applied",status="200"}': 1,
      'webhook_requests_total{reason="batch",status="200"}': 1,
      'webhook_requests_total{reason="bad_signature",status="401"}': 1,
      'webhook_requests_total{reason="invalid_json",status="400"}': 1,
      'webhook_requests_total{reason="overloaded",status="503"}': 0,
      'webhook_events_total{reason="applied"}': 2,
      'webhook_events_total{reason="no_match"}': 1,
      'webhook_events_total{reason="not_identify"}': 1,
      'webhook_events_total{reason="bad_signature"}': 1,
      webhook_duration_seconds_count: 4,
      'webhook_duration_seconds_bucket{le="+Inf"}': 4,
      // Of events, not of calls to the API.
      events_applied_total: 2,
      commit_failures_total: 0,
      queue_depth: 0,
      queue_limit: 10_000,
    };
    const found = Object.fromEntries(Object.keys(expected).map((series) => [series, own(after, series)]));
    expect(found).toEqual(expected);
    expect(own(after, 'webhook_duration_seconds_sum')).toBeGreaterThan(0);
  });

  test('commits, by how many changes shared one', async () => {
    await addCrowd(t, 1200);
    const after = await scrape(t);
    expect(own(after, 'commit_changes_sum')).toBe(1200);
    // A batch is split into transactions of at most 500.
    expect(own(after, 'commit_changes_count')).toBe(3);
    expect(own(after, 'commit_changes_bucket{le="200"}')).toBe(1);
    expect(own(after, 'commit_changes_bucket{le="500"}')).toBe(3);
    expect(own(after, 'commit_duration_seconds_count')).toBe(3);
  });

  test('a commit that fails', async () => {
    const other = openDatabase(t.dataDir, { write: true });
    other.run('ALTER TABLE users RENAME TO gone');
    other.close();
    await t.webhook(identify('ada@example.com', {}));
    const after = await fresh();
    expect(own(after, 'commit_failures_total')).toBe(1);
    expect(own(after, 'webhook_requests_total{reason="store_failed",status="503"}')).toBe(1);
    // What can't be read is left out, and the rest is there.
    expect(own(after, 'database_readable')).toBe(0);
    expect(own(after, 'evaluation_overdue_seconds')).toBeUndefined();
  });

  test('joins and leaves, whatever caused them', async () => {
    await addCrowd(t, 3);
    const vip = await manualSegment(t, 'VIP', ['u0@example.com', 'u1@example.com']);
    await t.api('DELETE', `/api/v1/segments/${vip}/members`, { emails: ['u0@example.com'] });
    expect(own(await fresh(), 'memberships_changed_total')).toBe(3);
    const rules = { match: 'all', conditions: [{ field: 'email', operator: 'ends_with', value: '.com' }] };
    await t.api('POST', '/api/v1/segments', { name: 'Everybody', type: 'dynamic', rules });
    await t.settled();
    expect(own(await fresh(), 'memberships_changed_total')).toBe(6);
  });

  test('calls of Segment, and what it has not taken yet', async () => {
    const crowd = await addCrowd(t, 4);
    await manualSegment(t, 'VIP', crowd);
    t.stub.failWith(() => ({ status: 500 }));
    await t.connect();
    await outboundIs(t, { status: 'backing_off' });
    clock.advance(100);
    const failing = await fresh();
    expect(own(failing, 'outbound_calls_total{status="500"}')).toBeGreaterThan(0);
    expect(own(failing, 'outbound_events_total{outcome="retry"}')).toBeGreaterThan(0);
    expect(own(failing, 'outbound_pending')).toBe(4);
    expect(own(failing, 'outbound_oldest_pending_seconds')).toBeGreaterThanOrEqual(5.1);
    expect(own(failing, 'outbound_state{state="idle"}')).toBe(0);

    t.stub.failWith((events) => (events.some(({ userId }) => userId === crowd[2]) ? { status: 400 } : null));
    clock.advance(60_000);
    await outboundIs(t, { pending: 0, parked: 1 });
    const parked = await fresh();
    expect(own(parked, 'outbound_parked')).toBe(1);
    expect(own(parked, 'outbound_pending')).toBe(0);
    expect(own(parked, 'outbound_oldest_pending_seconds')).toBe(0);
    expect(own(parked, 'outbound_events_total{outcome="taken"}')).toBe(3);
    expect(own(parked, 'outbound_events_total{outcome="parked"}')).toBe(1);
    expect(own(parked, 'outbound_state{state="idle"}')).toBe(1);
    expect(own(parked, 'outbound_call_duration_seconds_count')).toBe(t.stub.calls.length);
  });

  test.each([
    ['off', async () => {}],
    [
      'paused',
      async () => {
        await manualSegment(t, 'VIP', await addCrowd(t, 1));
        t.stub.failWith(() => ({ status: 401 }));
        await t.connect();
        await outboundIs(t, { status: 'paused' });
      },
    ],
  ])('the state of the sync: %s, and no other', async (state, bring) => {
    await bring();
    const { values } = await scrape(t);
    const states = [...values].filter(([series]) => series.includes('outbound_state{'));
    expect(states).toHaveLength(5);
    expect(states.filter(([, value]) => value === 1).map(([series]) => series)).toEqual([
      `quackback_segment_outbound_state{state="${state}"}`,
    ]);
  });

  test('evaluations that are still to be done, and how late they are', async () => {
    await addCrowd(t, 1);
    await t.planSegment('Pro', 'pro');
    // By the next answer the loops have found that nothing is left, and sleep until the clock moves: this is how another
    // process would leave work behind.
    await t.api('GET', '/healthz');
    const other = openDatabase(t.dataDir, { write: true });
    other.run("INSERT INTO segment_jobs VALUES (1, 'evaluate', 0, 100, 600, NULL, NULL, 0)");
    other.run('UPDATE users SET due_at = ?', [clock.now() - 7000]);
    other.close();
    const behind = await scrape(t);
    expect(own(behind, 'backlog_users{kind="evaluate"}')).toBe(500);
    expect(own(behind, 'backlog_users{kind="retract"}')).toBe(0);
    expect(own(behind, 'evaluation_overdue_seconds')).toBe(7);
    clock.advance(5000);
    await t.settled();
    const done = await fresh();
    expect(own(done, 'backlog_users{kind="evaluate"}')).toBe(0);
    expect(own(done, 'evaluation_overdue_seconds')).toBe(0);
  });

  test('files and process', async () => {
    const { values } = await fresh();
    const positive = [
      'quackback_segment_database_bytes{file="database"}',
      'quackback_segment_database_bytes{file="wal"}',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_heap_bytes',
    ];
    for (const series of positive) expect(values.get(series)).toBeGreaterThan(0);
    const started = values.get('process_start_time_seconds') ?? 0;
    expect(Math.abs(Date.now() / 1000 - started)).toBeLessThan(3600);
  });

  test('what takes a query is asked once in five seconds', async () => {
    await t.connect();
    t.stub.failWith(() => 'hang');
    expect(own(await fresh(), 'outbound_pending')).toBe(0);
    await manualSegment(t, 'VIP', await addCrowd(t, 2));
    clock.advance(4999);
    expect(own(await scrape(t), 'outbound_pending')).toBe(0);
    clock.advance(1);
    expect(own(await scrape(t), 'outbound_pending')).toBe(2);
    t.stub.failWith(() => null);
  });
});

describe('who may see them', () => {
  test('everybody who reaches the service, by default', async () => {
    await start();
    expect(t.service.metricsUrl).toBe(`${t.url}/metrics`);
    await scrape(t);
  });

  test.each([
    ['none', {}],
    ['another one', { authorization: 'Bearer another-metrics-token' }],
    ['the API key', { authorization: 'Bearer qb_test-key-0123456789-0123456789-0123456789' }],
    ['another scheme', { authorization: 'Basic a-metrics-token-of-ours' }],
  ])('with METRICS_TOKEN, nobody with %s', async (_what, headers: Record<string, string>) => {
    await start({ METRICS_TOKEN: 'a-metrics-token-of-ours' });
    const response = await fetch(t.service.metricsUrl, { headers });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.text()).not.toContain('quackback_segment');
    await scrape(t, { authorization: 'Bearer a-metrics-token-of-ours' });
  });

  test('with METRICS_PORT, they are there and nothing else is', async () => {
    await start({ METRICS_PORT: '0', METRICS_TOKEN: 'a-metrics-token-of-ours' });
    const { origin, port } = new URL(t.service.metricsUrl);
    expect(port).not.toBe(new URL(t.url).port);
    expect((await fetch(t.service.metricsUrl)).status).toBe(401);
    await scrape(t, { authorization: 'Bearer a-metrics-token-of-ours' });
    for (const path of ['/', '/healthz', '/api/v1/users', SETTINGS])
      expect((await fetch(`${origin}${path}`)).status).toBe(404);
    expect((await fetch(`${t.url}/metrics`)).status).toBe(404);
  });
});
