import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startTestService, type TestService } from '../helpers/service.ts';
import { check } from './scenario.ts';

const USERS = '/api/v1/users';
interface Listed {
  id: string;
  email: string;
  name: string | null;
}
/** Equal names, missing names, and an order of creation that is no other order. */
const PEOPLE = ['q', 'c', 'x', 'a', 'm', 'z', 'b', 'k', 'd', 'w', 'f', 'e', 't'].map((letter, i) => ({
  email: `${letter}@example.com`,
  name: i % 4 === 0 ? null : `Name ${i % 3}`,
}));

let t: TestService;
let all: Listed[];
beforeAll(async () => {
  t = await startTestService();
  all = [];
  for (const person of PEOPLE) all.push((await t.api('POST', `${USERS}/identify`, person)).body.data);
});
afterAll(() => t.stop());

const TEXT = 'must be text of at most 200 characters matching ^[^\\u0000]*$';

/** Every page of a list, in order. */
async function walk(query: string, between?: (page: number) => Promise<unknown>): Promise<Listed[][]> {
  const pages: Listed[][] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await t.api('GET', `${USERS}?${query}${at}`);
    pages.push(body.data);
    expect(body.meta).toEqual({
      pagination: {
        cursor: body.meta.pagination.cursor,
        hasMore: body.meta.pagination.cursor !== null,
        total: expect.any(Number),
      },
    });
    cursor = body.meta.pagination.cursor;
    if (cursor !== null) await between?.(pages.length);
  } while (cursor !== null);
  return pages;
}

const byText = (key: (user: Listed) => string) => (a: Listed, b: Listed) =>
  key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
const ORDERS: Record<string, (a: Listed, b: Listed) => number> = {
  createdAt: (a, b) => all.indexOf(a) - all.indexOf(b),
  email: byText(({ email }) => email),
  name: byText(({ name, email }) => `${name ?? ''} ${email}`),
};

describe('pages', () => {
  for (const [key, order] of Object.entries(ORDERS)) {
    for (const sort of [key, `-${key}`]) {
      test(`sort=${sort} goes through everyone once, in order`, async () => {
        const sorted = [...all].sort(order);
        const expected = sort === key ? sorted : sorted.reverse();
        for (const limit of [1, 4, 13, 200]) {
          const pages = await walk(`sort=${sort}&limit=${limit}`);
          expect(pages.flat()).toEqual(expected);
          expect(pages.map(({ length }) => length)).toEqual(
            Array.from({ length: Math.ceil(13 / limit) }, (_, i) => Math.min(limit, 13 - i * limit)),
          );
        }
      });
    }
  }

  test('without parameters: the newest first, 50 a page', async () => {
    const { body } = await t.api('GET', USERS);
    expect(body).toEqual({
      data: [...all].reverse(),
      meta: { pagination: { cursor: null, hasMore: false, total: 13 } },
    });
  });

  test('who comes or goes between two pages makes nobody else appear twice or not at all', async () => {
    let here: Listed[] = [];
    const pages = await walk('sort=email&limit=4', async (page) => {
      if (page === 1) {
        // The user the cursor stands on goes, and one comes before it.
        const [last] = [...all].sort(ORDERS.email).slice(3, 4);
        await t.api('DELETE', `${USERS}/${last?.id}`);
        here = [...all].filter((user) => user !== last).sort(ORDERS.email);
        await t.api('POST', `${USERS}/identify`, { email: '0@example.com' });
      }
    });
    expect(pages.flat().slice(4)).toEqual(here.slice(3));
    all = [...here].sort(ORDERS.createdAt);
    await t.api('DELETE', `${USERS}/user_14`);
  });

  for (const [query, path, message] of [
    ['limit=0', 'query.limit', 'must be a whole number from 1 to 200'],
    ['limit=201', 'query.limit', 'must be a whole number from 1 to 200'],
    ['limit=2.5', 'query.limit', 'must be a whole number from 1 to 200'],
    ['limit=many', 'query.limit', 'must be a whole number from 1 to 200'],
    ['limit=', 'query.limit', 'must be a whole number from 1 to 200'],
    ['sort=age', 'query.sort', 'must be one of createdAt, -createdAt, email, -email, name, -name'],
    [`search=${'x'.repeat(201)}`, 'query.search', TEXT],
    ['search=a%00', 'query.search', TEXT],
    [`cursor=${'x'.repeat(2049)}`, 'query.cursor', 'must be text of at most 2048 characters'],
  ] as const) {
    test(`refuses ${query.slice(0, 20)}`, async () => {
      check(await t.api('GET', `${USERS}?${query}`), {
        status: 422,
        body: { error: { code: 'invalid', details: [{ path, message }] } },
      });
    });
  }

  test('refuses a cursor that is of another list, or of none', async () => {
    const { cursor } = (await t.api('GET', `${USERS}?sort=email&limit=2`)).body.meta.pagination;
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const query of [
      `cursor=${cursor}`,
      `sort=name&cursor=${cursor}`,
      'cursor=',
      'cursor=nonsense',
      `cursor=${forged(['id', '1; DROP TABLE users'])}`,
      `cursor=${forged(['id'])}`,
      `cursor=${forged({})}`,
      `sort=email&cursor=${forged(['email', null])}`,
    ]) {
      check(await t.api('GET', `${USERS}?${query}`), {
        status: 400,
        body: { error: { code: 'bad_cursor' } },
      });
    }
  });
});

describe('search', () => {
  let s: TestService;
  beforeAll(async () => {
    s = await startTestService();
    for (const [email, name] of [
      ['ada@example.com', 'Ada Lovelace'],
      ['grace_h@example.org', 'Grace Hopper'],
      ['100%@example.org', 'Élodie \\ Durand'],
      ['gracexh@example.net', null],
    ]) {
      await s.api('POST', `${USERS}/identify`, { email, name });
    }
  });
  afterAll(() => s.stop());

  for (const [search, found] of [
    ['ada', ['ada@example.com']],
    ['ADA@', ['ada@example.com']],
    ['lovelace', ['ada@example.com']],
    ['example.org', ['100%@example.org', 'grace_h@example.org']],
    ['a', ['100%@example.org', 'ada@example.com', 'grace_h@example.org', 'gracexh@example.net']],
    ['grace_h', ['grace_h@example.org']],
    ['100%', ['100%@example.org']],
    ['%', ['100%@example.org']],
    ['\\', ['100%@example.org']],
    ['Élodie', ['100%@example.org']],
    ['élodie', ['100%@example.org']],
    ["' OR 1=1 --", []],
    ['', ['100%@example.org', 'ada@example.com', 'grace_h@example.org', 'gracexh@example.net']],
  ] as const) {
    test(`${JSON.stringify(search)} finds ${found.length}`, async () => {
      const { status, body } = await s.api('GET', `${USERS}?sort=email&search=${encodeURIComponent(search)}`);
      expect(status).toBe(200);
      expect(body.data.map(({ email }: Listed) => email)).toEqual([...found]);
      expect(body.meta.pagination).toEqual({ cursor: null, hasMore: false, total: found.length });
    });
  }

  test('pages of what was found count what was found', async () => {
    const { body } = await s.api('GET', `${USERS}?search=grace&limit=1&sort=email`);
    expect(body.meta.pagination).toMatchObject({ hasMore: true, total: 2 });
    const next = await s.api(
      'GET',
      `${USERS}?search=grace&limit=1&sort=email&cursor=${body.meta.pagination.cursor}`,
    );
    expect(next.body.data.map(({ email }: Listed) => email)).toEqual(['gracexh@example.net']);
    expect(next.body.meta.pagination).toEqual({ cursor: null, hasMore: false, total: 2 });
  });
});
