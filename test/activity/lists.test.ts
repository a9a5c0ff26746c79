import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { identify, startTestService, type TestService } from '../helpers/service.ts';
import { addUser } from '../inbound/people.ts';
import { deliveries, summary } from './activity.ts';

const START = '2026-06-01T12:00:00.000Z';
const MINUTE = 60_000;

/** One delivery a minute: what came, from whom, and what became of it. */
const HISTORY: [user: string, send: (t: TestService, user: string) => Promise<unknown>, reason: string][] = [
  ['ada@example.com', (t, email) => t.webhook(identify(email, { n: 1 })), 'applied'],
  ['grace@example.com', (t, email) => t.webhook(identify(email, {})), 'no_match'],
  [
    'ada@example.com',
    (t, email) => t.webhook(identify(email, {}), { secret: 'wrong-secret' }),
    'bad_signature',
  ],
  ['100%_of', (t, userId) => t.webhook({ type: 'track', userId }), 'not_identify'],
  ['1000 of', (t, userId) => t.webhook({ type: 'page', userId }), 'not_identify'],
  ['', (t) => t.webhook([identify('ada@example.com', { n: 2 }), { type: 'track' }]), 'batch'],
  ["o'hara@example.com", (t, email) => t.webhook(identify(email, {})), 'no_match'],
];

let clock: ManualClock;
let t: TestService;
beforeAll(async () => {
  clock = manualClock(Date.parse(START));
  t = await startTestService({ clock });
  await addUser(t, 'ada@example.com');
  for (const [user, send] of HISTORY) {
    await send(t, user);
    clock.advance(MINUTE);
  }
});
afterAll(() => t.stop());

const at = (minute: number) =>
  encodeURIComponent(new Date(Date.parse(START) + minute * MINUTE).toISOString());
const indices = async (query: string) => (await deliveries(t, query)).map(({ id }) => id - 1).reverse();

test('what happened is listed, the latest first', async () => {
  const found = (await deliveries(t)).reverse();
  expect(found.map(({ reason }) => reason)).toEqual(HISTORY.map(([, , reason]) => reason));
  expect(found.map(({ user }) => user ?? '')).toEqual(HISTORY.map(([user]) => user));
  expect(found.map((delivery) => delivery.at)).toEqual(
    HISTORY.map((_, minute) => decodeURIComponent(at(minute))),
  );
});

test.each([
  ['outcome=no_match', [1, 6]],
  ['outcome=batch', [5]],
  ['outcome=applied', [0, 5]],
  ['outcome=not_identify', [3, 4, 5]],
  ['outcome=not_id%25', []],
  ['outcome=nothing', []],
  ['user=ada', [0, 2]],
  ['user=EXAMPLE.COM', [0, 1, 2, 6]],
  ['user=100%25_', [3]],
  ['user=00', [3, 4]],
  ["user=o'hara", [6]],
  ['user=', [0, 1, 2, 3, 4, 5, 6]],
  [`from=${at(2)}`, [2, 3, 4, 5, 6]],
  [`to=${at(2)}`, [0, 1, 2]],
  [`from=${at(1)}&to=${at(4)}&outcome=not_identify`, [3, 4]],
  [`from=${at(4)}&to=${at(1)}`, []],
  ['after=0', [0, 1, 2, 3, 4, 5, 6]],
  ['after=5', [5, 6]],
  ['after=2&before=5', [2, 3]],
  ['after=3&limit=2', [5, 6]],
  ['after=7', []],
  ['after=1&outcome=not_identify', [3, 4, 5]],
  ['user=ada&outcome=bad_signature', [2]],
])('filter %s', async (query, expected) => {
  expect(await indices(query)).toEqual(expected);
});

test.each([1, 2, 3, 7, 8])('pages of %d show everything once', async (limit) => {
  const seen: number[] = [];
  let before = '';
  for (;;) {
    const page = await deliveries(t, `limit=${limit}${before}`);
    seen.push(...page.map(({ id }) => id));
    if (page.length < limit) break;
    before = `&before=${page.at(-1)?.id}`;
  }
  expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
});

test('one by its id', async () => {
  for (const delivery of await deliveries(t)) {
    expect((await t.api('GET', `/api/v1/activity/inbound/${delivery.id}`)).body.data).toEqual(delivery);
  }
});

test.each(['8', '0', 'x'])('there is no delivery %s', async (id) => {
  expect((await t.api('GET', `/api/v1/activity/inbound/${id}`)).status).toBe(404);
});

test('a page of a filter goes on within the filter', async () => {
  expect((await deliveries(t, 'outcome=not_identify&limit=1')).map(({ id }) => id)).toEqual([6]);
  expect((await deliveries(t, 'outcome=not_identify&limit=1&before=6')).map(({ id }) => id)).toEqual([5]);
});

describe('the summary', () => {
  const TOTAL = { applied: 2, no_match: 2, bad_signature: 1, not_identify: 3 };

  test('counts every event of the last day', async () => {
    const { inbound, outbound, lastDelivery, lastCall } = await summary(t);
    expect(inbound).toEqual(TOTAL);
    expect(outbound).toEqual({});
    expect(lastDelivery).toEqual((await deliveries(t, 'limit=1'))[0] ?? null);
    expect(lastCall).toBeNull();
  });

  test('by the minute, without those in which nothing happened', async () => {
    const { steps } = await summary(t, 'step=minute&hours=1');
    expect(steps.map((step) => [step.at.slice(11, 16), step.inbound])).toEqual([
      ['12:00', { applied: 1 }],
      ['12:01', { no_match: 1 }],
      ['12:02', { bad_signature: 1 }],
      ['12:03', { not_identify: 1 }],
      ['12:04', { not_identify: 1 }],
      ['12:05', { applied: 1, not_identify: 1 }],
      ['12:06', { no_match: 1 }],
    ]);
  });

  test.each([
    ['hour', 'T12:00:00.000Z'],
    ['day', 'T00:00:00.000Z'],
  ])('by the %s', async (step, time) => {
    const { steps } = await summary(t, `step=${step}`);
    expect(steps).toEqual([{ at: `2026-06-01${time}`, inbound: TOTAL, outbound: {} }]);
  });

  test.each(['step=week', 'hours=0', 'hours=721', 'hours=1.5'])('refuses %s', async (query) => {
    expect((await t.api('GET', `/api/v1/activity/summary?${query}`)).status).toBe(422);
  });
});
