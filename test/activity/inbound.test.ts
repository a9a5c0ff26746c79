import type { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { connect } from 'node:net';
import { statusByReason } from '../../src/inbound/service.ts';
import { openDatabase } from '../helpers/database.ts';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import {
  API_KEY,
  identify,
  SECRET,
  SETTINGS,
  sign,
  startTestService,
  type TestService,
  WEBHOOK,
} from '../helpers/service.ts';
import { addUser } from '../inbound/people.ts';
import { type Delivery, deliveries, summary } from './activity.ts';

const ADA = 'ada@example.com';
const NOW = '2026-06-01T12:00:00.000Z';
const LIMITS = { MAX_BODY_BYTES: '65536', MAX_USER_ATTRIBUTES: '10', MAX_USER_BYTES: '1024' };

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock(Date.parse(NOW));
  t = await startTestService({ clock, env: LIMITS });
  await addUser(t, ADA);
});
afterEach(() => t.stop());

const settings = (inbound: object) => t.api('PATCH', SETTINGS, { inbound });
const event = (traits: object = { plan: 'pro' }, rest: object = {}) =>
  identify(ADA, { ...traits }, { messageId: 'm-1', timestamp: '2026-05-01T00:00:00.000Z', ...rest });
const nobody = (rest: object) => ({ type: 'identify', messageId: 'm-1', traits: {}, ...rest });
const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
let deep: unknown = 1;
for (let level = 0; level < 70; level++) deep = [deep];

/** Every way a delivery can end: how it comes about, and what of it is worth noting. */
const IDENTIFY = { events: 1, eventType: 'identify', messageId: 'm-1', user: ADA };
const UNREAD = { events: 1, eventType: null, messageId: null, user: null };
type Row = [reason: string, send: () => Promise<unknown>, entry: Partial<Delivery>];
const ROWS: Row[] = [
  ['applied', () => t.webhook(event()), IDENTIFY],
  [
    'created',
    async () => {
      await settings({ createUsers: true });
      return t.webhook(identify('grace@example.com', {}, { messageId: 'm-2' }));
    },
    { ...IDENTIFY, messageId: 'm-2', user: 'grace@example.com' },
  ],
  [
    'unchanged',
    async () => {
      await t.webhook(event());
      return t.webhook(event());
    },
    IDENTIFY,
  ],
  [
    'deleted',
    async () => {
      await settings({ deleteUsers: true });
      await t.webhook(event({}, { userId: 'u-1' }));
      return t.webhook({ type: 'delete', userId: 'u-1' });
    },
    { events: 1, eventType: 'delete', messageId: null, user: 'u-1' },
  ],
  ['no_match', () => t.webhook(event({ email: 'x@y.z' })), { ...IDENTIFY, user: 'x@y.z' }],
  ['no_email', () => t.webhook(nobody({ userId: 7 })), { ...IDENTIFY, user: '7' }],
  ['invalid_email', () => t.webhook(event({ email: 'ada' })), { ...IDENTIFY, user: 'ada' }],
  ['invalid_timestamp', () => t.webhook(event({}, { timestamp: 'noon' })), IDENTIFY],
  [
    'not_identify',
    () => t.webhook({ type: 'track', messageId: 'm-1', userId: 'u-1' }),
    { ...IDENTIFY, eventType: 'track', user: 'u-1' },
  ],
  ['echo', () => t.webhook(event({}, { messageId: 'qbs-1' })), { ...IDENTIFY, messageId: 'qbs-1' }],
  ['too_deep', () => t.webhook(event({ deep })), IDENTIFY],
  ['too_many_attributes', () => t.webhook(event(fields(11))), IDENTIFY],
  ['user_too_large', () => t.webhook(event({ x: 'x'.repeat(2000) })), IDENTIFY],

  ['inbound_off', () => settings({ enabled: false }).then(() => t.webhook(event())), UNREAD],
  ['missing_signature', () => t.webhook(event(), { signature: null }), IDENTIFY],
  ['bad_signature', () => t.webhook(event(), { secret: 'some-other-secret' }), IDENTIFY],
  [
    'first_event_signature_refused',
    () => t.webhook([event(), event()], { signature: sign(JSON.stringify(event())) }),
    UNREAD,
  ],
  ['invalid_json', () => t.webhook('{"type":'), UNREAD],
  ['invalid_event', () => t.webhook({ messageId: 'm-1' }), { ...UNREAD, messageId: 'm-1' }],
  ['too_many_events', () => t.webhook(Array(4001).fill({})), UNREAD],
  ['too_large', () => t.webhook('x'.repeat(65_537)), UNREAD],
  ['incomplete', () => breakOff(), UNREAD],
];
/** Need a store that is stuck (`test/inbound/overload.test.ts`) or locked, or a service without a secret. */
const ELSEWHERE = ['overloaded', 'store_failed', 'no_shared_secret', 'batch'];

test('every reason there is has a row here', () => {
  const here = [...ROWS.map(([reason]) => reason), ...ELSEWHERE];
  expect(here.sort()).toEqual([...statusByReason().keys()].sort());
});

test.each(ROWS)('%s is counted and listed', async (reason, send, entry) => {
  const before = (await summary(t)).inbound;
  await send();
  const [delivery] = await until(() => deliveries(t, `outcome=${reason}`));
  expect(delivery).toMatchObject({ reason, at: NOW, results: null, ...entry });
  expect(delivery?.message).toMatch(/^[A-Z].{15,}/);
  expect(delivery?.latencyMs).toBeGreaterThan(0);
  const after = await summary(t);
  expect(after.inbound[reason]).toBe((before[reason] ?? 0) + 1);
  expect(after.lastDelivery).toEqual(delivery ?? null);
  const rejected = [400, 401].includes(statusByReason().get(reason) ?? 0) && reason !== 'incomplete';
  expect(delivery?.body !== null).toBe(rejected);
});

test('a service without a secret counts what it could not take', async () => {
  const bare = await startTestService({ secret: false });
  await bare.webhook(event());
  expect(await deliveries(bare)).toMatchObject([{ reason: 'no_shared_secret', ...UNREAD, body: null }]);
  expect((await summary(bare)).inbound).toEqual({ no_shared_secret: 1 });
  await bare.stop();
});

test('a batch is one delivery, and each of its events is counted', async () => {
  const stranger = event({ email: 'x@y.z' });
  await t.webhook([event(), event(), stranger, { type: 'track' }, 7]);
  const results = { applied: 1, unchanged: 1, no_match: 1, not_identify: 1, invalid_event: 1 };
  expect(await deliveries(t)).toMatchObject([
    { reason: 'batch', events: 5, results, eventType: 'batch', messageId: null, user: null, body: null },
  ]);
  expect((await summary(t)).inbound).toEqual(results);
});

test('an empty batch is listed, too', async () => {
  await t.webhook([]);
  expect(await deliveries(t)).toMatchObject([
    { reason: 'batch', events: 0, results: {}, eventType: 'batch' },
  ]);
  expect((await summary(t)).inbound).toEqual({});
});

test('the latest is listed first, with everything that is known of it', async () => {
  await t.webhook(event());
  clock.advance(1234);
  await t.webhook(event({ plan: 'free' }, { messageId: 'm-2', timestamp: '2026-05-02T00:00:00.000Z' }));
  const [second, first] = await deliveries(t);
  expect(first).toEqual({
    id: 1,
    at: NOW,
    reason: 'applied',
    message: 'The traits were merged into the user',
    events: 1,
    results: null,
    eventType: 'identify',
    messageId: 'm-1',
    user: ADA,
    latencyMs: expect.any(Number),
    signature: null,
    body: null,
  });
  expect(second).toMatchObject({ id: 2, at: '2026-06-01T12:00:01.234Z', messageId: 'm-2' });
});

describe('an address, an id and a type of any kind', () => {
  test.each([
    ['of context.traits', { type: 'identify', context: { traits: { email: ADA } } }, ADA, 'identify'],
    ['a number for a userId', { type: 'identify', userId: 12 }, '12', 'identify'],
    ['an object for a userId', { type: 'identify', userId: {} }, null, 'identify'],
    ['no type that is text', { type: 7, userId: 'u' }, 'u', '7'],
    [
      'an endless type',
      { type: 'x'.repeat(5000), userId: 'y'.repeat(5000) },
      'y'.repeat(320),
      'x'.repeat(320),
    ],
    [
      'members of the prototype',
      { type: 'identify', traits: { __proto__: { email: ADA } } },
      null,
      'identify',
    ],
  ])('%s', async (_name, sent, user, eventType) => {
    await t.webhook(sent);
    expect(await deliveries(t)).toMatchObject([{ user, eventType }]);
  });
});

describe('rejected deliveries', () => {
  test('keep body and signature as they came', async () => {
    const body = ' {"type":"identify", "traits":{"city":"Zürich 企"}}\r\n';
    await t.webhook(body, { signature: ` ${'f'.repeat(40)} ` });
    await t.webhook(body, { signature: null });
    expect(await deliveries(t)).toMatchObject([
      { reason: 'missing_signature', body, signature: null },
      { reason: 'bad_signature', body, signature: 'f'.repeat(40) },
    ]);
  });

  test('keep no more than 16 KiB of the body, and 320 characters of the signature', async () => {
    await t.webhook(`${'x'.repeat(16_383)}ü${'y'.repeat(100)}`, { signature: 'z'.repeat(1000) });
    const [delivery] = await deliveries(t);
    expect(delivery?.body).toBe(`${'x'.repeat(16_383)}\ufffd`);
    expect(delivery?.signature).toBe('z'.repeat(320));
  });

  test('are forgotten, body and signature, after REJECTED_BODY_HOURS', async () => {
    await t.webhook(event(), { secret: 'some-other-secret' });
    clock.advance(71 * 3_600_000);
    await t.webhook('later', { secret: 'some-other-secret' });
    clock.advance(3_600_000);
    expect((await deliveries(t)).map(({ body }) => body)).toEqual(['later', JSON.stringify(event())]);
    clock.advance(600_000);
    const [later, first] = await until(async () => {
      const found = await deliveries(t);
      return found[1]?.body === null ? found : [];
    });
    expect(first).toMatchObject({ reason: 'bad_signature', body: null, signature: null, messageId: 'm-1' });
    expect(later).toMatchObject({ body: 'later', signature: expect.any(String) });
  });

  test('are forgotten as soon as a service starts on the same data with REJECTED_BODY_HOURS=0', async () => {
    await t.webhook(event(), { secret: 'some-other-secret' });
    expect((await deliveries(t))[0]?.body).toBe(JSON.stringify(event()));
    clock.advance(1);
    await t.restart({ REJECTED_BODY_HOURS: '0' });
    const [entry] = await until(async () => (await deliveries(t)).filter(({ body }) => body === null));
    expect(entry).toMatchObject({ reason: 'bad_signature', signature: null });
  });

  test('keep nothing where REJECTED_BODY_HOURS is 0', async () => {
    const private_ = await startTestService({ env: { REJECTED_BODY_HOURS: '0' } });
    for (const signature of [null, 'f'.repeat(40)]) await private_.webhook(event(), { signature });
    await private_.webhook('{"type":');
    for (const delivery of await deliveries(private_)) {
      expect(delivery).toMatchObject({ body: null, signature: null, user: null, messageId: null });
    }
    expect((await summary(private_)).inbound).toEqual({
      missing_signature: 1,
      bad_signature: 1,
      invalid_json: 1,
    });
    await private_.stop();
  });
});

test('nothing of it holds a secret', async () => {
  await t.webhook(event());
  await t.webhook(event(), { secret: 'some-other-secret' });
  await t.webhook(event(), { headers: { authorization: `Bearer ${API_KEY}` } });
  const text = JSON.stringify([await deliveries(t), await summary(t)]);
  for (const secret of [SECRET, API_KEY, 'some-other-secret']) expect(text).not.toContain(secret);
});

describe('while the database is locked', () => {
  let other: Database;
  beforeEach(() => {
    other = openDatabase(t.dataDir, { write: true });
    other.run('BEGIN IMMEDIATE');
  });
  afterEach(() => other.close());

  test('what could not be stored is counted and listed, and nothing of it is lost', async () => {
    expect((await t.webhook(event())).body.reason).toBe('store_failed');
    expect((await t.api('GET', '/api/v1/activity/inbound')).status).toBe(503);
    other.run('ROLLBACK');
    expect(await deliveries(t)).toMatchObject([{ reason: 'store_failed', at: NOW, ...IDENTIFY, body: null }]);
    expect((await summary(t)).inbound).toEqual({ store_failed: 1 });
  }, 60_000);

  test('an acknowledgement does not wait for its being recorded', async () => {
    expect((await t.webhook({ type: 'track' })).body.reason).toBe('not_identify');
    other.run('ROLLBACK');
    expect(await deliveries(t)).toMatchObject([{ reason: 'not_identify' }]);
  });
});

/** Asks until there is something. */
async function until<T>(ask: () => Promise<T[]>): Promise<T[]> {
  for (;;) {
    const found = await ask();
    if (found.length > 0) return found;
  }
}

/** Announces a body and hangs up in the middle of it. */
async function breakOff(): Promise<void> {
  const { hostname, port } = new URL(t.url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const head = `POST ${WEBHOOK} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n`;
  await new Promise<void>((resolve) => socket.write(`${head}{"type":`, () => resolve()));
  socket.resetAndDestroy();
}
