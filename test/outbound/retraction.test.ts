import { afterEach, beforeEach, expect, test } from 'bun:test';
import { identify, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import {
  addCrowd,
  addUsers,
  afterSentinel,
  allTold,
  join,
  leave,
  manualSegment,
  outbound,
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
const CYD = 'cyd@example.com';
const connect = () => setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: null });
const remove = (slug: string) => t.api('DELETE', `/api/v1/segments/${slug}`);
const rekey = (slug: string, traitKey: string) => t.api('PATCH', `/api/v1/segments/${slug}`, { traitKey });

/** More members than the background work does at once, so that it can be caught in the middle. */
const MANY = 700;

const ENDS: [name: string, end: (slug: string) => Promise<unknown>, then: Record<string, boolean>][] = [
  ['a deleted segment', remove, { vip: false }],
  ['a changed trait key', (slug) => rekey(slug, 'gold'), { vip: false, gold: true }],
];
const MEANWHILE: [name: string, act: () => Promise<unknown>][] = [
  ['nothing happens', async () => {}],
  ['a restart in the middle', () => t.restart()],
  ['two restarts in the middle', () => t.restart().then(() => t.restart())],
];
for (const [name, end, then] of ENDS) {
  test.each(MEANWHILE)(`${name} is retracted for everyone; meanwhile %s`, async (_meanwhile, act) => {
    const crowd = await addCrowd(t, MANY);
    const vip = await manualSegment(t, 'VIP', crowd);
    await connect();
    await allTold(t);
    await end(vip);
    await act();
    await allTold(t);
    expect([...t.stub.profiles().values()]).toEqual(crowd.map(() => then));
    // What was true is taken back before anything new is said. A call that a stop cut off is made again with the same
    // messageId, by which Segment knows it.
    const events = new Map(
      t.stub
        .accepted()
        .slice(MANY)
        .filter(({ userId }) => userId === crowd[MANY - 1])
        .map((event) => [event.messageId, event]),
    );
    expect(told([...events.values()])).toEqual(
      Object.entries(then).map(([key, value]) => `${crowd[MANY - 1]} ${key}=${value}`),
    );
  });

  test(`${name} while outbound is off is retracted when it is on`, async () => {
    const [ada, bob] = await addUsers(t, [ADA, BOB]);
    const vip = await manualSegment(t, 'VIP', [ADA]);
    await connect();
    await allTold(t);
    await setOutbound(t, { enabled: false });
    await join(t, vip, BOB);
    await end(vip);
    await t.settled();
    await t.restart();
    expect(told(t.stub.accepted())).toEqual([`${ada} vip=true`]);
    await setOutbound(t, { enabled: true });
    await allTold(t);
    expect(t.stub.profiles().get(ADA)).toEqual(then);
    const { vip: _never, ...rest } = then;
    expect(t.stub.profiles().get(bob as string) ?? {}).toEqual(rest);
  });

  test(`${name} whose call is under way is retracted too`, async () => {
    await addUsers(t, [ADA]);
    const vip = await manualSegment(t, 'VIP', [ADA]);
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<null>();
    t.stub.failWith(() => {
      arrived.resolve();
      return answer.promise;
    });
    await connect();
    await arrived.promise;
    await end(vip);
    await t.settled();
    answer.resolve(null);
    await allTold(t);
    expect(t.stub.profiles().get(ADA)).toEqual(then);
  });
}

test('what was never told is never retracted', async () => {
  await addUsers(t, [ADA, BOB]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  const beta = await manualSegment(t, 'Beta', [BOB]);
  await remove(vip);
  await rekey(beta, 'gold');
  await t.settled();
  await connect();
  expect(told(await afterSentinel(t))).toEqual([`${BOB} gold=true`]);
});

test('who had left before the end of the segment is not told twice', async () => {
  await addUsers(t, [ADA, BOB]);
  const vip = await manualSegment(t, 'VIP', [ADA, BOB]);
  await connect();
  await allTold(t);
  await leave(t, vip, ADA);
  await allTold(t);
  await remove(vip);
  await allTold(t);
  expect(told(await afterSentinel(t)).slice(2)).toEqual([`${ADA} vip=false`, `${BOB} vip=false`]);
});

test('a trait key changed twice in a row, and back again, ends as it is', async () => {
  const crowd = await addCrowd(t, MANY);
  const vip = await manualSegment(t, 'VIP', crowd);
  await connect();
  await allTold(t);
  for (const key of ['gold', 'silver', 'vip']) expect((await rekey(vip, key)).status).toBe(200);
  await allTold(t);
  const [last = ''] = crowd.slice(-1);
  expect(t.stub.profiles().get(last)?.vip).toBe(true);
  await rekey(vip, 'gold');
  await allTold(t);
  for (const profile of t.stub.profiles().values()) {
    expect(profile).toMatchObject({ vip: false, gold: true });
    expect(profile.silver ?? false).toBe(false);
  }
});

test('a new segment with the trait of a deleted one: members stay true, everyone else becomes false', async () => {
  await addUsers(t, [ADA, BOB]);
  const old = await manualSegment(t, 'VIP', [ADA, BOB]);
  await connect();
  await allTold(t);
  await setOutbound(t, { enabled: false });
  await remove(old);
  await manualSegment(t, 'VIP', [ADA]);
  await setOutbound(t, { enabled: true });
  await allTold(t);
  expect(Object.fromEntries(t.stub.profiles())).toEqual({ [ADA]: { vip: true }, [BOB]: { vip: false } });
  expect(told(t.stub.accepted())).not.toContain(`${ADA} vip=false`);
});

test('a new segment with the trait of a deleted one does not speak for it while it is not synced', async () => {
  await addUsers(t, [ADA]);
  const old = await manualSegment(t, 'VIP', [ADA]);
  await connect();
  await allTold(t);
  await setOutbound(t, { enabled: false });
  await remove(old);
  await t.settled();
  const vip = await manualSegment(t, 'VIP', [ADA], { sync: false });
  await setOutbound(t, { enabled: true });
  await allTold(t);
  expect(t.stub.profiles().get(ADA)).toEqual({ vip: false });
  await t.api('PATCH', `/api/v1/segments/${vip}`, { sync: true });
  await allTold(t);
  expect(t.stub.profiles().get(ADA)).toEqual({ vip: true });
});

test('a changed email: the old id is told false and the new one everything', async () => {
  await addUsers(t, [ADA]);
  for (const name of ['VIP', 'Beta']) await manualSegment(t, name, [ADA]);
  await connect();
  await allTold(t);
  await t.api('PATCH', `/api/v1/users/${await userId(t, ADA)}`, { email: BOB });
  await allTold(t);
  expect(Object.fromEntries(t.stub.profiles())).toEqual({
    [ADA]: { vip: false, beta: false },
    [BOB]: { vip: true, beta: true },
  });
  expect(t.stub.accepted().map(({ userId }) => userId)).toEqual([ADA, ADA, BOB]);
});

test('an email that is changed and changed back before anything is sent says nothing false', async () => {
  await addUsers(t, [ADA]);
  await manualSegment(t, 'VIP', [ADA]);
  await connect();
  await allTold(t);
  await setOutbound(t, { enabled: false });
  const id = await userId(t, ADA);
  for (const email of [BOB, ADA]) await t.api('PATCH', `/api/v1/users/${id}`, { email });
  await setOutbound(t, { enabled: true });
  const sent = told(await afterSentinel(t));
  expect(new Set(sent)).toEqual(new Set([`${ADA} vip=true`]));
});

test('an email taken over by another user says what is true of that one', async () => {
  await addUsers(t, [ADA, BOB]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  await connect();
  await allTold(t);
  const [ada, bob] = [await userId(t, ADA), await userId(t, BOB)];
  await t.api('PATCH', `/api/v1/users/${ada}`, { email: CYD });
  await t.api('PATCH', `/api/v1/users/${bob}`, { email: ADA });
  await allTold(t);
  expect(Object.fromEntries(t.stub.profiles())).toEqual({ [ADA]: { vip: false }, [CYD]: { vip: true } });
  await join(t, vip, ADA);
  await leave(t, vip, CYD);
  await allTold(t);
  expect(Object.fromEntries(t.stub.profiles())).toEqual({ [ADA]: { vip: true }, [CYD]: { vip: false } });
});

test('a retraction refused for good is parked and can be retried', async () => {
  await addUsers(t, [ADA]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  await connect();
  await allTold(t);
  t.stub.failWith(() => ({ status: 400 }));
  await remove(vip);
  await allTold(t);
  expect(await outbound(t)).toMatchObject({ parked: 1, pending: 0 });
  t.stub.failWith(() => null);
  await t.api('POST', '/api/v1/settings/integrations/segment/retry-parked');
  await allTold(t);
  expect(t.stub.profiles().get(ADA)).toEqual({ vip: false });
});

test('what is told next carries a later time than the retraction', async () => {
  await addUsers(t, [ADA]);
  const vip = await manualSegment(t, 'VIP', [ADA]);
  await connect();
  await allTold(t);
  for (const traitKey of ['other', 'vip']) {
    await t.api('PATCH', `/api/v1/segments/${vip}`, { traitKey });
    await allTold(t);
  }
  const events = t.stub.accepted().filter(({ traits }) => 'vip' in traits);
  expect(events.map(({ traits }) => traits.vip)).toEqual([true, false, true]);
  const [, taken, told] = events.map(({ timestamp }) => Date.parse(timestamp)) as [number, number, number];
  expect(told).toBeGreaterThanOrEqual(taken);
});

test('who is deleted is not spoken of once more, parked or waiting', async () => {
  await addUsers(t, [ADA, BOB]);
  await manualSegment(t, 'VIP', [ADA, BOB]);
  await connect();
  await allTold(t);
  const [ada, bob] = [await userId(t, ADA), await userId(t, BOB)];
  t.stub.failWith(() => ({ status: 400 }));
  await t.api('PATCH', `/api/v1/users/${ada}`, { email: CYD });
  await allTold(t);
  await setOutbound(t, { enabled: false });
  await t.api('PATCH', `/api/v1/users/${bob}`, { email: 'bob2@example.com' });
  for (const id of [ada, bob]) expect((await t.api('DELETE', `/api/v1/users/${id}`)).status).toBe(204);
  const before = t.stub.calls.length;
  t.stub.failWith(() => null);
  await setOutbound(t, { enabled: true });
  await t.api('POST', '/api/v1/settings/integrations/segment/retry-parked');
  expect(await outbound(t)).toMatchObject({ pending: 0, parked: 0 });
  await afterSentinel(t);
  const said = t.stub.calls.slice(before).flatMap(({ events }) => events.map((event) => event.userId));
  expect(said.filter((id) => !id.startsWith('sentinel-'))).toEqual([]);
});

test('an address somebody else has by now is taken back from, though who had it is deleted', async () => {
  await addUsers(t, [ADA, BOB]);
  await manualSegment(t, 'VIP', [ADA]);
  await connect();
  await allTold(t);
  await setOutbound(t, { enabled: false });
  const [ada, bob] = [await userId(t, ADA), await userId(t, BOB)];
  await t.api('PATCH', `/api/v1/users/${ada}`, { email: CYD });
  await t.api('PATCH', `/api/v1/users/${bob}`, { email: ADA });
  await t.api('DELETE', `/api/v1/users/${ada}`);
  await setOutbound(t, { enabled: true });
  await allTold(t);
  expect(t.stub.profiles().get(ADA)).toEqual({ vip: false });
});

const link = (email: string, id: string) => t.webhook(identify(email, {}, { userId: id }));

test('as external_id the linked id is used, and the email where there is none', async () => {
  await addUsers(t, [ADA, BOB]);
  await link(ADA, 'ext-1');
  await setOutbound(t, { userId: 'external_id' });
  const vip = await manualSegment(t, 'VIP', [ADA, BOB]);
  await connect();
  await allTold(t);
  expect(Object.fromEntries(t.stub.profiles())).toEqual({ 'ext-1': { vip: true }, [BOB]: { vip: true } });
  // A link that comes later is another id: the email loses the trait, and the new id has it.
  await link(BOB, 'ext-2');
  await allTold(t);
  expect(t.stub.profiles().get(BOB)).toEqual({ vip: false });
  expect(t.stub.profiles().get('ext-2')).toEqual({ vip: true });
  // Under the linked id, another email changes nothing.
  await t.api('PATCH', `/api/v1/users/${await userId(t, BOB)}`, { email: CYD });
  const sent = (await afterSentinel(t)).length;
  await leave(t, vip, CYD);
  await allTold(t);
  expect(told(t.stub.accepted().slice(-1))).toEqual(['ext-2 vip=false']);
  expect((await afterSentinel(t)).length).toBe(sent + 1);
});

test.each(MEANWHILE)(
  'switching the userId retracts the old ids and tells the new; meanwhile %s',
  async (_name, act) => {
    const crowd = await addCrowd(t, MANY);
    const linked = crowd.filter((_, i) => i % 2 === 0);
    await t.webhook(linked.map((email) => identify(email, {}, { userId: `ext-${email}` })));
    await manualSegment(t, 'VIP', crowd);
    await manualSegment(t, 'Beta', crowd.slice(0, 10));
    await connect();
    await allTold(t);
    await setOutbound(t, { userId: 'external_id' });
    await act();
    await allTold(t);
    const profiles = t.stub.profiles();
    for (const [i, email] of crowd.entries()) {
      const traits = i < 10 ? ['vip', 'beta'] : ['vip'];
      const all = (value: boolean) => Object.fromEntries(traits.map((key) => [key, value]));
      expect(profiles.get(email)).toEqual(all(i % 2 === 1));
      if (i % 2 === 0) expect(profiles.get(`ext-${email}`)).toEqual(all(true));
    }
    // Whoever keeps the same id never hears "false".
    const falses = told(t.stub.accepted()).filter((line) => line.endsWith('=false'));
    expect(falses.some((line) => line.startsWith(`${crowd[1]} `))).toBe(false);

    await setOutbound(t, { userId: 'email' });
    await allTold(t);
    for (const [id, profile] of profiles) {
      expect(new Set(Object.values(profile))).toEqual(new Set([!id.startsWith('ext-')]));
    }
  },
);

test('two users linked to one id: the older one leaves, and the id stays what the newer one is', async () => {
  await connect();
  await setOutbound(t, { userId: 'external_id' });
  await addUsers(t, [ADA], { userId: 'u-1', timestamp: '2026-01-01T00:00:00Z' });
  await addUsers(t, [BOB], { userId: 'u-1', timestamp: '2026-02-01T00:00:00Z' });
  const vip = await manualSegment(t, 'VIP', [ADA, BOB]);
  await allTold(t);
  await leave(t, vip, ADA);
  await allTold(t);
  expect((await afterSentinel(t)).map(({ traits }) => traits)).not.toContainEqual({ vip: false });
  expect(t.stub.profiles().get('u-1')).toEqual({ vip: true });
  await leave(t, vip, BOB);
  await allTold(t);
  expect(t.stub.profiles().get('u-1')).toEqual({ vip: false });
});
