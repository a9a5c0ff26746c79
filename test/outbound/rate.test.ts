import { afterEach, beforeEach, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import { addCrowd, allTold, leave, manualSegment, outbound, outboundIs, setOutbound, told } from './sync.ts';

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock();
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

test('eventsPerSecond holds: one second worth at once, and then evenly', async () => {
  const crowd = await addCrowd(t, 60);
  const vip = await manualSegment(t, 'VIP', crowd);
  await setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: 10 });
  await outboundIs(t, { pending: 50 });
  const STEPS: [ms: number, pending: number][] = [
    [0, 50],
    [50, 50],
    [50, 49],
    [300, 46],
    [99, 46],
    [1, 45],
    [1000, 35],
    // Unused time is worth one second at most.
    [60_000, 25],
  ];
  for (const [ms, pending] of STEPS) {
    clock.advance(ms);
    // A commit, so that the loop looks now, wherever it stands.
    await t.api('PATCH', `/api/v1/segments/${vip}`, { description: `${pending}` });
    await outboundIs(t, { pending });
    expect((await outbound(t)).pending).toBe(pending);
  }
  expect(Math.max(...t.stub.calls.map(({ events }) => events.length))).toBe(10);
});

test('a higher rate, or none, holds at once', async () => {
  const crowd = await addCrowd(t, 120);
  await manualSegment(t, 'VIP', crowd);
  await setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: 1 });
  await outboundIs(t, { pending: 119 });
  await setOutbound(t, { eventsPerSecond: null });
  await allTold(t);
  expect(t.stub.calls.map(({ events }) => events.length)).toEqual([1, 119]);
});

test('members who stay true hear no "false", however few are told at a time', async () => {
  const crowd = await addCrowd(t, 40);
  const old = await manualSegment(t, 'VIP', crowd);
  await setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: null });
  await allTold(t);
  await setOutbound(t, { enabled: false, eventsPerSecond: 5 });
  await t.api('DELETE', `/api/v1/segments/${old}`);
  await t.settled();
  const vip = await manualSegment(t, 'VIP', crowd.slice(1));
  await setOutbound(t, { enabled: true });
  while ((await outbound(t)).pending > 0) {
    clock.advance(1000);
    await t.api('PATCH', `/api/v1/segments/${vip}`, { description: `${clock.now()}` });
  }
  const falses = told(t.stub.accepted()).filter((line) => line.endsWith('false'));
  expect(falses).toEqual([`${crowd[0]} vip=false`]);
});

test('who leaves before hearing again what a deleted segment had said is told false', async () => {
  const crowd = await addCrowd(t, 3);
  const old = await manualSegment(t, 'VIP', crowd);
  await setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: null });
  await allTold(t);
  await setOutbound(t, { enabled: false, eventsPerSecond: 1 });
  await t.api('DELETE', `/api/v1/segments/${old}`);
  await t.settled();
  const vip = await manualSegment(t, 'VIP', crowd);
  await setOutbound(t, { enabled: true });
  await t.stub.waitFor((stub) => stub.accepted().length === 4);
  await outboundIs(t, { pending: 2 });
  await leave(t, vip, ...crowd);
  while ((await outbound(t)).pending > 0) {
    clock.advance(1000);
    await t.api('PATCH', `/api/v1/segments/${vip}`, { description: `${clock.now()}` });
  }
  expect([...t.stub.profiles().values()]).toEqual(crowd.map(() => ({ vip: false })));
});
