import { describe, expect, test } from 'bun:test';
import type { OutboundChange } from '../../../src/store/store.ts';
import {
  applyOne,
  claim,
  createSegment,
  createUsers,
  eachWith,
  emails,
  join,
  leave,
  merge,
  type Open,
  park,
  remove,
  tellAll,
} from './fixture.ts';

const DAY = 86_400_000;

/** What Segment would be told, and how large segments were. */
export function outlookConforms(open: Open) {
  describe('outlook', () => {
    const t = eachWith(open);

    const count = async (change: OutboundChange, after = 0, through = 1000) => {
      const { updates, ...rest } = await t.store.countOutlook(change, after, through);
      return { updates: Object.fromEntries(updates), ...rest };
    };

    test('counts traits by segment and users once, in the range asked for', async () => {
      const [vip, pro] = [await createSegment(t.store, 'vip'), await createSegment(t.store, 'pro')];
      const quiet = await createSegment(t.store, 'quiet', { sync: false });
      const [a, b, c] = (await createUsers(t.store, ...emails(3))) as [number, number, number];
      await join(t.store, vip, a, b, c);
      await join(t.store, pro, a);
      await join(t.store, quiet, a);
      const all = { updates: { [vip.id]: 3, [pro.id]: 1 }, users: 3, retracted: 0, moved: 0 };
      for (const change of ['pending', 'resend', 'identify_as'] as const)
        expect(await count(change)).toEqual(all);
      expect(await count('pending', a, b)).toMatchObject({ updates: { [vip.id]: 1 }, users: 1 });
      expect(await count('pending', c)).toMatchObject({ updates: {}, users: 0 });
    });

    test('what was told is told again only by a resending, what is parked not by itself', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [a, b, c] = (await createUsers(t.store, ...emails(3))) as [number, number, number];
      await join(t.store, vip, a, b);
      await tellAll(t.store);
      await join(t.store, vip, c);
      await park(t.store, await claim(t.store));
      expect(await count('pending')).toMatchObject({ updates: {}, users: 0 });
      expect(await count('resend')).toMatchObject({ updates: { [vip.id]: 3 }, users: 3 });
      await leave(t.store, vip, a);
      expect(await count('pending')).toMatchObject({ updates: { [vip.id]: 1 }, users: 1 });
      expect(await count('resend')).toMatchObject({ updates: { [vip.id]: 3 }, users: 3 });
    });

    test('another way to identify takes back what was told of those whose ids differ', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [a, b] = (await createUsers(t.store, ...emails(2))) as [number, number];
      await applyOne(t.store, merge({ id: a }, { externalId: 'u-1' }));
      await applyOne(t.store, merge({ id: b }, { externalId: 'user2@example.com' }));
      await createUsers(t.store, 'nobody@example.com');
      await join(t.store, vip, a, b);
      expect(await count('identify_as')).toMatchObject({ retracted: 0, moved: 0 });
      await tellAll(t.store);
      expect(await count('identify_as')).toEqual({
        updates: { [vip.id]: 2 },
        users: 2,
        retracted: 1,
        moved: 1,
      });
    });

    test('retractions are counted while they wait', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [a] = (await createUsers(t.store, 'a@example.com')) as [number];
      await join(t.store, vip, a);
      await tellAll(t.store);
      expect(await t.store.countRetractions()).toBe(0);
      await applyOne(t.store, merge({ id: a }, { at: 'latest', email: 'b@example.com' }));
      expect(await t.store.countRetractions()).toBe(1);
      await tellAll(t.store);
      expect(await t.store.countRetractions()).toBe(0);
    });
  });

  describe('sizes of segments', () => {
    const t = eachWith(open);

    test('the last of a day stays, days of long ago and segments that are gone do not', async () => {
      const vip = await createSegment(t.store, 'vip');
      const gone = await createSegment(t.store, 'gone');
      const [a, b] = (await createUsers(t.store, ...emails(2))) as [number, number];
      await t.store.recordSegmentSizes(1 * DAY, 0);
      await join(t.store, vip, a, b);
      await t.store.recordSegmentSizes(1 * DAY, 0);
      await applyOne(t.store, remove({ id: b }));
      await t.store.recordSegmentSizes(2 * DAY, 0);
      const size = (segmentId: number, day: number, members: number) => ({
        segmentId,
        day: day * DAY,
        members,
      });
      expect(await t.store.segmentSizes(0)).toEqual([
        size(vip.id, 1, 2),
        size(vip.id, 2, 1),
        size(gone.id, 1, 0),
        size(gone.id, 2, 0),
      ]);
      expect(await t.store.segmentSizes(2 * DAY)).toHaveLength(2);
      await t.store.deleteSegment(gone.id, { now: 3 * DAY, identifyAs: 'email' });
      await t.store.recordSegmentSizes(3 * DAY, 2 * DAY);
      await t.reopen();
      expect(await t.store.segmentSizes(0)).toEqual([size(vip.id, 2, 1), size(vip.id, 3, 1)]);
    });

    test('a clock that is far in the future for a moment costs no sizes', async () => {
      await createSegment(t.store, 'vip');
      const note = (day: number) => t.store.recordSegmentSizes(day * DAY, (day - 400) * DAY);
      const days = async () => (await t.store.segmentSizes(0)).map(({ day }) => day / DAY);
      for (const day of [20_000, 24_000, 20_001]) await note(day);
      expect(await days()).toEqual([20_000, 20_001, 24_000]);
      for (let day = 20_051; day <= 20_401; day += 50) await note(day);
      expect((await days()).slice(0, 2)).toEqual([20_001, 20_051]);
    });
  });
}
