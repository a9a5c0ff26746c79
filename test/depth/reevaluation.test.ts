import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { openDatabase } from '../helpers/database.ts';
import { identify } from '../helpers/service.ts';
import { type Gate, holdJobs } from './gate.ts';
import {
  all,
  done,
  dynamic,
  event,
  is,
  membersOf,
  person,
  SEGMENTS,
  startTimed,
  type Timed,
  until,
} from './people.ts';

let s: Timed;
let gate: Gate | null;
beforeEach(async () => {
  gate = null;
  s = await startTimed();
});
afterEach(async () => {
  gate?.open();
  await s.t.stop();
});

const planIs = (plan: string) => all(is('attributes.plan', 'eq', plan));
const crowd = (size: number, plan = (i: number): string => (i % 2 === 0 ? 'pro' : 'free')) =>
  s.t.api(
    'POST',
    '/api/v1/users/import',
    `email,plan\n${Array.from({ length: size }, (_, i) => `u${i}@x.io,${plan(i)}\n`).join('')}`,
    { 'content-type': 'text/csv' },
  );
const create = (name: string, rules: unknown) =>
  done(s.t, 'POST', SEGMENTS, { name, type: 'dynamic', rules });
const show = (slug: string) => done(s.t, 'GET', `${SEGMENTS}/${slug}`);
const hold = () => {
  gate = holdJobs(s.t);
  return gate;
};

describe('progress', () => {
  test('is shown chunk by chunk, with members as far as it is', async () => {
    await crowd(500);
    const { chunk } = hold();
    expect(await create('Pro', planIs('pro'))).toMatchObject({
      evaluating: { done: 0, total: 500 },
      memberCount: 0,
    });
    for (const [reached, memberCount] of [
      [200, 100],
      [400, 200],
    ]) {
      expect(await chunk()).toBe(true);
      expect(await show('pro')).toMatchObject({ evaluating: { done: reached, total: 500 }, memberCount });
      const [listed] = await done(s.t, 'GET', SEGMENTS);
      expect(listed.evaluating).toEqual({ done: reached, total: 500 });
    }
    expect(await chunk()).toBe(true);
    expect(await show('pro')).toMatchObject({ evaluating: null, memberCount: 250 });
  });

  test('never shows more done than there is, when users come meanwhile', async () => {
    await crowd(300);
    const { chunk } = hold();
    await create('Pro', planIs('pro'));
    await crowd(700);
    for (let chunks = 0; chunks < 3; chunks++) {
      await chunk();
      const { evaluating } = await show('pro');
      expect(evaluating.done).toBe(200 * (chunks + 1));
      expect(evaluating.total).toBeGreaterThanOrEqual(evaluating.done);
    }
    await chunk();
    expect(await show('pro')).toMatchObject({ evaluating: null, memberCount: 350 });
  });

  test('nothing to evaluate is over at once', async () => {
    await create('Pro', planIs('pro'));
    await until(async () => (await show('pro')).evaluating === null);
  });
});

describe('meanwhile', () => {
  test('every change of a user counts at once, before and behind the place it has reached', async () => {
    await crowd(600, () => 'free');
    const { chunk, open } = hold();
    await create('Pro', planIs('pro'));
    await chunk();
    await event(s, 'u0@x.io', { plan: 'pro' });
    await event(s, 'u599@x.io', { plan: 'pro' });
    await person(s.t, 'new@x.io', { plan: 'pro' });
    expect(await membersOf(s.t, 'pro')).toEqual(['u0@x.io', 'u599@x.io', 'new@x.io']);
    s.clock.advance(1);
    await event(s, 'u599@x.io', { plan: 'gold' });
    await done(s.t, 'DELETE', '/api/v1/users/user_1');
    open();
    await s.t.settled();
    expect(await membersOf(s.t, 'pro')).toEqual(['new@x.io']);
    expect((await show('pro')).memberCount).toBe(1);
  });

  test('webhooks are answered long before it is over', async () => {
    await crowd(20_000);
    const order: string[] = [];
    await create('Pro', planIs('pro'));
    const over = s.t.settled().then(() => order.push('evaluated'));
    for (let i = 0; i < 5; i++) {
      const { status } = await s.t.webhook(identify(`u${i}@x.io`, { seen: i }));
      expect(status).toBe(200);
      order.push('webhook');
    }
    await over;
    expect(order).toEqual([...Array(5).fill('webhook'), 'evaluated']);
    expect((await show('pro')).memberCount).toBe(10_000);
  });

  test('a deleted segment is evaluated no further', async () => {
    await crowd(600);
    const { chunk, open } = hold();
    await create('Pro', planIs('pro'));
    await chunk();
    await done(s.t, 'DELETE', `${SEGMENTS}/pro`);
    open();
    await s.t.settled();
    expect(await done(s.t, 'GET', SEGMENTS)).toEqual([]);
    expect(await done(s.t, 'GET', '/api/v1/users/user_1/segments')).toEqual([]);
  });
});

describe('a newer edit', () => {
  test('takes the place of the evaluation under way', async () => {
    await crowd(600);
    const { chunk, open } = hold();
    await create('Pro', planIs('pro'));
    await chunk();
    await chunk();
    const edited = await done(s.t, 'PATCH', `${SEGMENTS}/pro`, { rules: planIs('free') });
    expect(edited.evaluating).toEqual({ done: 0, total: 600 });
    expect((await s.t.service.store.listJobs()).length).toBe(1);
    open();
    await s.t.settled();
    const members = await membersOf(s.t, 'pro');
    expect(members.slice(0, 3)).toEqual(['u1@x.io', 'u3@x.io', 'u5@x.io']);
    expect((await show('pro')).memberCount).toBe(300);
  });

  test('many in a row end with the last one', async () => {
    await crowd(1000, (i) => `p${i % 10}`);
    await create('Pro', planIs('p0'));
    for (let i = 1; i < 10; i++) await done(s.t, 'PATCH', `${SEGMENTS}/pro`, { rules: planIs(`p${i}`) });
    await s.t.settled();
    expect(await membersOf(s.t, 'pro')).toEqual(Array.from({ length: 100 }, (_, i) => `u${i * 10 + 9}@x.io`));
  });

  test('a new name or description evaluates nothing', async () => {
    await crowd(10);
    await dynamic(s.t, 'Pro', planIs('pro'));
    const { evaluating } = await done(s.t, 'PATCH', `${SEGMENTS}/pro`, {
      name: 'Pros',
      description: 'x',
      rules: planIs('pro'),
    });
    expect(evaluating).toBe(null);
  });
});

describe('asked for', () => {
  /** Alters users behind the back of the service, as a restored backup or a tool may. */
  function tamper(plan: string) {
    const database = openDatabase(s.t.dataDir, { write: true });
    database.run('UPDATE users SET attributes = ?', [JSON.stringify({ plan })]);
    database.close();
  }
  beforeEach(async () => {
    await crowd(10);
    await dynamic(s.t, 'Pro', planIs('pro'));
    await dynamic(s.t, 'Gold', planIs('gold'));
    await done(s.t, 'POST', SEGMENTS, { name: 'VIP', type: 'manual' });
    tamper('gold');
  });

  test.each(['pro', 'segment_1'])('one segment: %s', async (id) => {
    expect(await done(s.t, 'POST', `${SEGMENTS}/${id}/evaluate`)).toEqual({ queued: 1 });
    await s.t.settled();
    expect([await membersOf(s.t, 'pro'), await membersOf(s.t, 'gold')]).toEqual([[], []]);
    expect((await show('pro')).memberCount).toBe(0);
  });

  test('all segments', async () => {
    expect(await done(s.t, 'POST', `${SEGMENTS}/evaluate`)).toEqual({ queued: 2 });
    await s.t.settled();
    expect((await membersOf(s.t, 'pro')).length).toBe(0);
    expect((await membersOf(s.t, 'gold')).length).toBe(10);
  });

  test.each([
    ['vip', 409, 'segment_is_manual'],
    ['nowhere', 404, 'not_found'],
  ])('not of %s', async (slug, status, code) => {
    const answer = await s.t.api('POST', `${SEGMENTS}/${slug}/evaluate`);
    expect({ status: answer.status, code: answer.body.error.code }).toEqual({ status, code });
  });

  test('without a dynamic segment there is nothing to do', async () => {
    for (const slug of ['pro', 'gold']) await done(s.t, 'DELETE', `${SEGMENTS}/${slug}`);
    expect(await done(s.t, 'POST', `${SEGMENTS}/evaluate`)).toEqual({ queued: 0 });
  });
});

test('Segment hears of new rules: who joins and who leaves', async () => {
  await s.t.connect();
  await crowd(4);
  await dynamic(s.t, 'Pro', planIs('pro'));
  await s.t.stub.waitFor(({ profiles }) => profiles().get('u2@x.io')?.pro === true);
  await done(s.t, 'PATCH', `${SEGMENTS}/pro`, { rules: planIs('free') });
  await s.t.stub.waitFor(
    ({ profiles }) => profiles().get('u3@x.io')?.pro === true && profiles().get('u2@x.io')?.pro === false,
  );
  expect(Object.fromEntries(s.t.stub.profiles())).toEqual({
    'u0@x.io': { pro: false },
    'u1@x.io': { pro: true },
    'u2@x.io': { pro: false },
    'u3@x.io': { pro: true },
  });
});
