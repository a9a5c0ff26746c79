import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { previewRules } from '../../src/segments/preview.ts';
import { parseRules } from '../../src/segments/rules.ts';
import { identify, startTestService, type TestService } from '../helpers/service.ts';
import { all, any, done, dynamic, is, SEGMENTS } from './people.ts';

let t: TestService;
const USERS = 1000;
const isPro = is('attributes.plan', 'eq', 'pro');

beforeAll(async () => {
  t = await startTestService();
  const lines = Array.from({ length: USERS + 100 }, (_, i) =>
    JSON.stringify({
      email: `u${i}@x.io`,
      attributes: { plan: i % 4 === 0 ? 'pro' : 'free', n: i, company: { seats: i % 10 } },
    }),
  );
  await t.api('POST', '/api/v1/users/import', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
  // Gaps in the ids, as deletions leave them.
  for (let i = 0; i < 100; i++) await done(t, 'DELETE', `/api/v1/users/user_${i * 3 + 200}`);
  await dynamic(t, 'Pro', all(isPro));
  await done(t, 'POST', SEGMENTS, { name: 'VIP', type: 'manual' });
  await done(t, 'POST', `${SEGMENTS}/vip/members`, { emails: ['u0@x.io', 'u1@x.io', 'u2@x.io'] });
});
afterAll(() => t.stop());

const preview = (rules: unknown) => done(t, 'POST', `${SEGMENTS}/preview`, { rules });
/** The members a segment with these rules would have: what a preview must say. */
async function members(rules: unknown): Promise<string[]> {
  const { slug } = await dynamic(t, 'Probe', rules);
  const { body } = await t.api('GET', `${SEGMENTS}/${slug}/members?limit=200`);
  const { memberCount } = await done(t, 'GET', `${SEGMENTS}/${slug}`);
  await done(t, 'DELETE', `${SEGMENTS}/${slug}`);
  await t.settled();
  return Array.from({ length: memberCount }, (_, i) => body.data[i]?.email ?? '…');
}

describe('counts whom a segment with these rules would have', () => {
  test.each<[string, unknown]>([
    ['everybody', all(is('email', 'is_set'))],
    ['nobody', all(is('attributes.plan', 'eq', 'gold'))],
    ['some', all(isPro)],
    ['nine', all(is('attributes.n', 'lt', 9))],
    ['ten', all(is('attributes.n', 'lt', 10))],
    ['eleven', all(is('attributes.n', 'lt', 11))],
    ['a nested attribute', all(is('attributes.company.seats', 'between', [3, 5]))],
    ['the time', all(is('createdAt', 'within_last', { days: 1 }))],
    [
      'groups in groups',
      any(
        all(isPro, any(is('attributes.n', 'gt', 900), is('email', 'eq', 'u4@x.io'))),
        all(all(all(is('attributes.n', 'eq', 7)))),
      ),
    ],
    ['members of a dynamic segment', all(is('segment', 'eq', 'pro'))],
    ['members of no segment', all(is('segment', 'not_in', ['pro', 'vip']))],
    ['members of a manual segment, and more', all(is('segment', 'eq', 'vip'), isPro)],
  ])('%s', async (_it, rules) => {
    const expected = await members(rules);
    const { sample, durationMs: _durationMs, ...counts } = await preview(rules);
    const whole = { complete: true, scanned: USERS, total: USERS, effect: null };
    expect(counts).toEqual({ count: expected.length, ...whole });
    expect(sample).toHaveLength(Math.min(10, expected.length));
    const known = expected.filter((email) => email !== '…');
    if (known.length === expected.length) for (const { email } of sample) expect(known).toContain(email);
  });

  test('the sample are users as the API shows them, each once', async () => {
    const { sample } = await preview(all(isPro));
    expect(new Set(sample.map(({ id }: { id: string }) => id)).size).toBe(10);
    for (const user of sample) {
      expect(user).toEqual(await done(t, 'GET', `/api/v1/users/${user.id}`));
      expect(user.attributes.plan).toBe('pro');
    }
  });

  test('in an empty directory', async () => {
    const empty = await startTestService();
    try {
      const answer = await done(empty, 'POST', `${SEGMENTS}/preview`, { rules: all(isPro) });
      expect(answer).toMatchObject({ count: 0, complete: true, scanned: 0, total: 0, sample: [] });
    } finally {
      await empty.stop();
    }
  });

  test('and changes nothing', async () => {
    const before = await done(t, 'GET', SEGMENTS);
    await preview(all(is('email', 'is_set')));
    expect(await done(t, 'GET', SEGMENTS)).toEqual(before);
    expect(await t.service.store.listJobs()).toEqual([]);
  });
});

describe('rules that can not be evaluated are refused, with the place of the fault', () => {
  test.each<[string, unknown, string]>([
    ['no rules', undefined, 'rules'],
    ['null', null, 'rules'],
    ['a list', [], 'rules'],
    ['no conditions', all(), 'rules.conditions'],
    ['an unknown field', all(isPro, is('plan', 'eq', 'pro')), 'rules.conditions[1].field'],
    ['an unknown operator', all(is('email', 'like', 'x')), 'rules.conditions[0].operator'],
    [
      'a wrongly typed value',
      all(any(isPro, is('createdAt', 'within_last', 30))),
      'rules.conditions[0].conditions[1].value',
    ],
    ['a pattern with a mistake', all(is('email', 'matches', '(')), 'rules.conditions[0].value'],
    [
      'groups too deep',
      all(all(all(all(all(all(isPro)))))),
      'rules.conditions[0].conditions[0].conditions[0].conditions[0].conditions[0]',
    ],
    [
      'a segment that is not there',
      all(isPro, is('segment', 'in', ['pro', 'nowhere'])),
      'rules.conditions[1].value',
    ],
  ])('%s', async (_it, rules, path) => {
    const { status, body } = await t.api('POST', `${SEGMENTS}/preview`, { rules });
    expect({ status, code: body.error?.code }).toEqual({ status: 422, code: 'invalid_rules' });
    expect(body.error.details.map((one: { path: string }) => one.path)).toContain(path);
  });
});

describe('a budget of time', () => {
  const everybody = parseRules(all(is('email', 'is_set'))).rules;
  if (everybody === null) throw new Error('These rules are valid');
  const within = (steps: number) => {
    let asked = 0;
    return previewRules(t.service.store, everybody, {
      now: Date.now(),
      budgetMs: steps,
      elapsed: () => ++asked,
    });
  };

  test('that runs out ends with a part, and says so', async () => {
    for (const steps of [0, 1, 2]) {
      const partial = await within(steps);
      expect(partial).toMatchObject({ complete: false, total: USERS });
      expect(partial.scanned).toBeWithin(1, USERS);
      expect(partial.count).toBe(partial.scanned);
      expect(partial.sample).toHaveLength(10);
    }
  });

  test('that is enough looks at everybody', async () => {
    expect(await within(1000)).toMatchObject({ complete: true, scanned: USERS, count: USERS, total: USERS });
  });

  test('that runs out with the last step is complete all the same', async () => {
    let steps = 0;
    const unlimited = { now: Date.now(), budgetMs: 1000, elapsed: () => ++steps };
    await previewRules(t.service.store, everybody, unlimited);
    expect(await within(steps - 1)).toMatchObject({ complete: true, scanned: USERS });
    expect(await within(steps - 2)).toMatchObject({ complete: false });
  });

  test('a partial count looks at users of all ages', async () => {
    const big = await startTestService();
    try {
      const crowd = Array.from({ length: 20_000 }, (_, i) => `u${i}@x.io,${i}\n`).join('');
      await big.api('POST', '/api/v1/users/import', `email,n\n${crowd}`, { 'content-type': 'text/csv' });
      const old = parseRules(all(is('attributes.n', 'lt', 10_000))).rules;
      if (old === null) throw new Error('These rules are valid');
      let asked = 0;
      const half = { now: Date.now(), budgetMs: 40, elapsed: () => ++asked };
      const { count, scanned, complete } = await previewRules(big.service.store, old, half);
      expect(complete).toBe(false);
      // Half of all users match; of the first users all would.
      expect(count / scanned).toBeWithin(0.4, 0.6);
    } finally {
      await big.stop();
    }
  });
});

test('webhooks are answered while a preview looks at many users', async () => {
  const big = await startTestService();
  try {
    const crowd = Array.from({ length: 30_000 }, (_, i) => `u${i}@x.io,${i}\n`).join('');
    await big.api('POST', '/api/v1/users/import', `email,n\n${crowd}`, { 'content-type': 'text/csv' });
    const order: string[] = [];
    const rules = all(is('attributes.n', 'gt', 10), is('email', 'matches', '^u.*[0-9]+@x[.]io$'));
    const looking = big.api('POST', `${SEGMENTS}/preview`, { rules }).then((answer) => {
      order.push('preview');
      return answer;
    });
    for (let i = 0; i < 3; i++) {
      expect((await big.webhook(identify(`u${i}@x.io`, { plan: 'pro' }))).status).toBe(200);
      order.push('webhook');
    }
    expect((await looking).body.data.scanned).toBeGreaterThan(0);
    expect(order).toEqual(['webhook', 'webhook', 'webhook', 'preview']);
  } finally {
    await big.stop();
  }
});
