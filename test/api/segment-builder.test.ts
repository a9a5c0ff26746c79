import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { OPERATORS } from '../../src/segments/operators.ts';
import { parseRules } from '../../src/segments/rules.ts';
import { startTestService, type TestService } from '../helpers/service.ts';

const SEGMENTS = '/api/v1/segments';
let t: TestService;
beforeAll(async () => {
  t = await startTestService();
  const lines = Array.from({ length: 600 }, (_, i) =>
    JSON.stringify({ email: `u${i}@x.io`, attributes: { n: i, plan: i < 100 ? 'pro' : 'free' } }),
  );
  await t.api('POST', '/api/v1/users/import', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  await t.planSegment('Pro', 'pro');
  await t.api('POST', SEGMENTS, { name: 'VIP', type: 'manual' });
  await t.api('POST', `${SEGMENTS}/vip/members`, { emails: ['u1@x.io', 'u20@x.io', 'u300@x.io'] });
});
afterAll(() => t.stop());

const data = async (path: string) => (await t.api('GET', path)).body.data;
const all = (...conditions: unknown[]) => ({ match: 'all', conditions });
const is = (field: string, operator: string, value: unknown) => ({ field, operator, value });
const preview = (rules: unknown, segment?: string) =>
  t.api('POST', `${SEGMENTS}/preview`, { rules, ...(segment && { segment }) });

describe('the words rules are made of', () => {
  test('name every operator once, with the types it fits', async () => {
    const { operators } = await data('/api/v1/operators');
    const names = operators.map(({ name }: { name: string }) => name);
    expect(names).toEqual(Object.keys(OPERATORS));
    for (const { name, fits } of operators) {
      const { fits: own } = OPERATORS[name as keyof typeof OPERATORS];
      expect([name, fits.map(({ type }: { type: string }) => type)]).toEqual([name, [...own]]);
    }
  });

  test('offer no two operators of a type in the same words', async () => {
    const { operators } = await data('/api/v1/operators');
    const words = operators.flatMap(
      ({ fits }: { fits: { type: string; title: string; offered: boolean }[] }) =>
        fits.filter(({ offered }) => offered).map(({ type, title }) => `${type}: ${title}`),
    );
    expect(words).toContain('date: is on or after');
    expect(words).toContain('number: is at least');
    expect(new Set(words).size).toBe(words.length);
  });

  test('give built-in fields operators they are accepted with', async () => {
    const { fields, operators } = await data('/api/v1/operators');
    const samples: Record<string, unknown> = {
      none: undefined,
      scalar: '2026-01-31',
      comparable: '2026-01-31',
      text: 'a',
      pattern: 'a',
      list: ['2026-01-31'],
      range: ['2026-01-31', '2026-02-01'],
      date: '2026-01-31',
      span: { days: 3 },
    };
    for (const field of fields) {
      for (const name of field.operators) {
        const { operand } = operators.find((one: { name: string }) => one.name === name);
        const { problems } = parseRules(all(is(field.name, name, samples[operand])));
        expect([field.name, name, problems]).toEqual([field.name, name, null]);
      }
    }
  });

  test('name the limits that are kept', async () => {
    const { limits } = await data('/api/v1/operators');
    const condition = is('email', 'eq', 'a@x.io');
    let deep: unknown = all(condition);
    for (let depth = 1; depth < limits.depth; depth++) deep = all(deep);
    expect((await preview(deep)).status).toBe(200);
    expect((await preview(all(deep))).status).toBe(422);
    expect((await preview(all(...Array(limits.conditions).fill(condition)))).status).toBe(200);
    expect((await preview(all(...Array(limits.conditions + 1).fill(condition)))).status).toBe(422);
    expect((await preview(all(is('email', 'in', Array(limits.values).fill('a'))))).status).toBe(200);
    expect((await preview(all(is('email', 'in', Array(limits.values + 1).fill('a'))))).status).toBe(422);
  });
});

describe('a trait key before it is saved', () => {
  const check = (query: Record<string, string>) => data(`/api/v1/trait-key?${new URLSearchParams(query)}`);
  test.each<[Record<string, string>, string, string | null, string | null]>([
    [{ name: 'Pro Plan Users' }, 'pro_plan_users', null, null],
    [{ name: 'Café 🔥' }, 'cafe_fire', null, null],
    [{ name: '…' }, 'segment', null, null],
    [{ name: '' }, 'segment', null, null],
    [{ name: 'VIP!' }, 'vip', 'trait_key_taken', 'vip_2'],
    [{ name: 'First Name' }, 'first_name', 'reserved_trait', 'first_name_segment'],
    [{ name: 'Plan' }, 'plan', 'trait_in_use', 'plan_segment'],
    [{ name: 'Other', traitKey: 'vip' }, 'vip', 'trait_key_taken', 'vip_2'],
    [{ traitKey: 'Is_VIP' }, 'Is_VIP', null, null],
    [{ segment: 'vip' }, 'vip', null, null],
    [{ segment: 'vip', traitKey: 'vip' }, 'vip', null, null],
    [{ segment: 'vip', traitKey: 'pro' }, 'pro', 'trait_key_taken', 'pro_2'],
  ])('%j is %s: %p', async (query, traitKey, code, suggestion) => {
    const { problem, ...rest } = await check(query);
    expect(rest).toEqual({ traitKey });
    expect(problem === null ? null : problem.code).toBe(code);
    expect(problem === null ? null : problem.suggestion).toBe(suggestion);
    if (code === null && query.name !== undefined) {
      const { status, body } = await t.api('POST', SEGMENTS, { name: query.name || '…', type: 'manual' });
      expect([status, body.data?.traitKey]).toEqual([201, traitKey]);
      await t.api('DELETE', `${SEGMENTS}/${body.data.id}`);
    }
  });

  test('says how many have an attribute of that name', async () => {
    expect((await check({ name: 'plan' })).problem.users).toBe(600);
  });

  test.each([
    ['traitKey=a%20b', 422],
    ['traitKey=', 422],
    [`traitKey=${'a'.repeat(101)}`, 422],
    [`name=${'a'.repeat(121)}`, 422],
    ['segment=nowhere', 404],
  ])('%s is refused', async (query, status) => {
    expect((await t.api('GET', `/api/v1/trait-key?${query}`)).status).toBe(status);
  });
});

describe('a preview compared with the segment there is', () => {
  test.each<[string, unknown, string, { join: number; leave: number }]>([
    ['the same rules', all(is('attributes.plan', 'eq', 'pro')), 'pro', { join: 0, leave: 0 }],
    ['wider ones', all(is('attributes.n', 'lt', 150)), 'pro', { join: 50, leave: 0 }],
    ['others', all(is('attributes.n', 'between', [90, 119])), 'pro', { join: 20, leave: 90 }],
    ['nobody', all(is('attributes.n', 'lt', 0)), 'pro', { join: 0, leave: 100 }],
    ['a manual segment', all(is('attributes.n', 'lt', 21)), 'vip', { join: 19, leave: 1 }],
  ])('%s', async (_it, rules, segment, effect) => {
    const { body } = await preview(rules, segment);
    expect(body.data).toMatchObject({ effect, complete: true, scanned: 600 });
    expect(body.data.durationMs).toBeWithin(0, 60_000);
  });

  test('says nothing of joins without one', async () => {
    expect((await preview(all(is('attributes.n', 'lt', 9)))).body.data.effect).toBeNull();
  });

  test('refuses rules that refer to the segment itself, as saving them would', async () => {
    const rules = all(is('segment', 'eq', 'pro'));
    const { status, body } = await preview(rules, 'pro');
    expect([status, body.error.code]).toEqual([422, 'invalid_rules']);
    expect((await t.api('PATCH', `${SEGMENTS}/pro`, { rules })).body.error).toEqual(body.error);
    expect((await preview(rules, 'vip')).status).toBe(200);
    expect((await preview(rules, 'nowhere')).status).toBe(404);
  });
});

describe('members by part of their email or name', () => {
  test('page by page, with how many there are', async () => {
    const path = `${SEGMENTS}/pro/members?search=u1&limit=6`;
    const first = (await t.api('GET', path)).body;
    expect(first.meta.pagination).toMatchObject({ hasMore: true, total: 11 });
    const { cursor } = first.meta.pagination;
    const second = (await t.api('GET', `${path}&cursor=${encodeURIComponent(cursor)}`)).body;
    expect(second.meta.pagination).toMatchObject({ hasMore: false, total: 11 });
    const emails = [...first.data, ...second.data].map(({ email }: { email: string }) => email);
    expect(emails.toSorted()).toEqual(
      ['u1@x.io', ...Array.from({ length: 10 }, (_, i) => `u1${i}@x.io`)].toSorted(),
    );
  });

  test.each([
    ['vip', 'U20@', ['u20@x.io']],
    ['vip', 'u2@', []],
    ['vip', '%', []],
    ['pro', 'u300', []],
  ])('in %s for %s', async (slug, search, expected) => {
    const { body } = await t.api('GET', `${SEGMENTS}/${slug}/members?search=${encodeURIComponent(search)}`);
    expect(body.data.map(({ email }: { email: string }) => email)).toEqual(expected);
    expect(body.meta.pagination.total).toBe(expected.length);
  });
});

describe('what Segment holds', () => {
  test('is nothing before it was told, and all that a deletion takes back after', async () => {
    const told = `${SEGMENTS}/vip/told`;
    expect(await data(told)).toEqual({ told: 0, complete: true, pending: 3, parked: 0 });
    await t.connect();
    await t.stub.waitFor((stub) => stub.profiles().get('u300@x.io')?.vip === true);
    while ((await data(told)).pending > 0) await Bun.sleep(0);
    expect(await data(told)).toEqual({ told: 3, complete: true, pending: 0, parked: 0 });
    expect((await t.api('GET', `${SEGMENTS}/nowhere/told`)).status).toBe(404);
  });
});

test('history names those who are still there', async () => {
  await t.api('POST', '/api/v1/users/identify', { email: 'gone@x.io' });
  await t.api('POST', `${SEGMENTS}/vip/members`, { emails: ['gone@x.io'] });
  const [{ userId, email }] = await data(`${SEGMENTS}/vip/history?limit=1`);
  expect(email).toBe('gone@x.io');
  await t.api('DELETE', `/api/v1/users/${userId}`);
  const after = await data(`${SEGMENTS}/vip/history`);
  expect(after.every((one: { email: string | null }) => one.email !== 'gone@x.io')).toBe(true);
});
