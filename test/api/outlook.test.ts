import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { lookAhead } from '../../src/outbound/outlook.ts';
import { SETTINGS, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import { allTold } from '../outbound/sync.ts';
import { check, problem } from './scenario.ts';

let t: TestService;
beforeEach(async () => {
  t = await startTestService();
  await t.planSegment('Pro', 'pro');
  await t.planSegment('Also Pro', 'pro');
  for (const name of ['a', 'b', 'c']) {
    const body = { email: `${name}@example.com`, externalId: `id-${name}`, attributes: { plan: 'pro' } };
    await t.api('POST', '/api/v1/users/identify', body);
  }
});
afterEach(() => t.stop());

const outlook = async (change: string) =>
  (await t.api('GET', `${SETTINGS}/outlook?change=${change}`)).body.data;

describe('what a change would send', () => {
  test('is what is sent then', async () => {
    const before = await outlook('enable');
    expect(before).toEqual({
      updates: 6,
      retracted: 0,
      calls: 3,
      seconds: 1,
      segments: [
        { id: 'segment_1', slug: 'pro', name: 'Pro', updates: 3 },
        { id: 'segment_2', slug: 'also-pro', name: 'Also Pro', updates: 3 },
      ],
      complete: true,
      changing: false,
    });
    await t.connect();
    await allTold(t);
    const events = t.stub.accepted();
    expect(events).toHaveLength(before.calls);
    expect(events.flatMap(({ traits }) => Object.keys(traits))).toHaveLength(before.updates);
    expect(await outlook('enable')).toMatchObject({ updates: 0, calls: 0, seconds: 0, segments: [] });
    expect(await outlook('resend')).toMatchObject({ updates: 6, calls: 3 });
  });

  test('of another way to identify people, too', async () => {
    await t.connect();
    await allTold(t);
    const before = await outlook('user_id');
    expect(before).toMatchObject({ updates: 12, retracted: 6, calls: 6 });
    const told = t.stub.accepted().length;
    await t.api('PATCH', SETTINGS, { outbound: { userId: 'external_id' } });
    await t.stub.waitFor((stub) => stub.profiles().get('id-c')?.also_pro === true);
    const events = t.stub.accepted().slice(told);
    // One segment may be through with its retractions before the other, and then speaks on its own.
    expect(events.length).toBeGreaterThanOrEqual(before.calls);
    const values = events.flatMap(({ traits }) => Object.values(traits));
    expect(values.filter((value) => value === false)).toHaveLength(before.retracted);
    expect(values).toHaveLength(before.updates);
  });

  test.each([
    [1, 3],
    [2, 2],
    [null, null],
  ])('at %j a second takes %j seconds', async (eventsPerSecond, seconds) => {
    await t.api('PATCH', SETTINGS, { outbound: { eventsPerSecond } });
    expect((await outlook('enable')).seconds).toBe(seconds);
  });

  test('leaves out segments that are not synced', async () => {
    await t.api('PATCH', '/api/v1/segments/pro', { sync: false });
    expect(await outlook('enable')).toMatchObject({ updates: 3, segments: [{ slug: 'also-pro' }] });
  });

  test.each([
    ['', 'is missing; it '],
    ['change=', ''],
    ['change=everything', ''],
  ])('with ?%s is refused', async (query, why) => {
    const words = `${why}must be one of enable, resend, user_id`;
    const answer = await t.api('GET', `${SETTINGS}/outlook?${query}`);
    check(answer, { status: 422, body: problem('query.change', words) });
  });

  test('is estimated where counting takes too long', async () => {
    let elapsed = 0;
    const settings = () => ({ outbound: { eventsPerSecond: 1000 } }) as never;
    const deps = { store: t.service.store, settings, elapsed: () => elapsed++ * 1500 };
    expect(await lookAhead(deps, 'pending', 1)).toMatchObject({ complete: false, updates: 6, calls: 3 });
  });
});

describe('resending everything', () => {
  test('tells all members of synced segments again', async () => {
    await t.connect();
    await allTold(t);
    await t.api('PATCH', '/api/v1/segments/also-pro', { sync: false });
    const told = t.stub.accepted().length;
    const answer = await t.api('POST', '/api/v1/segments/resync');
    expect(answer.body).toEqual({ data: { queued: 1 } });
    await t.stub.waitFor((stub) => stub.accepted().length === told + 3);
    const again = t.stub.accepted().slice(told);
    expect(again.map(({ traits }) => traits)).toEqual([{ pro: true }, { pro: true }, { pro: true }]);
    expect(
      t.stub.calls.every(({ authorization }) => authorization === `Basic ${btoa(`${WRITE_KEY}:`)}`),
    ).toBe(true);
  });
});
