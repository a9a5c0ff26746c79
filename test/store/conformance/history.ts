import { describe, expect, test } from 'bun:test';
import { BadCursor, type HistoryEntry } from '../../../src/store/store.ts';
import type { JsonObject } from '../../../src/users/attributes.ts';
import type { WriteContext } from '../../../src/users/change.ts';
import {
  applyOne,
  context,
  createSegment,
  createUsers,
  eachWith,
  emails,
  evaluate,
  join,
  member,
  merge,
  NOW,
  type Open,
  planIs,
  poison,
  remove,
  workThrough,
} from './fixture.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const at = (minutes: number) => context({ now: NOW + minutes * MINUTE });

/** What is written down along with changes: joins and leaves, and which attributes there are. */
export function historyConforms(open: Open) {
  describe('history', () => {
    const t = eachWith(open);

    test('joins and leaves are kept with time and cause, the latest first', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [ann, bob] = (await createUsers(t.store, ...emails(2))) as [number, number];
      const change = (id: number, member: boolean, cause: 'api' | 'import') =>
        ({ kind: 'member', target: { id }, segmentId: vip.id, member, cause }) as const;
      await t.store.apply([change(ann, true, 'api'), change(ann, true, 'api')], at(0));
      await t.store.apply([change(bob, true, 'import')], at(1));
      await t.store.apply([change(ann, false, 'api')], at(2));
      const entry = (userId: number, member: boolean, minutes: number, cause: string) =>
        ({ userId, segmentId: vip.id, member, at: NOW + minutes * MINUTE, cause }) as HistoryEntry;
      const whole = [entry(ann, false, 2, 'api'), entry(bob, true, 1, 'import'), entry(ann, true, 0, 'api')];
      const list = (of: { userId: number } | { segmentId: number }) =>
        t.store.membershipHistory(of, { limit: 10 });
      expect(await list({ segmentId: vip.id })).toEqual({ items: whole, cursor: null });
      expect(await list({ userId: ann })).toEqual({
        items: [whole[0], whole[2]] as HistoryEntry[],
        cursor: null,
      });
      await t.reopen();
      expect(await list({ userId: bob })).toEqual({ items: [whole[1]] as HistoryEntry[], cursor: null });
      expect(await list({ userId: 4711 })).toEqual({ items: [], cursor: null });
    });

    test('each way into a segment has its cause', async () => {
      const pro = await createSegment(t.store, 'pro', {
        rules: {
          match: 'any',
          conditions: [planIs('pro'), { field: 'lastSeenAt', operator: 'within_last', value: { hours: 1 } }],
        },
      });
      await workThrough(t.store);
      const { userId } = await applyOne(t.store, merge({ email: 'ann@example.com' }, { seenAt: NOW }));
      await applyOne(t.store, evaluate(userId as number), at(61));
      await t.store.updateSegment(pro.id, { rules: planIs('free') }, at(62));
      await workThrough(t.store, 10, at(62));
      const plan = merge({ id: userId as number }, { at: 'latest', attributes: { plan: 'pro' } });
      await applyOne(t.store, plan, at(63));
      await t.store.updateSegment(pro.id, { rules: planIs('pro') }, at(64));
      await workThrough(t.store, 10, at(64));
      const { items } = await t.store.membershipHistory({ segmentId: pro.id }, { limit: 10 });
      expect(items.map(({ member, cause }) => `${member} ${cause}`)).toEqual([
        'true edit',
        'false time',
        'true event',
      ]);
    });

    test('pages hold while more is written', async () => {
      const vip = await createSegment(t.store, 'vip');
      const ids = await createUsers(t.store, ...emails(5));
      await join(t.store, vip, ...ids);
      const seen: number[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < 3; page++) {
        const found = await t.store.membershipHistory(
          { segmentId: vip.id },
          { limit: 2, ...(cursor ? { cursor } : {}) },
        );
        seen.push(...found.items.map(({ userId }) => userId));
        cursor = found.cursor ?? undefined;
        await createUsers(t.store, `late${page}@example.com`);
        await join(t.store, vip, (await t.store.userIdRange()).last);
      }
      expect(seen).toEqual(ids.toReversed());
      expect(cursor).toBeUndefined();
      for (const bad of ['', 'x', '-1', '1.5', '0', 'null']) {
        const page = t.store.membershipHistory({ userId: 1 }, { limit: 2, cursor: bad });
        await expect(page).rejects.toBeInstanceOf(BadCursor);
      }
    });

    test('old entries are pruned a bit at a time, newer ones and memberships stay', async () => {
      const vip = await createSegment(t.store, 'vip');
      const ids = await createUsers(t.store, ...emails(6));
      for (const [i, id] of ids.entries()) {
        await t.store.apply(
          [{ kind: 'member', target: { id }, segmentId: vip.id, member: true, cause: 'api' }],
          at(i),
        );
      }
      const before = NOW + 4 * MINUTE;
      expect(await t.store.pruneHistory(before, 3)).toBe(3);
      expect(await t.store.pruneHistory(before, 3)).toBe(1);
      expect(await t.store.pruneHistory(before, 3)).toBe(0);
      const { items } = await t.store.membershipHistory({ segmentId: vip.id }, { limit: 10 });
      expect(items.map(({ userId }) => userId)).toEqual([ids[5], ids[4]] as number[]);
      expect(await t.store.segmentsOf(ids[0] as number)).toEqual([vip.id]);
    });

    test('entries from a clock that was wrong keep no others from being pruned', async () => {
      const vip = await createSegment(t.store, 'vip');
      const ids = await createUsers(t.store, ...emails(9));
      const joins = (id: number, to: WriteContext) => t.store.apply([member(id, vip, true)], to);
      for (const id of ids.slice(0, 4)) await joins(id, context({ now: NOW + 4000 * DAY }));
      for (const [i, id] of ids.slice(4).entries()) await joins(id, at(i));
      expect(await t.store.pruneHistory(NOW + 4 * MINUTE, 3)).toBe(3);
      expect(await t.store.pruneHistory(NOW + 4 * MINUTE, 3)).toBe(1);
      const { items } = await t.store.membershipHistory({ segmentId: vip.id }, { limit: 10 });
      expect(items.map(({ userId }) => userId)).toEqual([8, 3, 2, 1, 0].map((i) => ids[i] as number));
    });

    test('a clock that is far in the future for a moment costs no entry', async () => {
      const vip = await createSegment(t.store, 'vip');
      const ids = await createUsers(t.store, ...emails(4));
      const kept = 180 * DAY;
      const leap = 4000 * DAY;
      const look = (days: number) => t.store.pruneHistory(NOW + days * DAY - kept, 10);
      for (const [i, id] of ids.slice(0, 2).entries())
        await t.store.apply([member(id, vip, true)], context({ now: NOW - (100 - i * 50) * DAY }));
      expect(await look(0)).toBe(0);
      await t.store.apply([member(ids[2] as number, vip, true)], context({ now: NOW + leap }));
      expect(await look(leap / DAY)).toBe(0);
      expect(await look(leap / DAY + 0.9)).toBe(0);
      // The clock is right again, and what is old goes when it has been for a day.
      await t.store.apply([member(ids[3] as number, vip, true)], at(1));
      expect(await look(0)).toBe(0);
      expect(await look(45)).toBe(0);
      expect(await look(90)).toBe(1);
      // The service was off for two years, or so it seems.
      expect(await look(800)).toBe(0);
      await t.reopen();
      expect(await look(801)).toBe(2);
      const { items } = await t.store.membershipHistory({ segmentId: vip.id }, { limit: 10 });
      expect(items.map(({ userId }) => userId)).toEqual([ids[2] as number]);
    });

    test('of a deleted user nothing is left', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [ann, bob] = (await createUsers(t.store, ...emails(2))) as [number, number];
      await join(t.store, vip, ann, bob);
      await applyOne(t.store, remove({ id: ann }));
      const { items } = await t.store.membershipHistory({ segmentId: vip.id }, { limit: 10 });
      expect(items.map(({ userId }) => userId)).toEqual([bob]);
    });

    describe('attributes seen', () => {
      const set = (email: string, attributes: JsonObject, minutes = 0) =>
        applyOne(t.store, merge({ email }, { at: 'latest', attributes }), at(minutes));
      const paths = async () =>
        (await t.store.listAttributes()).map(({ path, users, types, values }) => ({
          path,
          users,
          types,
          values: values.map(({ value, users }) => `${JSON.stringify(value)} ${users}`),
        }));

      test('leave their place to others when nobody has them any more', async () => {
        const many = (user: number) =>
          Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`key-${user}-${n}`, n]));
        for (let user = 0; user < 6; user++) await set(`user-${user}@example.com`, many(user));
        expect(await paths()).toHaveLength(5000);
        for (let user = 0; user < 6; user++)
          await applyOne(t.store, remove({ email: `user-${user}@example.com` }));
        await t.reopen();
        expect(await paths()).toEqual([]);
        await set('ann@example.com', { plan_tier: 'pro' });
        expect(await paths()).toMatchObject([{ path: 'plan_tier', users: 1 }]);
      });

      test('are counted by path, type and value, the most common first', async () => {
        await set('a@example.com', { plan: 'pro', seats: 3, company: { plan: 'x', since: '2026-01-31' } });
        await set('b@example.com', { plan: 'pro', seats: '3', tags: ['new', 'big', 'new'] });
        await set('c@example.com', { plan: 'free', vip: true, gone: null });
        const expected = [
          { path: 'plan', users: 3, types: { text: 3 }, values: ['"pro" 2', '"free" 1'] },
          { path: 'seats', users: 2, types: { number: 1, text: 1 }, values: ['"3" 1', '3 1'] },
          { path: 'company', users: 1, types: { object: 1 }, values: [] },
          { path: 'company.plan', users: 1, types: { text: 1 }, values: ['"x" 1'] },
          { path: 'company.since', users: 1, types: { date: 1 }, values: ['"2026-01-31" 1'] },
          { path: 'tags', users: 1, types: { list: 1 }, values: ['"big" 1', '"new" 1'] },
          { path: 'vip', users: 1, types: { boolean: 1 }, values: ['true 1'] },
        ];
        expect(await paths()).toEqual(expected);
        expect(await t.store.usersWithAttribute('plan')).toBe(3);
        expect(await t.store.usersWithAttribute('gone')).toBe(0);
        await t.reopen();
        expect(await paths()).toEqual(expected);

        await set('a@example.com', { plan: 'free', company: null });
        await applyOne(t.store, remove({ email: 'b@example.com' }));
        expect(await paths()).toEqual([
          { path: 'plan', users: 2, types: { text: 2 }, values: ['"free" 2'] },
          { path: 'seats', users: 1, types: { number: 1 }, values: ['3 1'] },
          { path: 'vip', users: 1, types: { boolean: 1 }, values: ['true 1'] },
        ]);
        expect(await t.store.usersWithAttribute('company.plan')).toBe(0);
      });

      test('keep when they were first and last seen, roughly', async () => {
        await set('a@example.com', { plan: 'pro' });
        await set('b@example.com', { plan: 'pro' }, 60);
        const [plan] = await t.store.listAttributes();
        expect(plan).toMatchObject({ firstSeenAt: NOW, lastSeenAt: NOW + 60 * MINUTE, valuesCapped: false });
      });

      test('of a call that failed are not counted, then or later', async () => {
        await set('a@example.com', { plan: 'pro' });
        const failing = [merge({ email: 'b@example.com' }, { attributes: { plan: 'pro', more: 1 } }), poison];
        await expect(t.store.apply(failing, context())).rejects.toThrow('poison');
        await set('c@example.com', { plan: 'pro' });
        expect(await paths()).toEqual([{ path: 'plan', users: 2, types: { text: 2 }, values: ['"pro" 2'] }]);
      });

      test('with ever new values are capped, not kept whole', async () => {
        const users = emails(600).map((email, i) => merge({ email }, { attributes: { id: `id-${i}` } }));
        await t.store.apply(users, context());
        const [id] = await t.store.listAttributes();
        expect(id).toMatchObject({ path: 'id', users: 600, types: { text: 600 }, valuesCapped: true });
        expect(id?.values.length).toBeLessThan(100);
      });

      test('with odd names are paths like any other', async () => {
        await set('a@example.com', JSON.parse('{"__proto__": 1, "constructor": 2, "🔥": 3, "": 4}'));
        expect((await paths()).map(({ path }) => path).sort()).toEqual([
          '',
          '__proto__',
          'constructor',
          '🔥',
        ]);
        for (const path of ['__proto__', 'constructor']) {
          expect(await t.store.usersWithAttribute(path)).toBe(1);
        }
      });
    });
  });
}
