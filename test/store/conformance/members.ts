import { describe, expect, test } from 'bun:test';
import {
  claim,
  context,
  createSegment,
  createUsers,
  eachWith,
  emails,
  join,
  leave,
  merge,
  type Open,
  park,
  tellAll,
} from './fixture.ts';

/** The members of one segment: in a range, by search, and what Segment holds of them. */
export function membersConform(open: Open) {
  describe('members of a segment', () => {
    const t = eachWith(open);

    test('in a range of users are those who are members now', async () => {
      const [vip, pro] = [await createSegment(t.store, 'vip'), await createSegment(t.store, 'pro')];
      const [a, b, c] = (await createUsers(t.store, ...emails(3))) as [number, number, number];
      await join(t.store, vip, a, b, c);
      await join(t.store, pro, b);
      await leave(t.store, vip, b);
      expect((await t.store.membersWithin(vip.id, 0, 1000)).toSorted()).toEqual([a, c]);
      expect(await t.store.membersWithin(vip.id, a, b)).toEqual([]);
      expect(await t.store.membersWithin(vip.id, b, c)).toEqual([c]);
      expect(await t.store.membersWithin(pro.id, 0, 1000)).toEqual([b]);
      expect(await t.store.membersWithin(4711, 0, 1000)).toEqual([]);
    });

    test('are found by part of email or name, of this segment alone, and counted', async () => {
      const [vip, pro] = [await createSegment(t.store, 'vip'), await createSegment(t.store, 'pro')];
      const [a, b, c] = (await createUsers(t.store, ...emails(3))) as [number, number, number];
      await t.store.apply([merge({ id: b }, { name: 'Grace 100%' })], context());
      await join(t.store, vip, a, b);
      await join(t.store, pro, c);
      const found = async (search: string, segment = vip) => {
        const { items, total, cursor } = await t.store.listMembers(segment.id, { limit: 10, search });
        expect([total, cursor]).toEqual([items.length, null]);
        return items.map(({ id }) => id);
      };
      expect(await found('')).toEqual([a, b]);
      expect(await found('EXAMPLE')).toEqual([a, b]);
      expect(await found('grace')).toEqual([b]);
      expect(await found('0%')).toEqual([b]);
      expect(await found('%%')).toEqual([]);
      expect(await found('grace', pro)).toEqual([]);
      const first = await t.store.listMembers(vip.id, { limit: 1, search: 'example' });
      expect(first).toMatchObject({ items: [{ id: a }], total: 2 });
      const cursor = first.cursor as string;
      const second = await t.store.listMembers(vip.id, { limit: 1, search: 'example', cursor });
      expect(second).toMatchObject({ items: [{ id: b }], total: 2, cursor: null });
    });

    test('count as told from the moment Segment may have the trait until it took it back', async () => {
      const [vip, pro] = [await createSegment(t.store, 'vip'), await createSegment(t.store, 'pro')];
      const [a, b] = (await createUsers(t.store, ...emails(2))) as [number, number];
      const told = () => t.store.countTold(vip.id, 0, 1000);
      await join(t.store, vip, a, b);
      await join(t.store, pro, a);
      expect(await told()).toBe(0);
      expect(await t.store.segmentBacklog(vip.id)).toEqual({ pending: 2, parked: 0 });
      await tellAll(t.store);
      expect(await told()).toBe(2);
      expect(await t.store.countTold(vip.id, a, b)).toBe(1);
      expect(await t.store.countTold(vip.id, b, 1000)).toBe(0);
      await leave(t.store, vip, a);
      expect(await told()).toBe(2);
      expect(await t.store.segmentBacklog(vip.id)).toEqual({ pending: 1, parked: 0 });
      await park(t.store, await claim(t.store));
      expect(await t.store.segmentBacklog(vip.id)).toEqual({ pending: 0, parked: 1 });
      expect(await t.store.segmentBacklog(pro.id)).toEqual({ pending: 0, parked: 0 });
      await t.store.unpark();
      await tellAll(t.store);
      expect(await told()).toBe(1);
    });
  });
}
