import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { identify, turnOfTheLoop } from '../helpers/service.ts';
import { startWorkplace } from '../transfer/command.ts';
import { done, event, person, startTimed, type Timed } from './people.ts';
import { recount } from './recount.ts';

let s: Timed;
beforeEach(async () => {
  s = await startTimed();
});
afterEach(() => s.t.stop());

interface Attribute {
  path: string;
  users: number;
  types: Record<string, number>;
  firstSeenAt: string;
  lastSeenAt: string;
  values: { value: unknown; users: number }[];
  valuesCapped: boolean;
}
const observed = (): Promise<Attribute[]> => done(s.t, 'GET', '/api/v1/attributes');
const found = async (path: string) => (await observed()).find((one) => one.path === path);
const upload = (lines: object[]) =>
  s.t.api('POST', '/api/v1/users/import', lines.map((one) => JSON.stringify(one)).join('\n'), {
    'content-type': 'application/x-ndjson',
  });

test('nothing has been seen yet', async () => {
  await person(s.t, 'ada@x.io');
  expect(await observed()).toEqual([]);
});

test('every path with its users, types and values, the most common first', async () => {
  await person(s.t, 'ada@x.io', {
    plan: 'pro',
    seats: 5,
    company: { plan: 'gold', address: { city: 'Köln' } },
  });
  await person(s.t, 'bob@x.io', { plan: 'pro', seats: '5', tags: ['a', 'b', 'a', 1], since: '2026-01-31' });
  await person(s.t, 'eve@x.io', { plan: 'free', tags: [], beta: true, nothing: null });
  const at = new Date(s.clock.now()).toISOString();
  const row = (
    path: string,
    users: number,
    types: Record<string, number>,
    values: [unknown, number][],
  ): Attribute => ({
    path,
    users,
    types,
    firstSeenAt: at,
    lastSeenAt: at,
    values: values.map(([value, users]) => ({ value, users })),
    valuesCapped: false,
  });
  expect(await observed()).toEqual([
    row('plan', 3, { text: 3 }, [
      ['pro', 2],
      ['free', 1],
    ]),
    row('seats', 2, { number: 1, text: 1 }, [
      ['5', 1],
      [5, 1],
    ]),
    row('tags', 2, { list: 2 }, [
      ['a', 1],
      ['b', 1],
      [1, 1],
    ]),
    row('beta', 1, { boolean: 1 }, [[true, 1]]),
    row('company', 1, { object: 1 }, []),
    row('company.address', 1, { object: 1 }, []),
    row('company.address.city', 1, { text: 1 }, [['Köln', 1]]),
    row('company.plan', 1, { text: 1 }, [['gold', 1]]),
    row('since', 1, { date: 1 }, [['2026-01-31', 1]]),
  ]);
});

test('edits, unsets and deletions are taken back', async () => {
  const ada = await person(s.t, 'ada@x.io', { plan: 'pro', company: { plan: 'gold' } });
  await person(s.t, 'bob@x.io', { plan: 'pro' });
  await done(s.t, 'PATCH', `/api/v1/users/${ada}`, { attributes: { plan: 7, company: null } });
  expect(await found('plan')).toMatchObject({
    users: 2,
    types: { number: 1, text: 1 },
    values: [
      { value: 'pro', users: 1 },
      { value: 7, users: 1 },
    ],
  });
  expect((await observed()).map(({ path }) => path)).toEqual(['plan']);
  await done(s.t, 'DELETE', `/api/v1/users/${ada}`);
  expect(await found('plan')).toMatchObject({
    users: 1,
    types: { text: 1 },
    values: [{ value: 'pro', users: 1 }],
  });
});

test('when it was first and last seen, the latter to the minute', async () => {
  const start = s.clock.now();
  const iso = (after: number) => new Date(start + after).toISOString();
  await person(s.t, 'ada@x.io', { plan: 'a' });
  s.clock.advance(59_000);
  await event(s, 'ada@x.io', { plan: 'b' });
  expect(await found('plan')).toMatchObject({ firstSeenAt: iso(0), lastSeenAt: iso(0) });
  s.clock.advance(2_000);
  await event(s, 'ada@x.io', { plan: 'c' });
  expect(await found('plan')).toMatchObject({ firstSeenAt: iso(0), lastSeenAt: iso(61_000) });
  s.clock.advance(3_600_000);
  await event(s, 'ada@x.io', { plan: null });
  s.clock.advance(3_600_000);
  await event(s, 'ada@x.io', { plan: 'd' });
  expect(await found('plan')).toMatchObject({ firstSeenAt: iso(0), lastSeenAt: iso(7_261_000) });
});

describe('bounds', () => {
  test('long texts, deep objects and long keys are not offered', async () => {
    await person(s.t, 'ada@x.io', {
      long: 'x'.repeat(101),
      short: 'x'.repeat(100),
      a: { b: { c: { d: 1 } } },
      ['k'.repeat(257)]: 1,
      ['k'.repeat(256)]: 1,
    });
    expect(
      (await observed()).map(({ path, values }) => [path.length > 20 ? path.length : path, values.length]),
    ).toEqual([
      ['a', 0],
      ['a.b', 0],
      ['a.b.c', 0],
      [256, 1],
      ['long', 0],
      ['short', 1],
    ]);
  });

  test('the 20 most common values are shown, up to 500 are counted, and more are told of', async () => {
    const users = Array.from({ length: 600 }, (_, i) => ({
      email: `u${i}@x.io`,
      attributes: { id: i, bucket: i < 100 ? i % 25 : 0 },
    }));
    await upload(users);
    const id = await found('id');
    expect(id).toMatchObject({ users: 600, types: { number: 600 }, valuesCapped: true });
    expect(id?.values).toHaveLength(20);
    const bucket = await found('bucket');
    expect(bucket).toMatchObject({ users: 600, valuesCapped: false });
    expect(bucket?.values).toHaveLength(20);
    expect(bucket?.values[0]).toEqual({ value: 0, users: 504 });
    // What was never counted is not taken back either.
    await upload(users.map(({ email }) => ({ email, attributes: { id: null } })));
    expect(await found('id')).toBe(undefined);
  });

  test('of keys without end the first 5,000 are kept, and users are stored all the same', async () => {
    const crowd = Array.from({ length: 6 }, (_, u) => ({
      email: `u${u}@x.io`,
      attributes: Object.fromEntries(Array.from({ length: 999 }, (_, k) => [`key_${u}_${k}`, 1])),
    }));
    expect((await upload(crowd)).body.data).toMatchObject({ created: 6 });
    expect(await observed()).toHaveLength(5000);
    await s.t.restart();
    await upload(crowd.map(({ email }) => ({ email, attributes: { key_0_0: 2 } })));
    expect(await found('key_0_0')).toMatchObject({ users: 6, values: [{ value: 2, users: 6 }] });
    expect(await observed()).toHaveLength(5000);
  });
});

test('a restart keeps them', async () => {
  await person(s.t, 'ada@x.io', { plan: 'pro', '\0': '\0', '': ' ', "o'k": '"' });
  const before = await observed();
  await s.t.restart();
  expect(await observed()).toEqual(before);
  await event(s, 'ada@x.io', { plan: null, '\0': null, '': null, "o'k": null });
  expect(await observed()).toEqual([]);
});

test('a second process that imports at the same time counts along', async () => {
  const place = await startWorkplace();
  try {
    await upload(
      Array.from({ length: 50 }, (_, i) => ({ email: `u${i}@x.io`, attributes: { plan: 'a', n: i % 3 } })),
    );
    // Both change the same users, and some of their own.
    const rows = Array.from(
      { length: 4000 },
      (_, i) => `u${i % 2000}@x.io,${i % 7 === 0 ? 'a' : 'b'},${i % 3}\n`,
    );
    const file = await place.write('users.csv', `email,plan,m\n${rows.join('')}`);
    let running = true;
    const imported = place.run(['users', 'import', file], { dataDir: s.t.dataDir }).finally(() => {
      running = false;
    });
    for (let i = 0; running; i++) {
      const attributes = { plan: i % 2 === 0 ? 'c' : null, n: i % 5 };
      const { status } = await s.t.webhook(
        identify(`u${i % 50}@x.io`, attributes, { timestamp: new Date(s.clock.now() + i).toISOString() }),
      );
      expect(status).toBe(200);
      await turnOfTheLoop();
    }
    expect(await imported).toMatchObject({ code: 0, stderr: '' });
    const lines = (await s.t.api('GET', '/api/v1/users/export?format=csv')).body.trim().split('\r\n');
    expect(lines).toHaveLength(2001);
    const everybody = [];
    for (let cursor = ''; ; ) {
      const { body } = await s.t.api('GET', `/api/v1/users?limit=200${cursor}`);
      for (const { attributes } of body.data) everybody.push(attributes);
      if (!body.meta.pagination.hasMore) break;
      cursor = `&cursor=${body.meta.pagination.cursor}`;
    }
    for (const { values, ...expected } of recount(everybody)) {
      const attribute = await found(expected.path);
      expect(attribute).toMatchObject(expected);
      expect(attribute?.values).toHaveLength(values.length);
      expect(attribute?.values).toEqual(expect.arrayContaining(values));
    }
  } finally {
    await place.remove();
  }
});
