import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { OPERATORS, type OperatorName } from '../../src/segments/operators.ts';
import {
  all,
  any,
  DAY,
  done,
  dynamic,
  event,
  is,
  person,
  SEGMENTS,
  startTimed,
  type Timed,
} from './people.ts';

let s: Timed;
let ada: string;
beforeAll(async () => {
  s = await startTimed();
  ada = await person(s.t, 'ada@x.io', {
    plan: 'Pro',
    seats: 12,
    text: '12.5',
    beta: true,
    off: false,
    tags: ['a', 'B', 3],
    company: { plan: 'gold', 'a.b': 1 },
    paidAt: '2026-05-30',
    gone: null,
    ...JSON.parse('{"__proto__":"odd"}'),
  });
  s.clock.advance(1000);
  await event(s, 'ada@x.io');
});
afterAll(() => s.t.stop());

const explained = async (user = ada): Promise<Record<string, unknown>[]> =>
  done(s.t, 'GET', `/api/v1/users/${user}/segments?explain=true`);

/** Condition, whether it holds for ada, and the value it saw. */
const ROWS: [OperatorName, string, unknown, boolean, unknown][] = [
  ['eq', 'attributes.plan', 'pro', true, 'Pro'],
  ['eq', 'attributes.plan', 'free', false, 'Pro'],
  ['eq', 'email', 'ADA@x.io', true, 'ada@x.io'],
  ['eq', 'name', 'Ada', false, null],
  ['neq', 'externalId', 'u1', true, null],
  ['neq', 'attributes.missing', 'x', true, null],
  ['gt', 'attributes.seats', 12, false, 12],
  ['gte', 'attributes.seats', 12, true, 12],
  ['lt', 'attributes.text', 13, true, '12.5'],
  ['lte', 'attributes.plan', 13, false, 'Pro'],
  ['between', 'attributes.seats', [10, 12], true, 12],
  ['contains', 'attributes.plan', 'R', true, 'Pro'],
  ['not_contains', 'attributes.plan', 'R', false, 'Pro'],
  ['starts_with', 'email', 'ada', true, 'ada@x.io'],
  ['ends_with', 'email', '.io', true, 'ada@x.io'],
  ['matches', 'email', '^a+d', true, 'ada@x.io'],
  ['in', 'attributes.plan', ['free', 'pro'], true, 'Pro'],
  ['not_in', 'attributes.plan', ['free', 'pro'], false, 'Pro'],
  ['includes', 'attributes.tags', 'b', true, ['a', 'B', 3]],
  ['not_includes', 'attributes.tags', 3, false, ['a', 'B', 3]],
  ['is_set', 'attributes.company', undefined, true, { plan: 'gold', 'a.b': 1 }],
  ['is_set', 'attributes.gone', undefined, false, null],
  ['is_not_set', 'attributes.company.plan', undefined, false, 'gold'],
  ['is_not_set', 'attributes.company.a.b', undefined, false, 1],
  ['is_not_set', 'attributes.__proto__', undefined, false, 'odd'],
  ['is_not_set', 'attributes.constructor', undefined, true, null],
  ['is_true', 'attributes.beta', undefined, true, true],
  ['is_false', 'attributes.off', undefined, true, false],
  ['before', 'attributes.paidAt', '2026-06-01', true, '2026-05-30'],
  ['after', 'attributes.paidAt', '2026-06-01', false, '2026-05-30'],
  ['within_last', 'attributes.paidAt', { days: 7 }, true, '2026-05-30'],
  ['not_within_last', 'attributes.paidAt', { hours: 12 }, true, '2026-05-30'],
  ['within_last', 'createdAt', { days: 1 }, true, '2026-06-01T12:00:00.000Z'],
  ['before', 'lastSeenAt', '2026-06-01', false, '2026-06-01T12:00:01.000Z'],
];

test('the table has a row for every operator', () => {
  expect([...new Set(ROWS.map(([operator]) => operator))].sort()).toEqual(
    (Object.keys(OPERATORS) as OperatorName[]).sort(),
  );
});

test('each condition says whether it holds and the value it saw', async () => {
  const conditions = ROWS.map(([operator, field, value]) => is(field, operator, value));
  await dynamic(s.t, 'Everything', any(...conditions));
  const [everything] = (await explained()).filter(({ slug }) => slug === 'everything');
  expect(everything).toEqual({
    id: expect.any(String),
    slug: 'everything',
    name: 'Everything',
    type: 'dynamic',
    member: true,
    explanation: {
      match: 'any',
      holds: true,
      conditions: ROWS.map(([, , , holds, seen], i) => ({ condition: conditions[i], holds, seen })),
    },
  });
});

describe('a user', () => {
  beforeAll(async () => {
    await done(s.t, 'POST', SEGMENTS, { name: 'VIP', type: 'manual' });
    await done(s.t, 'POST', SEGMENTS, { name: 'Empty', type: 'manual' });
    await done(s.t, 'POST', `${SEGMENTS}/vip/members`, { emails: ['ada@x.io'] });
    await dynamic(
      s.t,
      'Nested',
      all(
        is('attributes.seats', 'gt', 10),
        any(
          is('email', 'eq', 'bob@x.io'),
          all(is('segment', 'in', ['vip', 'empty']), is('segment', 'neq', 'empty')),
        ),
      ),
    );
    await dynamic(s.t, 'Never', all(is('attributes.plan', 'eq', 'none')));
  });

  test('is shown the segments it is in, without reasons unless asked', async () => {
    const found = await done(s.t, 'GET', `/api/v1/users/${ada}/segments`);
    const short = found.map(({ slug, member, explanation }: Record<string, unknown>) => [
      slug,
      member,
      explanation,
    ]);
    expect(short).toEqual([
      ['everything', true, null],
      ['vip', true, null],
      ['nested', true, null],
    ]);
    expect(await done(s.t, 'GET', `/api/v1/users/${ada}/segments?explain=false`)).toEqual(found);
  });

  test('is shown every segment with reasons; a manual one has none', async () => {
    const found = await explained();
    expect(found.map(({ slug, type, member }) => [slug, type, member])).toEqual([
      ['everything', 'dynamic', true],
      ['vip', 'manual', true],
      ['empty', 'manual', false],
      ['nested', 'dynamic', true],
      ['never', 'dynamic', false],
    ]);
    for (const { type, explanation } of found) expect(explanation === null).toBe(type === 'manual');
  });

  test('groups in groups, with the segments that were looked at', async () => {
    const nested = (await explained()).find(({ slug }) => slug === 'nested');
    expect(nested?.explanation).toEqual({
      match: 'all',
      holds: true,
      conditions: [
        { condition: is('attributes.seats', 'gt', 10), holds: true, seen: 12 },
        {
          match: 'any',
          holds: true,
          conditions: [
            { condition: is('email', 'eq', 'bob@x.io'), holds: false, seen: 'ada@x.io' },
            {
              match: 'all',
              holds: true,
              conditions: [
                { condition: is('segment', 'in', ['vip', 'empty']), holds: true, seen: ['vip'] },
                { condition: is('segment', 'neq', 'empty'), holds: true, seen: [] },
              ],
            },
          ],
        },
      ],
    });
  });

  test('is judged by the time of the question', async () => {
    await dynamic(s.t, 'New', all(is('createdAt', 'within_last', { days: 1 })));
    const bob = await person(s.t, 'bob@x.io');
    const holds = async () => {
      const found = (await explained(bob)).find(({ slug }) => slug === 'new');
      return (found as { explanation: { holds: boolean } }).explanation.holds;
    };
    expect(await holds()).toBe(true);
    s.clock.advance(DAY + 1);
    expect(await holds()).toBe(false);
  });

  test.each(['user_999', 'ada', 'segment_1'])('that is not there: %s', async (id) => {
    const { status, body } = await s.t.api('GET', `/api/v1/users/${id}/segments?explain=true`);
    expect({ status, code: body.error.code }).toEqual({ status: 404, code: 'not_found' });
  });
});
