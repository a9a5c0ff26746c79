import { afterEach, beforeEach, expect, test } from 'bun:test';
import { identify, SETTINGS, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import {
  addCrowd,
  addUsers,
  afterSentinel,
  allTold,
  join,
  leave,
  manualSegment,
  outbound,
  outboundIs,
  setOutbound,
  told,
  userId,
} from './sync.ts';

let t: TestService;
beforeEach(async () => {
  t = await startTestService();
});
afterEach(() => t.stop());

const ADA = 'ada@example.com';
const BOB = 'bob@example.com';

test('one pending change goes to /identify, several go to /batch, with the write key and a colon', async () => {
  await addUsers(t, [ADA, BOB]);
  await t.connect();
  const vip = await manualSegment(t, 'VIP', [ADA]);
  await allTold(t);
  await leave(t, vip, ADA);
  await allTold(t);
  await setOutbound(t, { enabled: false });
  await join(t, vip, ADA, BOB);
  await setOutbound(t, { enabled: true });
  await allTold(t);
  expect(t.stub.calls.map(({ path, status }) => `${path} ${status}`)).toEqual([
    '/identify 200',
    '/identify 200',
    '/batch 200',
  ]);
  const authorization = `Basic ${Buffer.from('stub-write-key:').toString('base64')}`;
  for (const call of t.stub.calls) expect(call.authorization).toBe(authorization);
  expect(told(t.stub.accepted())).toEqual([
    `${ADA} vip=true`,
    `${ADA} vip=false`,
    `${ADA} vip=true`,
    `${BOB} vip=true`,
  ]);
  const { status, lastSuccessAt, lastError } = await outbound(t);
  expect({ status, lastError }).toEqual({ status: 'idle', lastError: null });
  expect(Date.parse(lastSuccessAt ?? '')).toBeLessThanOrEqual(Date.now());
});

test('turning outbound on later sends all that is pending, each user once', async () => {
  const crowd = await addCrowd(t, 2600);
  await manualSegment(t, 'VIP', crowd);
  expect(await outbound(t)).toMatchObject({ status: 'off', pending: 2600 });
  expect(t.stub.calls).toEqual([]);
  await setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: null });
  await allTold(t);
  expect(told(t.stub.accepted()).sort()).toEqual(crowd.map((email) => `${email} vip=true`).sort());
  // Within Segment's limits, and in few calls.
  expect(t.stub.calls.every(({ status }) => status === 200)).toBe(true);
  expect(t.stub.calls.length).toBeLessThanOrEqual(4);
});

test('several traits of a user travel in one identify', async () => {
  await addUsers(t, [ADA]);
  for (const name of ['VIP', 'Beta', 'Staff']) await manualSegment(t, name, [ADA]);
  await t.connect();
  await allTold(t);
  expect(t.stub.accepted().map(({ traits }) => traits)).toEqual([{ vip: true, beta: true, staff: true }]);
});

test('a user in very many segments is told in several events below 32 KB', async () => {
  await addUsers(t, [ADA]);
  const keys = Array.from({ length: 290 }, (_, i) => `t${i}`.padEnd(100, 'x'));
  for (const traitKey of keys) await manualSegment(t, `Segment ${traitKey}`, [ADA], { traitKey });
  await t.connect();
  await allTold(t);
  expect(t.stub.calls.map(({ status }) => status)).toEqual([200]);
  expect(t.stub.accepted().length).toBeGreaterThan(1);
  expect(Object.keys(t.stub.profiles().get(ADA) ?? {}).sort()).toEqual(keys.sort());
});

test('joining and leaving before anything is sent sends nothing', async () => {
  await addUsers(t, [ADA]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  await t.planSegment('Enterprise', 'enterprise');
  await t.webhook(identify(ADA, { plan: 'enterprise' }));
  expect((await outbound(t)).pending).toBe(2);
  await leave(t, vip, ADA);
  await t.webhook(identify(ADA, { plan: 'free' }, { timestamp: new Date(Date.now() + 1000).toISOString() }));
  expect((await outbound(t)).pending).toBe(0);
  await t.connect();
  expect(await afterSentinel(t)).toEqual([]);
});

test.each(['manual', 'dynamic'])('a %s segment tells of joining and leaving', async (type) => {
  await addUsers(t, [ADA]);
  await t.connect();
  const at = (ms: number) => ({ timestamp: new Date(Date.now() - 60_000 + ms).toISOString() });
  if (type === 'manual') {
    const slug = await manualSegment(t, 'Enterprise', [ADA]);
    await allTold(t);
    await leave(t, slug, ADA);
  } else {
    await t.planSegment('Enterprise', 'enterprise');
    await t.webhook(identify(ADA, { plan: 'enterprise' }, at(1)));
    await allTold(t);
    await t.webhook(identify(ADA, { plan: 'free' }, at(2)));
  }
  await allTold(t);
  expect(told(t.stub.accepted())).toEqual([`${ADA} enterprise=true`, `${ADA} enterprise=false`]);
});

test('a segment that is not synced sends nothing, and catches up when it is', async () => {
  await addUsers(t, [ADA, BOB]);
  await t.connect();
  const vip = await manualSegment(t, 'VIP', [ADA], { sync: false });
  expect(await afterSentinel(t)).toEqual([]);
  expect(await outbound(t)).toMatchObject({ pending: 0, status: 'idle' });
  await t.api('PATCH', `/api/v1/segments/${vip}`, { sync: true });
  await allTold(t);
  await t.api('PATCH', `/api/v1/segments/${vip}`, { sync: false });
  await leave(t, vip, ADA);
  await join(t, vip, BOB);
  expect(told(await afterSentinel(t))).toEqual([`${ADA} vip=true`]);
  await t.api('PATCH', `/api/v1/segments/${vip}`, { sync: true });
  await allTold(t);
  expect(
    told(await afterSentinel(t))
      .slice(1)
      .sort(),
  ).toEqual([`${ADA} vip=false`, `${BOB} vip=true`]);
});

test('deleting a user sends nothing', async () => {
  await addUsers(t, [ADA, BOB]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  await t.connect();
  await allTold(t);
  await setOutbound(t, { enabled: false });
  await join(t, vip, BOB);
  for (const email of [ADA, BOB]) {
    expect((await t.api('DELETE', `/api/v1/users/${await userId(t, email)}`)).status).toBe(204);
  }
  await setOutbound(t, { enabled: true });
  expect(told(await afterSentinel(t))).toEqual([`${ADA} vip=true`]);
});

test('our own events, back through the webhook, change nothing and send nothing', async () => {
  await addUsers(t, [ADA, BOB], { userId: undefined });
  const vip = await manualSegment(t, 'VIP', [ADA, BOB]);
  await t.connect();
  await allTold(t);
  await leave(t, vip, BOB);
  const sent = await afterSentinel(t);
  const before = (await t.api('GET', '/api/v1/users?search=example')).body;
  const echoes = [
    ...sent.map((event) => ({ ...event, traits: { ...event.traits, email: event.userId } })),
    // Whatever stands between may rewrite one of the two marks.
    ...sent.map(({ messageId: _, ...event }) => ({ ...event, traits: { vip: false, email: event.userId } })),
    ...sent.map(({ context: _, ...event }) => ({ ...event, traits: { vip: false, email: event.userId } })),
  ];
  expect((await t.webhook(echoes)).body.results).toEqual({ echo: echoes.length });
  expect((await t.webhook(echoes[0])).body.reason).toBe('echo');
  expect((await t.api('GET', '/api/v1/users?search=example')).body).toEqual(before);
  expect(await afterSentinel(t)).toEqual(sent);
});

test('while a call is under way the state says so, and what changes meanwhile is sent after it', async () => {
  await addUsers(t, [ADA]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  const answer = Promise.withResolvers<null>();
  t.stub.failWith(() => answer.promise);
  await t.connect();
  await outboundIs(t, { status: 'syncing' });
  await leave(t, vip, ADA);
  expect((await outbound(t)).pending).toBe(1);
  answer.resolve(null);
  await allTold(t);
  expect(told(t.stub.accepted())).toEqual([`${ADA} vip=true`, `${ADA} vip=false`]);
});

test('a stop while a call is under way is quick and loses nothing', async () => {
  const crowd = await addCrowd(t, 5);
  await manualSegment(t, 'VIP', crowd);
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<null>();
  t.stub.failWith(() => {
    arrived.resolve();
    return answer.promise;
  });
  await t.connect();
  await arrived.promise;
  const began = performance.now();
  const restarted = t.restart();
  await restarted;
  expect(performance.now() - began).toBeLessThan(5000);
  // Only now does the first call come through, and its answer finds nobody.
  answer.resolve(null);
  await allTold(t);
  const ids = t.stub.accepted().map(({ messageId }) => messageId);
  expect(ids.length).toBeGreaterThanOrEqual(5);
  expect(new Set(ids).size).toBe(5);
  expect([...t.stub.profiles().values()]).toEqual(crowd.map(() => ({ vip: true })));
});

test('switching outbound off during a call keeps what Segment took and sends no more', async () => {
  await addUsers(t, [ADA, BOB]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  const answer = Promise.withResolvers<null>();
  t.stub.failWith(() => answer.promise);
  await t.connect();
  await outboundIs(t, { status: 'syncing' });
  await setOutbound(t, { enabled: false });
  await join(t, vip, BOB);
  answer.resolve(null);
  await outboundIs(t, { pending: 1 });
  expect(await outbound(t)).toMatchObject({ status: 'off', lastError: null });
  expect(told(t.stub.accepted())).toEqual([`${ADA} vip=true`]);
  await setOutbound(t, { enabled: true });
  await allTold(t);
  expect(told(t.stub.accepted())).toEqual([`${ADA} vip=true`, `${BOB} vip=true`]);
});

test('outbound can not be enabled without a write key, and removing the key stops it', async () => {
  const refused = await t.api('PATCH', SETTINGS, { outbound: { enabled: true } });
  expect(refused).toMatchObject({ status: 422, body: { error: { code: 'write_key_missing' } } });
  await t.connect();
  await setOutbound(t, { enabled: false, writeKey: null });
  await addUsers(t, [ADA]);
  await manualSegment(t, 'VIP', [ADA]);
  expect(await outbound(t)).toMatchObject({ status: 'off', pending: 1 });
  await setOutbound(t, { enabled: true, writeKey: WRITE_KEY });
  expect(told(await afterSentinel(t))).toEqual([`${ADA} vip=true`]);
});
