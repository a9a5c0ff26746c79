import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { SETTINGS } from '../helpers/service.ts';
import { allTold } from '../outbound/sync.ts';
import { type Gate, holdJobs } from './gate.ts';
import { all, done, dynamic, event, is, person, SEGMENTS, startTimed, type Timed } from './people.ts';

let s: Timed;
let gate: Gate | null;
beforeEach(async () => {
  gate = null;
  s = await startTimed();
  await s.t.connect();
  // Time stands still, and with it the rate.
  await done(s.t, 'PATCH', SETTINGS, { outbound: { eventsPerSecond: null } });
});
afterEach(async () => {
  gate?.open();
  await s.t.stop();
});

const isPro = all(is('attributes.plan', 'eq', 'pro'));
const profiles = () => Object.fromEntries(s.t.stub.profiles());
/** What Segment was told since it was last asked. */
let heard = 0;
beforeEach(() => {
  heard = 0;
});
async function news() {
  await allTold(s.t);
  const events = s.t.stub.accepted().slice(heard);
  heard += events.length;
  return events;
}
const lines = async () =>
  (await news()).map(({ userId, traits }) => `${userId} ${JSON.stringify(traits)}`).sort();
const hold = () => {
  gate = holdJobs(s.t);
  return gate;
};

describe('resync', () => {
  beforeEach(async () => {
    await person(s.t, 'ada@x.io', { plan: 'pro' });
    await person(s.t, 'bob@x.io', { plan: 'pro' });
    await person(s.t, 'eve@x.io', { plan: 'free' });
    await dynamic(s.t, 'Pro', isPro);
    await dynamic(s.t, 'Everybody', all(is('email', 'is_set')));
  });

  test('tells every member again, as another message, and nobody else', async () => {
    const first = await news();
    expect(await done(s.t, 'POST', `${SEGMENTS}/pro/resync`)).toEqual({ queued: 1 });
    const again = await news();
    expect(again.map(({ userId, traits }) => [userId, traits])).toEqual([
      ['ada@x.io', { pro: true }],
      ['bob@x.io', { pro: true }],
    ]);
    await done(s.t, 'POST', `${SEGMENTS}/pro/resync`);
    const third = await news();
    expect(third).toHaveLength(2);
    const ids = [...first, ...again, ...third].map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('brings back what Segment has lost', async () => {
    await news();
    s.t.stub.profiles().clear();
    await done(s.t, 'POST', `${SEGMENTS}/pro/resync`);
    await news();
    expect(profiles()).toEqual({ 'ada@x.io': { pro: true }, 'bob@x.io': { pro: true } });
  });

  test('shows its progress', async () => {
    await allTold(s.t);
    const { chunk } = hold();
    await done(s.t, 'POST', `${SEGMENTS}/pro/resync`);
    expect((await done(s.t, 'GET', `${SEGMENTS}/pro`)).resyncing).toEqual({ done: 0, total: 3 });
    await chunk();
    expect((await done(s.t, 'GET', `${SEGMENTS}/pro`)).resyncing).toBe(null);
  });

  test('of a segment that is not there', async () => {
    expect((await s.t.api('POST', `${SEGMENTS}/nowhere/resync`)).status).toBe(404);
  });
});

describe('the sync switch', () => {
  const sync = (on: boolean) => done(s.t, 'PATCH', `${SEGMENTS}/pro`, { sync: on });
  const setPlan = (email: string, plan: string) => {
    s.clock.advance(1);
    return event(s, email, { plan });
  };
  beforeEach(async () => {
    for (const name of ['ada', 'bob']) await person(s.t, `${name}@x.io`, { plan: 'free' });
    await dynamic(s.t, 'Loud', all(is('attributes.plan', 'eq', 'pro')));
  });

  test('off from the beginning tells nothing, and on tells everything', async () => {
    await dynamic(s.t, 'Pro', isPro, { sync: false });
    await setPlan('ada@x.io', 'pro');
    expect(await lines()).toEqual(['ada@x.io {"loud":true}']);
    await sync(true);
    expect(await lines()).toEqual(['ada@x.io {"pro":true}']);
  });

  test('switched off and on again tells the level of now, and nothing of the way', async () => {
    await dynamic(s.t, 'Pro', isPro);
    await setPlan('ada@x.io', 'pro');
    expect(await lines()).toEqual(['ada@x.io {"loud":true,"pro":true}']);
    await sync(false);
    await setPlan('ada@x.io', 'free');
    await setPlan('bob@x.io', 'pro');
    await setPlan('ada@x.io', 'pro');
    await news();
    await setPlan('bob@x.io', 'free');
    await setPlan('ada@x.io', 'free');
    await news();
    expect(profiles()).toEqual({ 'ada@x.io': { loud: false, pro: true }, 'bob@x.io': { loud: false } });
    await sync(true);
    expect(await lines()).toEqual(['ada@x.io {"pro":false}']);
  });

  test('a resync while it is off is told once it is on', async () => {
    await dynamic(s.t, 'Pro', isPro);
    await setPlan('ada@x.io', 'pro');
    await news();
    await sync(false);
    await done(s.t, 'POST', `${SEGMENTS}/pro/resync`);
    expect(await lines()).toEqual([]);
    await sync(true);
    expect(await lines()).toEqual(['ada@x.io {"pro":true}']);
  });
});

describe('another id for the same user', () => {
  beforeEach(async () => {
    await dynamic(s.t, 'Pro', isPro);
    await dynamic(s.t, 'Everybody', all(is('email', 'is_set')));
  });

  test('a new email: the old one is taken back, the new one told everything', async () => {
    const ada = await person(s.t, 'ada@x.io', { plan: 'pro' });
    await news();
    await done(s.t, 'PATCH', `/api/v1/users/${ada}`, { email: 'ada@y.io' });
    await news();
    expect(profiles()).toEqual({
      'ada@x.io': { everybody: false, pro: false },
      'ada@y.io': { everybody: true, pro: true },
    });
  });

  test('a userId that Segment links: the email is taken back, the userId told everything', async () => {
    await done(s.t, 'PATCH', SETTINGS, { outbound: { userId: 'external_id' } });
    await person(s.t, 'ada@x.io', { plan: 'pro' });
    await news();
    await s.t.webhook({
      type: 'identify',
      userId: 'u-1',
      timestamp: new Date(s.clock.now()).toISOString(),
      traits: { email: 'ada@x.io', plan: 'pro' },
    });
    await news();
    expect(profiles()).toEqual({
      'ada@x.io': { everybody: false, pro: false },
      'u-1': { everybody: true, pro: true },
    });
  });

  test('an import that links it does the same', async () => {
    await done(s.t, 'PATCH', SETTINGS, { outbound: { userId: 'external_id' } });
    await person(s.t, 'ada@x.io', { plan: 'pro' });
    await news();
    const file = 'email,user_id\nada@x.io,u-1\n';
    await s.t.api('POST', '/api/v1/users/import', file, { 'content-type': 'text/csv' });
    await news();
    expect(profiles()).toMatchObject({ 'ada@x.io': { pro: false }, 'u-1': { pro: true } });
  });

  test('what was never told is not taken back', async () => {
    await done(s.t, 'PATCH', SETTINGS, { outbound: { enabled: false } });
    const ada = await person(s.t, 'ada@x.io', { plan: 'pro' });
    await done(s.t, 'PATCH', `/api/v1/users/${ada}`, { email: 'ada@y.io' });
    await done(s.t, 'PATCH', SETTINGS, { outbound: { enabled: true } });
    await news();
    expect(profiles()).toEqual({ 'ada@y.io': { everybody: true, pro: true } });
  });
});

describe('a trait that goes', () => {
  const SIZE = 600;
  beforeEach(async () => {
    const rows = Array.from({ length: SIZE }, (_, i) => `u${i}@x.io,pro\n`).join('');
    await s.t.api('POST', '/api/v1/users/import', `email,plan\n${rows}`, { 'content-type': 'text/csv' });
    await dynamic(s.t, 'Pro', isPro);
    await news();
  });
  const everybody = (traits: Record<string, boolean>): Record<string, Record<string, unknown>> =>
    Object.fromEntries(Array.from({ length: SIZE }, (_, i) => [`u${i}@x.io`, traits]));
  /** Does a part of the work, and leaves the rest to the service after the next start. */
  async function interrupt({ chunk, halt }: Gate) {
    await chunk();
    halt();
    await s.t.restart();
  }

  test('another key: the old one is taken back from everybody before the new one is told', async () => {
    const held = hold();
    await done(s.t, 'PATCH', `${SEGMENTS}/pro`, { traitKey: 'is_pro' });
    expect((await done(s.t, 'GET', `${SEGMENTS}/pro`)).retracting).toEqual({ done: 0, total: SIZE });
    await interrupt(held);
    const keys = (await news()).map(({ traits }) => Object.keys(traits).join());
    expect(profiles()).toEqual(everybody({ pro: false, is_pro: true }));
    expect(keys.lastIndexOf('pro')).toBeLessThan(keys.indexOf('is_pro'));
    expect((await done(s.t, 'GET', `${SEGMENTS}/pro`)).retracting).toBe(null);
  });

  test('a deleted segment is taken back from everybody', async () => {
    const held = hold();
    await done(s.t, 'DELETE', `${SEGMENTS}/pro`);
    expect(await done(s.t, 'GET', SEGMENTS)).toEqual([]);
    await interrupt(held);
    await news();
    expect(profiles()).toEqual(everybody({ pro: false }));
  });

  test('a resync that was interrupted tells everybody', async () => {
    const held = hold();
    await done(s.t, 'POST', `${SEGMENTS}/pro/resync`);
    await interrupt(held);
    expect(await news()).toHaveLength(SIZE);
  });

  test('a deleted user is forgotten, and Segment told nothing', async () => {
    await done(s.t, 'DELETE', '/api/v1/users/user_1');
    expect(await lines()).toEqual([]);
    expect((await done(s.t, 'GET', `${SEGMENTS}/pro`)).memberCount).toBe(SIZE - 1);
    expect(profiles()).toEqual(everybody({ pro: true }));
  });
});
