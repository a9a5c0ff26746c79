import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  all,
  DAY,
  done,
  dynamic,
  event,
  HOUR,
  is,
  membersOf,
  person,
  SEGMENTS,
  startTimed,
  type Timed,
  until,
  withinASecond,
} from './people.ts';

let s: Timed;
beforeEach(async () => {
  s = await startTimed({ HISTORY_DAYS: '30' });
});
afterEach(() => s.t.stop());

interface Entry {
  userId: string;
  segmentId: string;
  change: 'joined' | 'left';
  at: string;
  cause: string;
}
const history = (of: string): Promise<Entry[]> => done(s.t, 'GET', `${of}/history`);
const short = (entries: Entry[]) => entries.map(({ change, cause }) => `${change} ${cause}`);
const upload = (type: string, body: string) =>
  s.t.api('POST', '/api/v1/users/import', body, { 'content-type': type });
const isPro = all(is('attributes.plan', 'eq', 'pro'));

describe('why a user joined or left', () => {
  test('every cause, the latest first', async () => {
    const ada = await person(s.t, 'ada@x.io', { plan: 'pro' });
    const { id } = await dynamic(s.t, 'Pro', isPro);
    const at: string[] = [];
    const now = () => at.unshift(new Date(s.clock.now()).toISOString());
    now();
    s.clock.advance(HOUR);
    await event(s, 'ada@x.io', { plan: 'free' });
    now();
    s.clock.advance(HOUR);
    await upload('text/csv', 'email,plan\nada@x.io,pro\n');
    now();
    s.clock.advance(HOUR);
    await done(s.t, 'PATCH', `/api/v1/users/${ada}`, { attributes: { plan: 'free' } });
    now();
    s.clock.advance(HOUR);
    await done(s.t, 'PATCH', `${SEGMENTS}/pro`, {
      rules: all(is('createdAt', 'within_last', { hours: 10 })),
    });
    await s.t.settled();
    now();
    s.clock.advance(6 * HOUR + 1);
    await withinASecond(s, async () => (await membersOf(s.t, 'pro')).length === 0);
    const entries = await history(`/api/v1/users/${ada}`);
    expect(short(entries)).toEqual([
      'left time',
      'joined edit',
      'left api',
      'joined import',
      'left event',
      'joined edit',
    ]);
    expect(entries.slice(1).map((entry) => entry.at)).toEqual(at);
    expect(Date.parse(entries[0]?.at as string)).toBeWithin(s.clock.now() - 1000, s.clock.now() + 1);
    for (const entry of entries) expect(entry).toMatchObject({ userId: ada, segmentId: id });
    expect(await history(`${SEGMENTS}/pro`)).toEqual(entries);
    expect(await history(`${SEGMENTS}/${id}`)).toEqual(entries);
  });

  test('by hand, once for each change and not for what is so already', async () => {
    const ada = await person(s.t, 'ada@x.io');
    await done(s.t, 'POST', SEGMENTS, { name: 'VIP', type: 'manual' });
    const members = `${SEGMENTS}/vip/members`;
    for (const method of ['POST', 'POST', 'DELETE', 'DELETE', 'POST']) {
      await done(s.t, method, members, { userIds: [ada] });
    }
    expect(short(await history(`/api/v1/users/${ada}`))).toEqual(['joined api', 'left api', 'joined api']);
  });

  test('a new user joins with the cause of the creation', async () => {
    await dynamic(s.t, 'Pro', isPro);
    await s.t.api('PATCH', '/api/v1/settings/integrations/segment', { inbound: { createUsers: true } });
    await person(s.t, 'api@x.io', { plan: 'pro' });
    await event(s, 'event@x.io', { plan: 'pro' });
    await upload('application/x-ndjson', '{"email":"import@x.io","attributes":{"plan":"pro"}}');
    expect(short(await history(`${SEGMENTS}/pro`))).toEqual(['joined import', 'joined event', 'joined api']);
  });

  test('segments that refer to it carry the same cause', async () => {
    const ada = await person(s.t, 'ada@x.io');
    await dynamic(s.t, 'Pro', isPro);
    await dynamic(s.t, 'Not pro', all(is('segment', 'neq', 'pro')));
    await event(s, 'ada@x.io', { plan: 'pro' });
    expect(short(await history(`/api/v1/users/${ada}`))).toEqual([
      'left event',
      'joined event',
      'joined edit',
    ]);
  });
});

describe('pages', () => {
  test('go on where the one before ended', async () => {
    const ada = await person(s.t, 'ada@x.io');
    const other = await person(s.t, 'bob@x.io');
    await done(s.t, 'POST', SEGMENTS, { name: 'VIP', type: 'manual' });
    for (let i = 0; i < 7; i++) {
      await done(s.t, i % 2 === 0 ? 'POST' : 'DELETE', `${SEGMENTS}/vip/members`, { userIds: [ada, other] });
      s.clock.advance(HOUR);
    }
    const whole = await history(`/api/v1/users/${ada}`);
    expect(whole).toHaveLength(7);
    expect(whole.map(({ at }) => at)).toEqual(
      whole
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    const pages: Entry[][] = [];
    for (let cursor: string | null = null; ; ) {
      const path: string = `/api/v1/users/${ada}/history?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`;
      const { body } = await s.t.api('GET', path);
      pages.push(body.data);
      cursor = body.meta.pagination.cursor;
      expect(body.meta.pagination.hasMore).toBe(cursor !== null);
      if (cursor === null) break;
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(whole);
    expect(await done(s.t, 'GET', `${SEGMENTS}/vip/history?limit=200`)).toHaveLength(14);
  });

  test('a page that is exactly full is the last one', async () => {
    const ada = await person(s.t, 'ada@x.io', { plan: 'pro' });
    await dynamic(s.t, 'Pro', isPro);
    const { body } = await s.t.api('GET', `/api/v1/users/${ada}/history?limit=1`);
    expect(body).toMatchObject({ data: [{}], meta: { pagination: { cursor: null, hasMore: false } } });
  });

  test.each([
    ['/api/v1/users/user_1/history?cursor=x', 400, 'bad_cursor'],
    ['/api/v1/users/user_1/history?cursor=-1', 400, 'bad_cursor'],
    ['/api/v1/users/user_1/history?limit=0', 422, 'invalid'],
    ['/api/v1/users/user_9/history', 404, 'not_found'],
    ['/api/v1/segments/nowhere/history', 404, 'not_found'],
  ])('%s is refused', async (path, status, code) => {
    await person(s.t, 'ada@x.io');
    const answer = await s.t.api('GET', path);
    expect({ status: answer.status, code: answer.body.error?.code }).toEqual({ status, code });
  });
});

describe('how long it is kept', () => {
  test('for HISTORY_DAYS, and not a day less', async () => {
    const ada = await person(s.t, 'ada@x.io', { plan: 'pro' });
    await dynamic(s.t, 'Pro', isPro);
    s.clock.advance(10 * DAY);
    await event(s, 'ada@x.io', { plan: 'free' });
    const kept = async () => short(await history(`/api/v1/users/${ada}`));
    s.clock.advance(20 * DAY - HOUR);
    for (let look = 0; look < 10; look++) expect(await kept()).toHaveLength(2);
    // Cleared away once an hour.
    s.clock.advance(2 * HOUR);
    await until(async () => (await kept()).length === 1);
    expect(await kept()).toEqual(['left event']);
    s.clock.advance(10 * DAY);
    await until(async () => (await kept()).length === 0);
    // Only the history goes: memberships stay as they are.
    await event(s, 'ada@x.io', { plan: 'pro' });
    expect(await kept()).toEqual(['joined event']);
  });

  test('very much of it is cleared away, too', async () => {
    await upload(
      'text/csv',
      `email,plan\n${Array.from({ length: 2500 }, (_, i) => `u${i}@x.io,pro\n`).join('')}`,
    );
    await dynamic(s.t, 'Pro', isPro);
    s.clock.advance(31 * DAY);
    await event(s, 'u0@x.io', { plan: 'free' });
    await until(async () => (await history(`${SEGMENTS}/pro`)).length === 1);
    expect(await membersOf(s.t, 'pro')).toHaveLength(200);
  });

  test('a deleted user takes it along', async () => {
    const ada = await person(s.t, 'ada@x.io', { plan: 'pro' });
    await person(s.t, 'bob@x.io', { plan: 'pro' });
    await dynamic(s.t, 'Pro', isPro);
    await done(s.t, 'DELETE', `/api/v1/users/${ada}`);
    expect(await history(`${SEGMENTS}/pro`)).toMatchObject([{ userId: 'user_2' }]);
    expect((await s.t.api('GET', `/api/v1/users/${ada}/history`)).status).toBe(404);
  });
});
