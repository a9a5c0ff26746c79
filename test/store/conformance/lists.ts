import { describe, expect, test } from 'bun:test';
import {
  BadCursor,
  type Page,
  type UserQuery,
  type UserSort,
  type UserWalk,
  type Walk,
} from '../../../src/store/store.ts';
import type { UserRecord } from '../../../src/users/user.ts';
import {
  applyOne,
  context,
  createSegment,
  createUsers,
  eachWith,
  emails,
  join,
  leave,
  memberIds,
  merge,
  type Open,
  remove,
} from './fixture.ts';

const SORTS: UserSort[] = ['createdAt', '-createdAt', 'email', '-email', 'name', '-name'];

/** Email and name, in the order they are created; sorted neither by email nor by name. */
const PEOPLE: [string, string | null][] = [
  ['mia@example.com', 'zoe'],
  ['bob@example.com', null],
  ['zed@example.com', 'ann'],
  ['100%@example.com', 'ann'],
  ['a_b@example.org', null],
  ['aab@example.org', 'Élodie Ärger'],
  ['élan@example.org', 'Ann O\'Hara "quoted"'],
  ['back\\slash@example.org', '50% off_ [x] *?'],
  ['日本@example.jp', '企業 🔥'],
  ['kim@example.com', 'kim'],
];

const text = (cursor: unknown) => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Lists of users and of members: sorting, searching, and cursors that hold while the data changes. */
export function listsConform(open: Open) {
  describe('lists', () => {
    const t = eachWith(open);
    const createPeople = () =>
      t.store.apply(
        PEOPLE.map(([email, name]) => merge({ email }, { name })),
        context(),
      );

    /** Everybody a walk finds, stretch by stretch. */
    async function stroll(query: Omit<UserWalk, 'cursor'>) {
      const found: UserRecord[] = [];
      let cursor: string | null = null;
      do {
        const walk: Walk = await t.store.walkUsers({ ...query, ...(cursor !== null && { cursor }) });
        expect(walk.items.length).toBeLessThanOrEqual(query.limit);
        found.push(...walk.items);
        cursor = walk.cursor;
      } while (cursor !== null);
      return found;
    }

    /** Ids a search finds, step by step. */
    async function idsOf(search: string, steps: number) {
      const found: number[] = [];
      let after: string | null = '';
      while (after !== null) {
        const step = await t.store.searchUsers({ search }, after, steps);
        found.push(...step.ids);
        after = step.after;
      }
      return found;
    }

    /** All pages of a query; `between` runs after each. */
    async function walk(
      query: Omit<UserQuery, 'cursor'>,
      between: (page: Page<UserRecord>) => Promise<unknown> = async () => {},
    ) {
      const found: UserRecord[] = [];
      let page = await t.store.listUsers(query);
      for (;;) {
        expect(page.items.length).toBeLessThanOrEqual(query.limit);
        found.push(...page.items);
        if (page.cursor === null) return found;
        // A page that says there is more is full, and there is more.
        expect(page.items).toHaveLength(query.limit);
        await between(page);
        page = await t.store.listUsers({ ...query, cursor: page.cursor });
        expect(page.items).not.toBeEmpty();
      }
    }

    test.each(SORTS)('sorted by %s, pages of any size put together are the whole list', async (sort) => {
      await createPeople();
      const whole = await t.store.listUsers({ sort, limit: 100 });
      expect(whole).toMatchObject({ total: PEOPLE.length, cursor: null });
      expect(new Set(whole.items.map(({ email }) => email))).toEqual(new Set(PEOPLE.map(([email]) => email)));
      for (const limit of [1, 2, 3, PEOPLE.length - 1, PEOPLE.length]) {
        expect(await walk({ sort, limit })).toEqual(whole.items);
      }
    });

    test('each sort is what it says, and the minus its exact reverse', async () => {
      await createPeople();
      const sorted = async (sort: UserSort) => (await t.store.listUsers({ sort, limit: 100 })).items;
      for (const sort of ['createdAt', 'email', 'name'] as const) {
        expect(await sorted(`-${sort}`)).toEqual((await sorted(sort)).reverse());
      }
      const created = await sorted('createdAt');
      expect(created.map(({ email }) => email)).toEqual(PEOPLE.map(([email]) => email));
      // How letters beyond a to z compare is the engine's business.
      const plain = ({ email, name }: UserRecord) => /^[a-z@.]+$/.test(email) && /^[a-z]*$/.test(name ?? '');
      const byEmail = (await sorted('email')).filter(plain).map(({ email }) => email);
      expect(byEmail).toEqual(['bob@example.com', 'kim@example.com', 'mia@example.com', 'zed@example.com']);
      // Those without a name come first, equal names go by email.
      const names = (await sorted('name')).map(({ email, name }) => `${name} ${email}`);
      expect(names.slice(0, 2)).toEqual(['null a_b@example.org', 'null bob@example.com']);
      expect(names.filter((name) => /^(ann|kim|zoe) /.test(name))).toEqual([
        'ann 100%@example.com',
        'ann zed@example.com',
        'kim kim@example.com',
        'zoe mia@example.com',
      ]);
    });

    test.each(SORTS)('sorted by %s, a walk sees everybody once, whoever comes and goes', async (sort) => {
      await createPeople();
      const { items: before } = await t.store.listUsers({ sort, limit: 100 });
      let round = 0;
      const seen = await walk({ sort, limit: 2 }, async (page) => {
        if (++round > 3) return;
        // Newcomers on both ends, and the very user the cursor stands on goes.
        await t.store.apply(
          [
            merge({ email: `000-${round}@example.com` }, { name: `!${round}` }),
            merge({ email: `zzzz-${round}@example.com` }, { name: `~${round}` }),
            remove({ email: page.items.at(-1)?.email as string }),
          ],
          context(),
        );
      });
      const ids = seen.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((id) => before.some((user) => user.id === id))).toEqual(before.map(({ id }) => id));
    });

    test.each<[string, string[]]>([
      ['', PEOPLE.map(([email]) => email)],
      ['KIM', ['kim@example.com']],
      ['@', PEOPLE.map(([email]) => email)],
      ['ann', ['zed@example.com', '100%@example.com', 'élan@example.org']],
      ['@EXAMPLE.ORG', ['a_b@example.org', 'aab@example.org', 'élan@example.org', 'back\\slash@example.org']],
      ['%', ['100%@example.com', 'back\\slash@example.org']],
      ['0%@', ['100%@example.com']],
      ['a_b', ['a_b@example.org']],
      ['\\', ['back\\slash@example.org']],
      ['*', ['back\\slash@example.org']],
      ['[x]', ['back\\slash@example.org']],
      ['?', ['back\\slash@example.org']],
      ["o'h", ['élan@example.org']],
      ['"quoted"', ['élan@example.org']],
      ['企業 🔥', ['日本@example.jp']],
      ['élodie är', ['aab@example.org']],
      ['ÉLODIE ÄR', ['aab@example.org']],
      ['ÉLAN@', ['élan@example.org']],
      ['*? ', []],
      ['[é]', []],
      ['ÉL?N', []],
      ['elodie', []],
      ['nobody', []],
      ['an*', []],
      ['a%n', []],
    ])('searching for %j', async (search, expected) => {
      await createPeople();
      const found = await stroll({ search, sort: 'createdAt', limit: 100, steps: 100 });
      expect(found.map(({ email }) => email)).toEqual(expected);
      for (const steps of [1, 3, 100]) {
        const byName = await stroll({ search, sort: 'name', limit: 1, steps });
        expect(byName.map(({ email }) => email).sort()).toEqual(expected.toSorted());
        expect((await idsOf(search, steps)).toSorted()).toEqual(found.map(({ id }) => id).toSorted());
      }
    });

    test('a search sees a change at once', async () => {
      const [id] = (await createUsers(t.store, 'ann@example.com')) as [number];
      await applyOne(t.store, merge({ id }, { at: 'latest', email: 'bea@example.com', name: 'Beatrix' }));
      const total = async (search: string) => (await idsOf(search, 10)).length;
      expect([await total('ann'), await total('bea@'), await total('trix')]).toEqual([0, 1, 1]);
    });

    test.each(SORTS)(
      'sorted by %s, a walk in steps of any size finds whom it looks for, in order',
      async (sort) => {
        await createPeople();
        const { items: all } = await t.store.listUsers({ sort, limit: 100 });
        const segment = await createSegment(t.store, 'vip');
        const [vips, chosen] = [all.filter(({ id }) => id % 2 === 0), all.filter(({ id }) => id % 3 === 0)];
        await join(t.store, segment, ...vips.map(({ id }) => id));
        const ids = chosen.map(({ id }) => id);
        for (const [steps, limit] of [
          [1, 100],
          [2, 1],
          [3, 2],
          [100, 1],
          [100, 100],
        ] as const) {
          expect(await stroll({ sort, steps, limit })).toEqual(all);
          expect(await stroll({ sort, steps, limit, segmentId: segment.id })).toEqual(vips);
          expect(await stroll({ sort, steps, limit, ids })).toEqual(chosen);
          expect(await stroll({ sort, steps, limit, ids, segmentId: segment.id })).toEqual(
            chosen.filter((user) => vips.includes(user)),
          );
          const search = 'example.org';
          const found = await stroll({ sort, steps, limit, search, segmentId: segment.id });
          expect(found).toEqual(vips.filter(({ email }) => email.includes(search)));
        }
      },
    );

    test('the cursor after an item goes on behind it', async () => {
      await createPeople();
      for (const sort of SORTS) {
        const whole = await t.store.walkUsers({ sort, limit: 100, steps: 100 });
        const third = whole.items[2] as UserRecord;
        const rest = await t.store.walkUsers({ sort, limit: 100, steps: 100, cursor: whole.after(third) });
        expect(rest.items).toEqual(whole.items.slice(3));
      }
    });

    const foreign: [string, string][] = [
      ['empty', ''],
      ['no cursor at all', 'nonsense'],
      ['not base64url', '!!!'],
      ['emoji', '🙂'],
      ...[
        null,
        1,
        'id',
        [],
        {},
        ['id'],
        ['id', '1'],
        ['id', 1, 2],
        ['email'],
        ['email', 1],
        ['name', 'a'],
      ].map((value): [string, string] => [JSON.stringify(value), text(value)]),
    ];
    test.each(foreign)('a cursor nobody gave out is refused: %s', async (_what, cursor) => {
      const segment = await createSegment(t.store, 'vip');
      for (const sort of SORTS) {
        await expect(t.store.listUsers({ sort, limit: 10, cursor })).rejects.toBeInstanceOf(BadCursor);
      }
      const members = t.store.listMembers(segment.id, { limit: 10, cursor });
      await expect(members).rejects.toBeInstanceOf(BadCursor);
    });

    test('the cursor of one list is refused by another', async () => {
      await createPeople();
      for (const sort of ['createdAt', 'email', 'name'] as const) {
        const { cursor } = await t.store.listUsers({ sort, limit: 1 });
        for (const other of (['createdAt', 'email', 'name'] as const).filter((one) => one !== sort)) {
          const page = t.store.listUsers({ sort: other, limit: 1, cursor: cursor as string });
          await expect(page).rejects.toBeInstanceOf(BadCursor);
        }
      }
    });

    test('members come in pages by id, with the count of the segment', async () => {
      const segment = await createSegment(t.store, 'vip');
      const ids = await createUsers(t.store, ...emails(9));
      await join(t.store, segment, ...ids.toReversed());
      await leave(t.store, segment, ids[4] as number);
      const expected = ids.filter((_, i) => i !== 4);
      expect(await memberIds(t.store, segment)).toEqual(expected);

      const first = await t.store.listMembers(segment.id, { limit: 4 });
      expect(first.total).toBe(8);
      await t.store.apply([remove({ id: first.items.at(-1)?.id as number })], context());
      const second = await t.store.listMembers(segment.id, { limit: 4, cursor: first.cursor as string });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(expected);
      expect(second).toMatchObject({ total: 7, cursor: null });
    });

    test('an empty list is a page of nothing', async () => {
      const nothing: Page<UserRecord> = { items: [], cursor: null, total: 0 };
      expect(await t.store.listUsers({ sort: 'name', limit: 10 })).toEqual(nothing);
      const segment = await createSegment(t.store, 'vip');
      expect(await t.store.listMembers(segment.id, { limit: 10 })).toEqual(nothing);
      expect(await t.store.listMembers(4711, { limit: 10 })).toEqual(nothing);
    });
  });
}
