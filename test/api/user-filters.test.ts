import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startTestService, type TestService } from '../helpers/service.ts';
import { importFile } from '../transfer/files.ts';
import { check } from './scenario.ts';

const USERS = '/api/v1/users';
/** More than are judged one by one, so that lists have to be walked through. */
const MANY = 2600;

let t: TestService;
beforeAll(async () => {
  t = await startTestService();
  const rows = Array.from({ length: MANY }, (_, i) => {
    const name = i % 3 === 0 ? '' : `Name ${i % 7}`;
    return `u${i}@${i % 2 === 0 ? 'even' : 'odd'}.example,${name},${i % 5 === 0 ? 'pro' : 'free'},${i}\n`;
  });
  await importFile(t, 'text/csv', `email,name,plan,n:number\n${rows.join('')}`);
  await t.planSegment('Pro', 'pro');
  await t.planSegment('Free', 'free');
  await t.planSegment('Nobody', 'none');
});
afterAll(() => t.stop());

interface Listed {
  email: string;
  name: string | null;
  attributes: { n: number; plan: string };
}
const rule = (field: string, operator: string, value?: unknown) =>
  JSON.stringify({ match: 'all', conditions: [{ field, operator, value }] });

/** Everybody a query lists, over all pages. */
async function all(query: Record<string, string>): Promise<{ users: Listed[]; totals: Set<number> }> {
  const users: Listed[] = [];
  const totals = new Set<number>();
  let cursor: string | null = null;
  do {
    const params: string = new URLSearchParams({ ...query, ...(cursor !== null && { cursor }) }).toString();
    const { status, body } = await t.api('GET', `${USERS}?${params}`);
    expect({ status, error: body.error }).toEqual({ status: 200, error: undefined });
    users.push(...body.data);
    totals.add(body.meta.pagination.total);
    expect(body.meta.pagination.hasMore).toBe(body.meta.pagination.cursor !== null);
    expect(body.meta.partial).toBeUndefined();
    cursor = body.meta.pagination.cursor;
    if (cursor !== null) expect(body.data).toHaveLength(Number(query.limit ?? 50));
  } while (cursor !== null);
  return { users, totals };
}

const isPro = ({ n }: { n: number }) => n % 5 === 0;
const isEven = ({ n }: { n: number }) => n % 2 === 0;
const CASES: [what: string, query: Record<string, string>, fits: (user: { n: number }) => boolean][] = [
  ['a small segment', { segment: 'pro' }, isPro],
  ['a large segment', { segment: 'free' }, (user) => !isPro(user)],
  ['a segment by its id', { segment: 'segment_1' }, isPro],
  ['an empty segment', { segment: 'nobody' }, () => false],
  ['a search that finds many', { search: 'EVEN' }, isEven],
  ['a search that finds few', { search: 'u77@' }, ({ n }) => n === 77],
  ['an attribute', { rules: rule('attributes.plan', 'eq', 'PRO') }, isPro],
  ['an attribute few have', { rules: rule('attributes.n', 'lt', 3) }, ({ n }) => n < 3],
  ['an attribute nobody has', { rules: rule('attributes.x', 'is_set') }, () => false],
  ['a rule about a segment', { rules: rule('segment', 'eq', 'pro') }, isPro],
  ['a small segment and a search', { segment: 'pro', search: 'odd' }, (user) => isPro(user) && !isEven(user)],
  ['a large segment and a search', { segment: 'free', search: 'e' }, (user) => !isPro(user)],
  [
    'all at once',
    { segment: 'free', search: 'even', rules: rule('attributes.n', 'gte', 2000) },
    (user) => !isPro(user) && isEven(user) && user.n >= 2000,
  ],
];

describe('users are found by', () => {
  for (const [what, query, fits] of CASES) {
    test(what, async () => {
      const expected = Array.from({ length: MANY }, (_, n) => ({ n }))
        .filter(fits)
        .map(({ n }) => n);
      for (const sort of ['createdAt', '-createdAt', 'email', '-name']) {
        const { users, totals } = await all({ ...query, sort, limit: '200' });
        const found = users.map(({ attributes }) => attributes.n);
        if (sort === 'createdAt') expect(found).toEqual(expected);
        if (sort === '-createdAt') expect(found).toEqual(expected.toReversed());
        if (sort === 'email')
          expect(users.map(({ email }) => email)).toEqual(users.map((u) => u.email).sort());
        if (sort === '-name') {
          const names = users.map(({ name }) => name ?? '');
          expect(names).toEqual(names.toSorted().reverse());
        }
        expect(found.toSorted((a, b) => a - b)).toEqual(expected);
        expect([...totals]).toEqual([expected.length]);
      }
    });
  }
});

test('who joins and leaves between two pages does not end the list early', async () => {
  const first = await t.api('GET', `${USERS}?segment=free&sort=email&limit=200`);
  const joined = (await t.api('GET', `${USERS}?segment=pro&sort=-email&limit=3`)).body.data;
  for (const { id } of joined) await t.api('PATCH', `${USERS}/${id}`, { attributes: { plan: 'free' } });
  const { users } = await all({
    segment: 'free',
    sort: 'email',
    limit: '200',
    cursor: first.body.meta.pagination.cursor,
  });
  expect(users.map(({ email }) => email)).toEqual(
    expect.arrayContaining(joined.map(({ email }: Listed) => email)),
  );
  for (const { id } of joined) await t.api('PATCH', `${USERS}/${id}`, { attributes: { plan: 'pro' } });
});

describe('refused', () => {
  for (const [query, status, error] of [
    ['segment=nothing', 404, { code: 'not_found' }],
    ['rules=plan', 422, { code: 'invalid', details: [{ path: 'query.rules', message: 'must be JSON' }] }],
    ['rules={}', 422, { code: 'invalid_rules' }],
    [`rules=${rule('plan', 'eq', 1)}`, 422, { code: 'invalid_rules' }],
    [`search=even&cursor=${btoa('["id",5]')}`, 400, { code: 'bad_cursor' }],
    ['search=even&cursor=W10.1.2.1.0', 400, { code: 'bad_cursor' }],
    ['segment=pro&cursor=.1.2.1.0', 400, { code: 'bad_cursor' }],
  ] as const) {
    test(query, async () => {
      check(await t.api('GET', `${USERS}?${query}`), { status, body: { error } });
    });
  }

  test('the cursor of a search by a list of everyone', async () => {
    const { cursor } = (await t.api('GET', `${USERS}?search=even`)).body.meta.pagination;
    check(await t.api('GET', `${USERS}?cursor=${cursor}`), {
      status: 400,
      body: { error: { code: 'bad_cursor' } },
    });
  });
});
