import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import type { Fault } from '../helpers/segment-stub.ts';
import {
  API_KEY,
  SECRET,
  SETTINGS,
  startTestService,
  type TestService,
  WRITE_KEY,
} from '../helpers/service.ts';
import { addUsers, allTold, join, leave, manualSegment, outboundIs } from '../outbound/sync.ts';
import { type Call, calls, callsAre, summary } from './activity.ts';

const [ADA, GRACE, EDSGER] = ['ada@example.com', 'grace@example.com', 'edsger@example.com'];
const NOW = '2026-06-01T12:00:00.000Z';

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock(Date.parse(NOW));
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

/** Puts the users into a segment and connects to Segment, which fails as told. */
async function tell(emails: string[], fault?: (emails: string[]) => Fault | null): Promise<string> {
  await addUsers(t, emails);
  const slug = await manualSegment(t, 'VIP', emails);
  t.stub.failWith((events) => fault?.(events.map(({ userId }) => userId)) ?? null);
  await t.connect();
  return slug;
}
const of = ({ outcome, path, events, status, error, user, traits }: Call) => ({
  outcome,
  path,
  events,
  status,
  error,
  user,
  traits,
});

test('taken: who was told what', async () => {
  const vip = await tell([ADA]);
  await allTold(t);
  clock.advance(5000);
  await leave(t, vip, ADA);
  await allTold(t);
  const [joined, left] = await callsAre(t, ['taken', 'taken']);
  expect(joined).toEqual({
    id: 1,
    at: NOW,
    outcome: 'taken',
    path: '/identify',
    events: 1,
    status: 200,
    error: null,
    messageId: t.stub.accepted()[0]?.messageId ?? '',
    user: ADA,
    traits: { vip: true },
    counts: null,
    latencyMs: expect.any(Number),
  });
  expect(left).toMatchObject({ id: 2, at: '2026-06-01T12:00:05.000Z', user: ADA, traits: { vip: false } });
  expect((await summary(t)).outbound).toEqual({ taken: 2 });
  expect((await summary(t)).lastCall).toMatchObject({ id: 2 });
});

test('taken, several at once: counted by the event', async () => {
  await tell([ADA, GRACE, EDSGER]);
  const [call] = await callsAre(t, ['taken']);
  expect(call).toMatchObject({ path: '/batch', events: 3, messageId: null, user: null, traits: null });
  expect(call?.counts).toEqual({ vip: { joined: 3, left: 0 } });
  expect((await summary(t)).outbound).toEqual({ taken: 3 });
});

test('of several at once it is counted who joined and who left what', async () => {
  const vip = await tell([ADA, GRACE, EDSGER]);
  await allTold(t);
  await t.api('PATCH', SETTINGS, { outbound: { enabled: false } });
  await leave(t, vip, ADA, GRACE);
  await manualSegment(t, 'joined', [EDSGER, ADA]);
  await t.api('PATCH', SETTINGS, { outbound: { enabled: true } });
  await allTold(t);
  const [last] = await calls(t, 'limit=1');
  expect(last).toMatchObject({ path: '/batch', events: 3, traits: null });
  expect(last?.counts).toEqual({ vip: { joined: 0, left: 2 }, joined: { joined: 2, left: 0 } });
});

describe('by trait', () => {
  test.each([
    ['vip', ['vip', 'several']],
    ['other', ['other', 'several']],
    ['joined', []],
    ['vi', []],
    ['vip"', []],
    ['%25', []],
  ])('%s', async (trait, expected) => {
    const vip = await tell([ADA]);
    await allTold(t);
    await manualSegment(t, 'other', [ADA]);
    await allTold(t);
    await t.api('PATCH', SETTINGS, { outbound: { enabled: false } });
    await leave(t, vip, ADA);
    await leave(t, 'other', ADA);
    await addUsers(t, [GRACE]);
    await join(t, vip, GRACE);
    await t.api('PATCH', SETTINGS, { outbound: { enabled: true } });
    await allTold(t);
    const found = await calls(t, `trait=${trait}`);
    const names = found.map(({ events, traits }) => (events > 1 ? 'several' : Object.keys(traits ?? {})[0]));
    expect(names.reverse()).toEqual(expected);
  });
});

test('one by its id', async () => {
  await tell([ADA, GRACE]);
  const [call] = await callsAre(t, ['taken']);
  expect((await t.api('GET', `/api/v1/activity/outbound/${call?.id}`)).body.data).toEqual(call);
  expect(await t.api('GET', '/api/v1/activity/outbound/4711')).toMatchObject({
    status: 404,
    body: { error: { code: 'not_found' } },
  });
});

test('split and parked: a refused batch is halved until the bad event is alone', async () => {
  await tell([ADA, GRACE], (emails) => (emails.includes(GRACE) ? { status: 400 } : null));
  await outboundIs(t, { parked: 1, pending: 0 });
  const error = 'Segment answered 400 Bad Request';
  const traits = { vip: true };
  const found = (await callsAre(t, ['split', 'taken', 'parked'])).map(of);
  expect(found).toEqual([
    { outcome: 'split', path: '/batch', events: 2, status: 400, error, user: null, traits: null },
    { outcome: 'taken', path: '/identify', events: 1, status: 200, error: null, user: ADA, traits },
    { outcome: 'parked', path: '/identify', events: 1, status: 400, error, user: GRACE, traits },
  ]);
  expect((await summary(t)).outbound).toEqual({ split: 2, taken: 1, parked: 1 });
});

const FAULTS: [
  outcome: string,
  fault: Exclude<Fault, 'hang' | 'drop'>,
  state: 'paused' | 'backing_off',
  status: number | null,
][] = [
  ['unauthorised', { status: 401 }, 'paused', 401],
  ['unauthorised', { status: 403 }, 'paused', 403],
  ['retry', { status: 429 }, 'backing_off', 429],
  ['retry', { status: 500 }, 'backing_off', 500],
  ['retry', { status: 307, headers: { location: '/x' } }, 'backing_off', 307],
  ['retry', 'cut', 'backing_off', null],
];
test.each(FAULTS)('%s: %j', async (outcome, fault, state, status) => {
  // Once only: a random delay of nothing would fail again and again until the test says otherwise.
  let failed = false;
  await tell([ADA], () => {
    if (failed) return null;
    failed = true;
    return fault === 'cut' ? fault : { ...fault, headers: { 'retry-after': '30', ...fault.headers } };
  });
  if (fault !== 'cut') await outboundIs(t, { status: state });
  const [first] = await until(() => calls(t, `outcome=${outcome}`));
  expect(first).toMatchObject({ outcome, path: '/identify', events: 1, status, user: ADA });
  expect(first?.error).toMatch(status === null ? /could not be reached/ : new RegExp(`answered ${status}`));
  clock.advance(60_000);
  await allTold(t);
  await callsAre(t, [outcome, 'taken']);
  expect((await summary(t)).outbound).toEqual({ [outcome]: 1, taken: 1 });
});

test('filters by outcome and user, and pages', async () => {
  await tell([ADA, GRACE, EDSGER], (emails) => (emails.includes(GRACE) ? { status: 400 } : null));
  await outboundIs(t, { parked: 1, pending: 0 });
  const all = await calls(t, 'limit=200');
  expect((await calls(t, 'outcome=parked')).map(({ user }) => user)).toEqual([GRACE]);
  const singles = all.filter(({ user }) => user === GRACE);
  expect(await calls(t, 'user=grace')).toEqual(singles);
  expect(await calls(t, 'outcome=unauthorised')).toEqual([]);
  expect(await calls(t, `from=${encodeURIComponent('2026-06-01T12:00:00.001Z')}`)).toEqual([]);
  expect(await calls(t, `to=${encodeURIComponent(NOW)}&limit=200`)).toEqual(all);
  const [latest, ...rest] = all;
  expect(await calls(t, 'limit=1')).toEqual(latest === undefined ? [] : [latest]);
  expect(await calls(t, `before=${latest?.id}`)).toEqual(rest);
});

test('a restart shows what was told before', async () => {
  await tell([ADA]);
  await allTold(t);
  await t.restart();
  await callsAre(t, ['taken']);
  expect((await summary(t)).outbound).toEqual({ taken: 1 });
});

test('nothing of it holds a write key or another secret, whatever Segment answers', async () => {
  const encoded = Buffer.from(`${WRITE_KEY}:`).toString('base64');
  let turn = 0;
  await tell([ADA], () => [{ status: 401 }, { status: 500 }, 'cut' as const, null][turn++] ?? null);
  for (; turn < 4; clock.advance(60_000)) await calls(t);
  await allTold(t);
  const text = JSON.stringify([await calls(t), await summary(t)]);
  expect(text).toContain(ADA);
  for (const secret of [WRITE_KEY, encoded, SECRET, API_KEY]) expect(text).not.toContain(secret);
});

/** Asks until there is something. */
async function until<T>(ask: () => Promise<T[]>): Promise<T[]> {
  for (;;) {
    const found = await ask();
    if (found.length > 0) return found;
  }
}
