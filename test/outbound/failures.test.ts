import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { type Fault, startSegmentStub } from '../helpers/segment-stub.ts';
import { SETTINGS, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import {
  addCrowd,
  addUsers,
  allTold,
  manualSegment,
  type OutboundView,
  outbound,
  outboundIs,
  told,
  userId,
} from './sync.ts';

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock();
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

const ADA = 'ada@example.com';

const FAULTS: [name: string, fault: Fault, status: number | null, message: string][] = [
  ['500', { status: 500 }, 500, 'Segment answered 500 Internal Server Error'],
  ['503', { status: 503 }, 503, 'Segment answered 503 Service Unavailable'],
  ['429 without a time', { status: 429 }, 429, 'Segment answered 429 Too Many Requests'],
  ['404', { status: 404 }, 404, 'Segment answered 404 Not Found'],
  ['a redirect', { status: 307, headers: { location: '/v1/elsewhere' } }, 307, 'Segment answered 307'],
  ['a connection cut', 'cut', null, 'Segment could not be reached: ECONNRESET'],
  ['an answer lost', 'drop', null, 'Segment could not be reached: ECONNRESET'],
];
test.each(FAULTS)('%s: backs off, then delivers', async (_name, fault, status, message) => {
  const crowd = await addCrowd(t, 3);
  await manualSegment(t, 'VIP', crowd);
  t.stub.failWith(() => fault);
  await t.connect();
  const view = await outboundIs(t, { status: 'backing_off' });
  expect(view.pending).toBe(3);
  expect(view.lastSuccessAt).toBeNull();
  expect(view.lastError).toEqual({
    at: new Date(clock.now()).toISOString(),
    status,
    message: expect.stringContaining(message),
  });
  t.stub.failWith(() => null);
  await allTold(t);
  expect([...t.stub.profiles()].sort()).toEqual(crowd.map((email) => [email, { vip: true }]));
  expect(await outboundIs(t, { status: 'idle' })).toMatchObject({
    parked: 0,
    lastSuccessAt: new Date(clock.now()).toISOString(),
  });
  // One event finds out whether things are well again, then the rest goes at once; a redirect is never followed.
  const paths = t.stub.calls.map(({ path }) => path);
  expect(paths[0]).toBe('/batch');
  expect(new Set(paths.slice(1, -1))).toEqual(new Set(['/identify']));
  expect(paths.at(-1)).toBe('/batch');
});

test('nothing listening: backs off, then delivers', async () => {
  const gone = startSegmentStub({ writeKey: WRITE_KEY });
  await gone.stop();
  const lonely = await startTestService({ env: { SEGMENT_API_URL: gone.url } });
  try {
    await addUsers(lonely, [ADA]);
    await manualSegment(lonely, 'VIP', [ADA]);
    await lonely.connect();
    const { lastError } = await outboundIs(lonely, { status: 'backing_off' });
    expect(lastError).toMatchObject({ status: null, message: expect.stringMatching(/could not be reached/) });
    const back = startSegmentStub({ writeKey: WRITE_KEY, port: Number(new URL(gone.url).port) });
    await back.waitFor((stub) => stub.accepted().length === 1);
    expect(told(back.accepted())).toEqual([`${ADA} vip=true`]);
    await allTold(lonely);
    await back.stop();
  } finally {
    await lonely.stop();
  }
});

test('no answer of the settings holds a secret, whatever Segment answers', async () => {
  await addUsers(t, [ADA]);
  await manualSegment(t, 'VIP', [ADA]);
  const encoded = Buffer.from(`${WRITE_KEY}:`).toString('base64');
  for (const fault of [{ status: 500 }, { status: 401 }, 'cut'] as const) {
    t.stub.failWith(() => fault);
    await t.connect();
    const after = t.stub.calls.length + 1;
    await t.stub.waitFor((stub) => stub.calls.length > after || fault !== 'cut');
    const text = JSON.stringify((await t.api('GET', SETTINGS)).body);
    expect(text).not.toContain(WRITE_KEY);
    expect(text).not.toContain(encoded);
  }
});

describe('events Segment fails at', () => {
  const told = () => t.stub.profiles().size;
  test.each(['joins', 'leaves of a deleted segment'])(
    'one alone: the others go on, and it is tried again (%s)',
    async (what) => {
      const crowd = [ADA, ...(await addCrowd(t, 20))];
      await addUsers(t, [ADA]);
      const bad = (events: { userId: string }[]) => events.some(({ userId }) => userId === ADA);
      const vip = await manualSegment(t, 'VIP', [ADA]);
      await t.connect();
      await allTold(t);
      await t.stub.waitFor(() => told() === 1);
      t.stub.failWith((events) => (bad(events) ? { status: 500 } : null));
      if (what === 'joins') await manualSegment(t, 'Other', crowd);
      else {
        await t.api('DELETE', `/api/v1/segments/${vip}`);
        await manualSegment(t, 'Other', crowd.slice(1));
      }
      await t.stub.waitFor(() => told() === crowd.length);
      await outboundIs(t, { status: 'backing_off', pending: 1 });
      // What comes later is not held up either.
      await addUsers(t, ['late@example.com']);
      await manualSegment(t, 'Late', ['late@example.com']);
      await t.stub.waitFor((stub) => stub.profiles().get('late@example.com')?.late === true);
      t.stub.failWith(() => null);
      await allTold(t);
      await outboundIs(t, { status: 'idle' });
      const held = what === 'joins' ? { vip: true, other: true } : { vip: false };
      expect(t.stub.profiles().get(ADA)).toEqual(held);
    },
  );

  test('a way too slow for large batches: smaller ones go through, growing until that shows again', async () => {
    const crowd = await addCrowd(t, 40);
    const sizes: number[] = [];
    t.stub.failWith((events) => {
      sizes.push(events.length);
      return events.length > 10 ? 'cut' : null;
    });
    await manualSegment(t, 'VIP', crowd);
    await t.connect();
    await t.stub.waitFor(() => told() === crowd.length);
    expect(sizes.slice(0, 6)).toEqual([40, 1, 2, 4, 8, 16]);
    expect(sizes.filter((size) => size > 10).length).toBeLessThan(5);
  });
});

const asDate = () => new Date(clock.now() + 30_000).toUTCString();
const ASKED: [name: string, headers: () => Record<string, string>][] = [
  ['Retry-After in seconds', () => ({ 'retry-after': '30' })],
  ['Retry-After as a date', () => ({ 'retry-after': asDate() })],
  ['X-RateLimit-Reset', () => ({ 'x-ratelimit-reset': '30' })],
];
test.each(ASKED)('%s is honoured to the millisecond, whatever else happens', async (_name, headers) => {
  const crowd = await addCrowd(t, 2);
  const vip = await manualSegment(t, 'VIP', crowd.slice(0, 1));
  const start = clock.now();
  const arrivals: number[] = [];
  t.stub.failWith(() => {
    arrivals.push(clock.now() - start);
    return arrivals.length === 1 ? { status: 429, headers: headers() } : null;
  });
  await t.connect();
  await outboundIs(t, { status: 'backing_off' });
  for (const ms of [1, 14_999, 14_999]) {
    clock.advance(ms);
    // Commits wake the loop; it has to go on waiting.
    await t.api('DELETE', `/api/v1/segments/${vip}/members`, { emails: crowd.slice(1) });
    await t.api('POST', `/api/v1/segments/${vip}/members`, { emails: crowd.slice(1) });
    expect((await outbound(t)).status).toBe('backing_off');
  }
  clock.advance(1);
  await allTold(t);
  expect(arrivals).toEqual([0, 30_000, 30_000]);
  expect(t.stub.profiles().size).toBe(2);
});

const FAILURES: [name: string, fault: Fault, status: OutboundView['status']][] = [
  ['a wait that Segment asked for', { status: 503, headers: { 'retry-after': '30' } }, 'backing_off'],
  ['a pause', { status: 401 }, 'paused'],
];
test.each(FAILURES)('%s is over at once where the clock is set back', async (_name, fault, status) => {
  await addUsers(t, [ADA]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  t.stub.failWith(() => fault);
  await t.connect();
  await outboundIs(t, { status });
  t.stub.failWith(() => null);
  clock.advance(-6 * 3_600_000);
  // A commit, so that the loop looks now.
  await t.api('PATCH', `/api/v1/segments/${vip}`, { description: 'after' });
  await allTold(t);
  expect(t.stub.calls.map(({ taken }) => taken)).toEqual([false, true]);
});

test('what was sent without an answer is sent again with the same messageId', async () => {
  const crowd = await addCrowd(t, 4);
  await manualSegment(t, 'VIP', crowd);
  let dropped = 0;
  t.stub.failWith(() => (dropped++ === 0 ? 'drop' : null));
  await t.connect();
  await allTold(t);
  const ids = t.stub.calls.map(({ events }) => events.map(({ userId, messageId }) => [userId, messageId]));
  const [lost = [], ...again] = ids;
  expect(lost).toHaveLength(4);
  expect(again.flat().sort()).toEqual(lost.sort());
});

test.each(['nothing else happens', 'the service is restarted'])(
  'who leaves while it is not known whether Segment knew is told false, when %s',
  async (meanwhile) => {
    await addUsers(t, [ADA]);
    // A first write key has everything told again, so the joining comes after it.
    await t.connect();
    await t.settled();
    let calls = 0;
    t.stub.failWith(() => (calls++ === 0 ? 'drop' : { status: 503, headers: { 'retry-after': '60' } }));
    const vip = await manualSegment(t, 'VIP', [ADA]);
    await t.stub.waitFor((stub) => stub.calls.length === 2);
    await t.api('DELETE', `/api/v1/segments/${vip}/members`, { emails: [ADA] });
    if (meanwhile === 'the service is restarted') await t.restart();
    t.stub.failWith(() => null);
    clock.advance(60_000);
    await allTold(t);
    expect(t.stub.profiles().get(ADA)).toEqual({ vip: false });
  },
);

test('when nothing is left of what failed, the sync is idle again', async () => {
  await addUsers(t, [ADA]);
  await manualSegment(t, 'VIP', [ADA]);
  t.stub.failWith(() => ({ status: 503, headers: { 'retry-after': '60' } }));
  await t.connect();
  await outboundIs(t, { status: 'backing_off' });
  await t.api('DELETE', `/api/v1/users/${await userId(t, ADA)}`);
  expect(await outbound(t)).toMatchObject({ status: 'backing_off', pending: 0 });
  clock.advance(60_000);
  expect((await outboundIs(t, { status: 'idle' })).lastError).toMatchObject({ status: 503 });
  expect(t.stub.calls).toHaveLength(1);
});

test.each([400, 413, 422])(
  'a batch refused with %d is halved until the bad event is alone',
  async (status) => {
    const crowd = await addCrowd(t, 50);
    const bad = new Set(['u7@example.com', 'u31@example.com']);
    await manualSegment(t, 'VIP', crowd);
    t.stub.failWith((events) => (events.some(({ userId }) => bad.has(userId)) ? { status } : null));
    await t.connect();
    await outboundIs(t, { parked: 2, pending: 0 });
    const good = crowd.filter((email) => !bad.has(email));
    expect(told(t.stub.accepted()).sort()).toEqual(good.map((email) => `${email} vip=true`).sort());
    // Two bad ones of fifty: some six halvings for each, not a call for every event.
    expect(t.stub.calls.length).toBeLessThanOrEqual(24);
    expect(await outbound(t)).toMatchObject({ status: 'idle', lastError: { status } });

    // Parked levels stay where they are over a restart, until somebody asks for them.
    await t.restart();
    expect(await outbound(t)).toMatchObject({ parked: 2, pending: 0 });
    t.stub.failWith(() => null);
    const { body } = await t.api('POST', `${SETTINGS}/retry-parked`);
    expect(body).toEqual({ data: { retried: 2 } });
    await outboundIs(t, { parked: 0, pending: 0 });
    expect(t.stub.profiles().size).toBe(50);
  },
);

test('a parked level that changes is told again without being asked for', async () => {
  await addUsers(t, [ADA]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  t.stub.failWith(() => ({ status: 400 }));
  await t.connect();
  await outboundIs(t, { parked: 1, pending: 0 });
  t.stub.failWith(() => null);
  await t.api('DELETE', `/api/v1/segments/${vip}/members`, { emails: [ADA] });
  await outboundIs(t, { parked: 0, pending: 0 });
  expect(told(t.stub.accepted())).toEqual([`${ADA} vip=false`]);
});
