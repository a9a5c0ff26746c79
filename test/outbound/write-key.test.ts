import { afterEach, beforeEach, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { SETTINGS, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import { addCrowd, allTold, leave, manualSegment, outbound, outboundIs, setOutbound, told } from './sync.ts';

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock();
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

const MINUTE = 60_000;

test.each([401, 403])('%d pauses, probes once a minute and resumes by itself', async (status) => {
  const crowd = await addCrowd(t, 5);
  const vip = await manualSegment(t, 'VIP', crowd);
  const start = clock.now();
  const arrivals: string[] = [];
  t.stub.failWith((events) => {
    arrivals.push(`${clock.now() - start}: ${events.length}`);
    return arrivals.length <= 3 ? { status } : null;
  });
  await t.connect();
  for (const probes of [1, 2, 3]) {
    await t.stub.waitFor(({ calls }) => calls.length === probes);
    expect(await outboundIs(t, { status: 'paused' })).toMatchObject({ pending: 5, lastError: { status } });
    clock.advance(MINUTE - 1);
    // A commit wakes the loop; it has to go on waiting.
    await t.api('DELETE', `/api/v1/segments/${vip}/members`, { emails: [] });
    await t.api('PATCH', `/api/v1/segments/${vip}`, { description: `${probes}` });
    expect((await outbound(t)).status).toBe('paused');
    clock.advance(1);
  }
  await allTold(t);
  expect(arrivals).toEqual(['0: 5', '60000: 1', '120000: 1', '180000: 1', '180000: 4']);
  expect(await outboundIs(t, { status: 'idle' })).toMatchObject({ parked: 0 });
  expect(told(t.stub.accepted()).sort()).toEqual(crowd.map((email) => `${email} vip=true`));
});

test('a new write key ends the pause at once', async () => {
  const crowd = await addCrowd(t, 5);
  await manualSegment(t, 'VIP', crowd);
  await setOutbound(t, { enabled: true, writeKey: 'a-wrong-write-key' });
  await outboundIs(t, { status: 'paused' });
  expect(t.stub.calls.map(({ status }) => status)).toEqual([401]);
  await t.connect();
  await allTold(t);
  expect(await outboundIs(t, { status: 'idle' })).toMatchObject({ pending: 0 });
  expect(t.stub.profiles().size).toBe(5);
});

test('a refusal of the old write key does not pause the new one', async () => {
  const crowd = await addCrowd(t, 5);
  await manualSegment(t, 'VIP', crowd);
  const late = Promise.withResolvers<null>();
  t.stub.failWith(() => late.promise);
  await setOutbound(t, { enabled: true, writeKey: 'a-wrong-write-key' });
  await outboundIs(t, { status: 'syncing' });
  await t.connect();
  late.resolve(null);
  // Time stands still: a pause would never end here.
  await allTold(t);
  expect(t.stub.calls.map(({ status }) => status)).toEqual([401, 200]);
  expect((await outboundIs(t, { status: 'idle' })).pending).toBe(0);
});

test('a new write key is told of all members, and the old one of nothing more', async () => {
  const crowd = await addCrowd(t, 600);
  const vip = await manualSegment(t, 'VIP', crowd);
  await setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: null });
  await allTold(t);
  const before = t.stub.accepted().length;
  t.stub.accept('another-write-key');
  await setOutbound(t, { writeKey: 'another-write-key' });
  await allTold(t);
  expect(t.stub.profiles('another-write-key').size).toBe(600);
  const after = t.stub.accepted().slice(before);
  expect(told(after).sort()).toEqual(crowd.map((email) => `${email} vip=true`).sort());
  // Other changes than the first ones, also where somebody removes duplicates over both sources.
  expect(new Set(t.stub.accepted().map(({ messageId }) => messageId)).size).toBe(1200);
  const [first] = t.stub.calls;
  const last = t.stub.calls.at(-1);
  expect(last?.authorization).toBe(`Basic ${Buffer.from('another-write-key:').toString('base64')}`);
  expect(last?.authorization).not.toBe(first?.authorization);

  // The same key once more is no change.
  await setOutbound(t, { writeKey: 'another-write-key' });
  await t.api('DELETE', `/api/v1/segments/${vip}/members`, { emails: crowd.slice(0, 1) });
  await allTold(t);
  expect(told(t.stub.accepted()).slice(1200)).toEqual([`${crowd[0]} vip=false`]);
});

test('a write key that comes back is told who has left meanwhile', async () => {
  const [stays, leaves] = (await addCrowd(t, 2)) as [string, string];
  const vip = await manualSegment(t, 'VIP', [stays, leaves]);
  await t.connect();
  await allTold(t);
  t.stub.accept('another-write-key');
  await setOutbound(t, { writeKey: 'another-write-key' });
  await allTold(t);
  await leave(t, vip, leaves);
  await allTold(t);
  // By way of none, too.
  await setOutbound(t, { enabled: false, writeKey: null });
  await t.connect();
  await allTold(t);
  const held = { [stays]: { vip: true }, [leaves]: { vip: false } };
  expect(Object.fromEntries(t.stub.profiles())).toEqual(held);
  expect(Object.fromEntries(t.stub.profiles('another-write-key'))).toEqual(held);
});

test('the first write key is told of members alone', async () => {
  const [stays, leaves] = (await addCrowd(t, 2)) as [string, string];
  const vip = await manualSegment(t, 'VIP', [stays, leaves]);
  await leave(t, vip, leaves);
  await t.connect();
  await allTold(t);
  expect(told(t.stub.accepted())).toEqual([`${stays} vip=true`]);
});

test('resending repairs a leave that Segment has lost', async () => {
  const [stays, leaves] = (await addCrowd(t, 2)) as [string, string];
  const vip = await manualSegment(t, 'VIP', [stays, leaves]);
  await t.connect();
  await allTold(t);
  await leave(t, vip, leaves);
  await allTold(t);
  const before = t.stub.accepted().length;
  await t.api('POST', `/api/v1/segments/${vip}/resync`);
  await allTold(t);
  expect(told(t.stub.accepted()).slice(before).sort()).toEqual([`${stays} vip=true`, `${leaves} vip=false`]);
});

test('a new write key while a call is under way: the new source still hears of everyone', async () => {
  const crowd = await addCrowd(t, 20);
  await manualSegment(t, 'VIP', crowd);
  const late = Promise.withResolvers<null>();
  t.stub.failWith(() => late.promise);
  await t.connect();
  await outboundIs(t, { status: 'syncing' });
  t.stub.accept('another-write-key');
  await setOutbound(t, { writeKey: 'another-write-key' });
  late.resolve(null);
  await allTold(t);
  expect(t.stub.profiles('another-write-key').size).toBe(20);
});

test('another region is told of all members', async () => {
  const crowd = await addCrowd(t, 3);
  await manualSegment(t, 'VIP', crowd);
  await t.connect();
  await allTold(t);
  await setOutbound(t, { region: 'eu' });
  await allTold(t);
  expect(told(t.stub.accepted()).slice(3).sort()).toEqual(crowd.map((email) => `${email} vip=true`));
  // Once more the same region, and settings of the other direction, are no change.
  await setOutbound(t, { region: 'eu' });
  await t.api('PATCH', SETTINGS, { inbound: { createUsers: false } });
  await t.settled();
  expect((await outbound(t)).pending).toBe(0);
  expect(t.stub.accepted()).toHaveLength(6);
});
