import { describe, expect, test } from 'bun:test';
import type { Level } from '../../../src/store/store.ts';
import {
  claim,
  context,
  createSegment,
  createUsers,
  eachWith,
  emails,
  join,
  leave,
  levelsOf,
  levelsTold,
  member,
  merge,
  NOW,
  type Open,
  park,
  said,
  take,
  tellAll,
} from './fixture.ts';

const EMPTY = { pending: 0, parked: 0, oldestAt: null };

/** What is handed out to be told to Segment, and what stays pending until when. */
export function outboundConforms(open: Open) {
  describe('outbound', () => {
    const t = eachWith(open);
    const segment = (slug: string) => createSegment(t.store, slug);
    const users = (count: number) => createUsers(t.store, ...emails(count));
    const ann = async () => (await createUsers(t.store, 'ann@example.com'))[0] as number;
    const pending = async () => (await t.store.outboundBacklog()).pending;

    test('nobody in no segment is nothing to tell', async () => {
      await segment('vip');
      await ann();
      expect(await claim(t.store)).toEqual([]);
      expect(await t.store.outboundBacklog()).toEqual(EMPTY);
    });

    test('a join is told once as true, a leave once as false', async () => {
      const vip = await segment('vip');
      const id = await ann();
      await join(t.store, vip, id);
      const joined = await claim(t.store);
      expect(joined).toEqual([
        {
          outboundId: 'ann@example.com',
          levels: [
            {
              kind: 'membership',
              userId: id,
              segmentId: vip.id,
              version: expect.any(Number),
              changedAt: NOW,
              traitKey: 'vip',
              value: true,
            },
          ],
        },
      ]);
      await take(t.store, joined);
      expect(await claim(t.store)).toEqual([]);
      expect(await t.store.outboundBacklog()).toEqual(EMPTY);
      await leave(t.store, vip, id);
      expect(await levelsTold(t.store)).toEqual({ 'ann@example.com': { vip: false } });
      expect(await t.store.outboundBacklog()).toEqual(EMPTY);
    });

    test('joining and leaving again before anything is sent is nothing to tell', async () => {
      const vip = await segment('vip');
      const id = await ann();
      await t.store.apply([member(id, vip, true), member(id, vip, false)], context());
      expect(await t.store.outboundBacklog()).toEqual(EMPTY);
      await join(t.store, vip, id);
      await tellAll(t.store);
      await leave(t.store, vip, id);
      await join(t.store, vip, id);
      expect(await claim(t.store)).toEqual([]);
      expect(await t.store.outboundBacklog()).toEqual(EMPTY);
    });

    test('one telling carries everything about a user, and only what is pending', async () => {
      const [a, b, c] = [await segment('a'), await segment('b'), await segment('c')];
      const id = await ann();
      await join(t.store, a, id);
      await tellAll(t.store);
      await t.store.apply([member(id, b, true), member(id, c, true), member(id, a, false)], context());
      const tellings = await claim(t.store);
      expect(tellings).toHaveLength(1);
      expect(said(tellings)).toEqual({ 'ann@example.com': { a: false, b: true, c: true } });
    });

    describe.each([
      ['', async () => {}],
      [', also after a restart', () => t.reopen()],
    ])('what was handed out but not settled%s', (_when, restart) => {
      test('stays pending and is told again as the very same change', async () => {
        const vip = await segment('vip');
        await join(t.store, vip, await ann());
        const first = await claim(t.store);
        await restart();
        expect(await pending()).toBe(1);
        expect(await claim(t.store)).toEqual(first);
        await take(t.store, first);
        expect(await t.store.outboundBacklog()).toEqual(EMPTY);
      });

      test('a leave meanwhile is told as false: Segment may have the true', async () => {
        const vip = await segment('vip');
        const id = await ann();
        await join(t.store, vip, id);
        await claim(t.store);
        await restart();
        await leave(t.store, vip, id);
        expect(await pending()).toBe(1);
        expect(await levelsTold(t.store)).toEqual({ 'ann@example.com': { vip: false } });
      });

      test('a join meanwhile is told as true: Segment may have the false', async () => {
        const vip = await segment('vip');
        const id = await ann();
        await join(t.store, vip, id);
        await tellAll(t.store);
        await leave(t.store, vip, id);
        await claim(t.store);
        await restart();
        await join(t.store, vip, id);
        expect(await pending()).toBe(1);
        expect(await levelsTold(t.store)).toEqual({ 'ann@example.com': { vip: true } });
      });
    });

    test('an answer about a change that is history already settles nothing', async () => {
      const vip = await segment('vip');
      const id = await ann();
      await join(t.store, vip, id);
      const joined = await claim(t.store);
      await leave(t.store, vip, id);
      await take(t.store, joined);
      expect(await levelsTold(t.store)).toEqual({ 'ann@example.com': { vip: false } });
      // There and back: the same value, yet another change.
      await join(t.store, vip, id);
      const again = await claim(t.store);
      await leave(t.store, vip, id);
      await join(t.store, vip, id);
      await take(t.store, again);
      await park(t.store, again);
      expect(await t.store.outboundBacklog()).toMatchObject({ pending: 1, parked: 0 });
      expect(await claim(t.store)).not.toEqual(again);
    });

    test('every change has a version of its own, also for users and segments made later', async () => {
      const vip = await segment('vip');
      const id = await ann();
      const seen = new Set<string>();
      let changes = 0;
      const note = (levels: Level[]) => {
        for (const level of levels) {
          changes++;
          if (level.kind === 'membership') seen.add(`${level.userId} ${level.segmentId} ${level.version}`);
        }
      };
      for (const joins of [true, false, true, false]) {
        await t.store.apply([member(id, vip, joins)], context());
        note(levelsOf(await tellAll(t.store)));
      }
      await t.store.apply([{ kind: 'delete', target: { id }, cause: 'api' }], context());
      await join(t.store, vip, await ann());
      note(levelsOf(await tellAll(t.store)));
      expect(changes).toBe(5);
      expect(seen.size).toBe(5);
    });

    test('what is refused for good is parked until it is retried or changes', async () => {
      const [a, b] = [await segment('a'), await segment('b')];
      const [one, two] = (await users(2)) as [number, number];
      await join(t.store, a, one, two);
      await join(t.store, b, one);
      const tellings = await claim(t.store);
      const [first, second] = [tellings.slice(0, 1), tellings.slice(1)];
      await park(t.store, first);
      await take(t.store, second);
      await t.reopen();
      expect(await claim(t.store)).toEqual([]);
      expect(await t.store.outboundBacklog()).toEqual({ pending: 0, parked: 2, oldestAt: null });

      // A change of mind is another event, which may well be fine.
      await leave(t.store, b, one);
      expect(await t.store.outboundBacklog()).toEqual({ pending: 1, parked: 1, oldestAt: NOW });
      expect(await levelsTold(t.store)).toEqual({ 'user1@example.com': { b: false } });

      expect(await t.store.unpark()).toBe(1);
      expect(await t.store.unpark()).toBe(0);
      expect(await levelsTold(t.store)).toEqual({ 'user1@example.com': { a: true } });
      expect(await t.store.outboundBacklog()).toEqual(EMPTY);
    });

    test('a segment that is not synced keeps its changes to itself until it is', async () => {
      const vip = await segment('vip');
      const other = await segment('other');
      const [one, two] = (await users(2)) as [number, number];
      await join(t.store, vip, one);
      await tellAll(t.store);
      await t.store.updateSegment(vip.id, { sync: false }, context());
      await leave(t.store, vip, one);
      await join(t.store, vip, two);
      await join(t.store, other, two);
      expect(await pending()).toBe(1);
      expect(await levelsTold(t.store)).toEqual({ 'user2@example.com': { other: true } });
      expect(await t.store.outboundBacklog()).toEqual(EMPTY);
      await t.store.updateSegment(vip.id, { sync: true }, context());
      expect(await pending()).toBe(2);
      expect(await levelsTold(t.store)).toEqual({
        'user1@example.com': { vip: false },
        'user2@example.com': { vip: true },
      });
    });

    test('no more users than asked for, the longest waiting first', async () => {
      const vip = await segment('vip');
      const ids = await users(5);
      const order = [3, 0, 4, 1, 2];
      for (const [minute, i] of order.entries()) {
        await t.store.apply([member(ids[i] as number, vip, true)], context({ now: NOW + minute * 60_000 }));
      }
      expect((await t.store.outboundBacklog()).oldestAt).toBe(NOW);
      const asked: string[][] = [];
      for (const limit of [2, 2, 2]) {
        const tellings = await claim(t.store, limit);
        asked.push(tellings.map(({ outboundId }) => outboundId));
        await take(t.store, tellings);
      }
      const expected = order.map((i) => `user${i + 1}@example.com`);
      expect(asked).toEqual([expected.slice(0, 2), expected.slice(2, 4), expected.slice(4)]);
    });

    test('a large segment does not keep the others waiting', async () => {
      const [large, small] = [await segment('large'), await segment('small')];
      const ids = await users(30);
      await join(t.store, large, ...ids.slice(0, 28));
      await join(t.store, small, ...ids.slice(28));
      const tellings = await claim(t.store, 10);
      expect(tellings).toHaveLength(10);
      const keys = levelsOf(tellings).map(({ traitKey }) => traitKey);
      expect(keys.filter((key) => key === 'small')).toHaveLength(2);
      expect(keys.filter((key) => key === 'large')).toHaveLength(8);
    });

    test('settling the last and asking for the next are one step', async () => {
      const vip = await segment('vip');
      await join(t.store, vip, ...(await users(3)));
      const next = { limit: 1, identifyAs: 'email' } as const;
      let tellings = await t.store.exchangeOutbound({ taken: [], parked: [] }, next);
      const told: string[] = [];
      while (tellings.length > 0) {
        told.push(...tellings.map(({ outboundId }) => outboundId));
        tellings = await t.store.exchangeOutbound({ taken: levelsOf(tellings), parked: [] }, next);
      }
      expect(told).toEqual(emails(3));
    });

    describe('an id that several users are linked to', () => {
      const tell = () => levelsTold(t.store, 'external_id');
      const link = (id: number, externalId: string | null, minutes: number) =>
        t.store.apply(
          [merge({ id }, { at: NOW - 1_000_000 + minutes, externalId })],
          context({ identifyAs: 'external_id' }),
        );
      /** The second of three is the one linked last, the third has the id as the address. */
      async function shared() {
        const vip = await segment('vip');
        const ids = (await createUsers(t.store, 'old@x.io', 'new@x.io', 'u-1@x.io')) as Three;
        await link(ids[0], 'u-1@x.io', 1);
        await link(ids[1], 'u-1@x.io', 2);
        return { vip, ids };
      }
      type Three = [number, number, number];

      test.each([0, 2])('is not told false while the one linked last is a member: %#', async (i) => {
        const { vip, ids } = await shared();
        await join(t.store, vip, ...ids);
        expect(await tell()).toEqual({ 'u-1@x.io': { vip: true } });
        await leave(t.store, vip, ids[i] as number);
        expect(await tell()).toEqual({});
        expect(await t.store.outboundBacklog()).toEqual(EMPTY);
        await leave(t.store, vip, ids[1]);
        expect(await tell()).toEqual({ 'u-1@x.io': { vip: false } });
      });

      test('is what the one linked last is, also where another one joins later', async () => {
        const { vip, ids } = await shared();
        await join(t.store, vip, ids[0]);
        expect(await tell()).toEqual({});
        expect(await t.store.outboundBacklog()).toEqual(EMPTY);
        await join(t.store, vip, ids[1]);
        expect(await tell()).toEqual({ 'u-1@x.io': { vip: true } });
      });

      test('is told anew when somebody else is linked last', async () => {
        const { vip, ids } = await shared();
        await join(t.store, vip, ids[1]);
        await tell();
        // The event alone has a newer time: the id is the same as before.
        await link(ids[0], 'u-1@x.io', 3);
        expect(await tell()).toEqual({ 'u-1@x.io': { vip: false } });
        await link(ids[0], null, 4);
        expect(await tell()).toEqual({ 'u-1@x.io': { vip: true } });
      });

      test('is told false by the one linked last, whoever else is a member', async () => {
        const { vip, ids } = await shared();
        await join(t.store, vip, ...ids);
        await tell();
        await leave(t.store, vip, ids[1]);
        expect(await tell()).toEqual({ 'u-1@x.io': { vip: false } });
      });

      test('is told false when the one linked last leaves before having been told', async () => {
        const { vip, ids } = await shared();
        const another = await ann();
        await join(t.store, vip, ids[0]);
        await tell();
        await leave(t.store, vip, ids[0]);
        for (const [minute, id] of [another, ids[1]].entries())
          await t.store.apply([member(id, vip, true)], context({ now: NOW + (minute + 1) * 60_000 }));
        // The leave is not told, and the one linked last is not asked for yet.
        expect(said(await claim(t.store, 1, 'external_id'))).toEqual({ 'ann@example.com': { vip: true } });
        await t.reopen();
        await leave(t.store, vip, ids[1]);
        expect(await tell()).toEqual({ 'ann@example.com': { vip: true }, 'u-1@x.io': { vip: false } });
      });

      test('is told false by each where the other is in another segment', async () => {
        const { vip, ids } = await shared();
        await join(t.store, vip, ids[0]);
        await join(t.store, await segment('other'), ids[1]);
        await tell();
        await leave(t.store, vip, ids[0]);
        expect(await tell()).toEqual({ 'u-1@x.io': { vip: false } });
      });

      test('is no shared id where users go by their email', async () => {
        const { vip, ids } = await shared();
        await join(t.store, vip, ...ids);
        await tellAll(t.store);
        await leave(t.store, vip, ids[0]);
        expect(await levelsTold(t.store)).toEqual({ 'old@x.io': { vip: false } });
      });

      test('does not end the telling of others, however many have nothing to say', async () => {
        const vip = await segment('vip');
        const ids = await users(31);
        for (const [i, id] of ids.slice(0, 30).entries()) await link(id, 'u-1', i);
        await join(t.store, vip, ...ids);
        await tell();
        await leave(t.store, vip, ...ids.slice(0, 29), ids[30] as number);
        const next = await claim(t.store, 5, 'external_id');
        expect(said(next)).toEqual({ 'user31@example.com': { vip: false } });
      });
    });

    test('a user goes by the linked id where that is chosen and there is one', async () => {
      const vip = await segment('vip');
      const [one, two] = (await users(2)) as [number, number];
      await t.store.apply([merge({ id: one }, { externalId: 'u-1' })], context());
      await join(t.store, vip, one, two);
      expect(said(await claim(t.store, 10, 'external_id'))).toEqual({
        'u-1': { vip: true },
        'user2@example.com': { vip: true },
      });
    });
  });
}
