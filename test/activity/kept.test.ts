import { afterEach, beforeEach, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { deliveries, summary } from './activity.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-06-01T12:00:00.000Z');

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock(START);
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

const track = (userId: number) => t.webhook({ type: 'track', userId });
/** Sends so many deliveries, from user `from` on, in order. */
async function send(from: number, count: number) {
  for (let i = from; i < from + count; i++) await track(i);
}
async function everything(): Promise<number[]> {
  const users: number[] = [];
  let before = '';
  for (;;) {
    const page = await deliveries(t, `limit=200${before}`);
    users.push(...page.map(({ user }) => Number(user)));
    if (page.length < 200) return users;
    before = `&before=${page.at(-1)?.id}`;
  }
}
const countdown = (from: number, count: number) => Array.from({ length: count }, (_, i) => from - i);

test('the last 1,000 are kept, whether they were written together or not; all are counted', async () => {
  await send(1, 1005);
  expect(await everything()).toEqual(countdown(1005, 1000));
  await send(1006, 3);
  expect(await everything()).toEqual(countdown(1008, 1000));
  expect((await summary(t)).inbound).toEqual({ not_identify: 1008 });
}, 30_000);

test('more than 2,000 that were never written down yet: the last ones count', async () => {
  await send(1, 2005);
  expect(await everything()).toEqual(countdown(2005, 1000));
  expect((await summary(t)).inbound).toEqual({ not_identify: 2005 });
}, 30_000);

test('a stop writes everything down, and a restart shows it', async () => {
  await send(1, 3);
  await t.webhook('{', { secret: 'some-other-secret' });
  // Nobody has asked for it, and time stands still: it is in memory alone.
  await t.restart();
  expect((await deliveries(t)).map(({ reason, user, body }) => [reason, user, body])).toEqual([
    ['bad_signature', null, '{'],
    ['not_identify', '3', null],
    ['not_identify', '2', null],
    ['not_identify', '1', null],
  ]);
  await send(4, 1);
  const { inbound, lastDelivery } = await summary(t);
  expect(inbound).toEqual({ not_identify: 4, bad_signature: 1 });
  expect(lastDelivery).toMatchObject({ id: 5, user: '4' });
});

test('what happened is written down once a second, asked for or not', async () => {
  await track(1);
  const { store } = t.service;
  const written = async () => (await store.listDeliveries({ limit: 10 })).map(({ entry }) => entry.user);
  expect(await written()).toEqual([]);
  clock.advance(1000);
  while ((await written()).length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(await written()).toEqual(['1']);
});

test('counters go back 30 days', async () => {
  await track(1);
  clock.advance(10 * DAY);
  await track(2);
  await track(3);
  const byDay = async (hours: number) =>
    (await summary(t, `step=day&hours=${hours}`)).steps.map(({ at, inbound }) => [at.slice(0, 10), inbound]);
  const first = ['2026-06-01', { not_identify: 1 }];
  const second = ['2026-06-11', { not_identify: 2 }];
  expect(await byDay(720)).toEqual([first, second]);
  expect(await byDay(240)).toEqual([first, second]);
  expect(await byDay(239)).toEqual([second]);
  clock.advance(20 * DAY);
  expect(await byDay(720)).toEqual([first, second]);
  clock.advance(60_000);
  expect(await byDay(720)).toEqual([second]);
  // They are gone from the database with the next entry that is written, and the lists are not.
  await track(4);
  expect(await summary(t)).toMatchObject({ inbound: { not_identify: 1 } });
  const kept = await t.service.store.activityCounters(0, Number.MAX_SAFE_INTEGER, DAY);
  expect(kept.map(({ count }) => count)).toEqual([2, 1]);
  expect(await everything()).toEqual([4, 3, 2, 1]);
});

test('what is counted in the minutes of an hour is its sum', async () => {
  for (let minute = 0; minute < 90; minute += 7) {
    await send(minute, (minute % 3) + 1);
    clock.advance(7 * 60_000);
  }
  const sum = (steps: { inbound: Record<string, number> }[]) =>
    steps.reduce((total, { inbound }) => total + (inbound.not_identify ?? 0), 0);
  const [minutes, hours, days] = await Promise.all(
    ['minute', 'hour', 'day'].map(async (step) => (await summary(t, `step=${step}`)).steps),
  );
  expect(minutes).toHaveLength(13);
  expect(hours?.map(({ at }) => at.slice(11, 16))).toEqual(['12:00', '13:00']);
  expect(days).toHaveLength(1);
  for (const steps of [minutes, hours, days]) expect(sum(steps ?? [])).toBe(25);
});
