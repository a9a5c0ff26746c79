import { describe, expect, test } from 'bun:test';
import type { SegmentRecord } from '../../../src/store/store.ts';
import {
  claim,
  context,
  createSegment,
  createUsers,
  eachWith,
  emails,
  join,
  leave,
  levelsTold,
  type Open,
  said,
  tellAll,
  workThrough,
} from './fixture.ts';

/** A trait key or an id that goes on to another membership: what was told by the one is not taken back from the other. */
export function successionConforms(open: Open) {
  describe('a retraction that a live membership makes void', () => {
    const t = eachWith(open);
    let ids: number[];

    /** The trait key `vip` is told for user 1 by a segment that is deleted; user 1 is in its successor. */
    async function succeeded(count = 1): Promise<SegmentRecord> {
      const vip = await createSegment(t.store, 'vip');
      ids = await createUsers(t.store, ...emails(count));
      await join(t.store, vip, ...ids);
      await tellAll(t.store);
      await t.store.deleteSegment(vip.id, context());
      const successor = await createSegment(t.store, 'vip');
      await join(t.store, successor, ...ids);
      return successor;
    }

    test('is dropped, however many of them there are', async () => {
      await succeeded(6);
      // The successor is told before the retraction comes about.
      await tellAll(t.store);
      await workThrough(t.store);
      for (;;) {
        const next = await claim(t.store, 2);
        if (next.length === 0) break;
        expect(said(next)).toEqual({});
      }
      expect(await t.store.outboundBacklog()).toEqual({ pending: 0, parked: 0, oldestAt: null });
    });

    test('is remembered by the membership: a leave before it is told is told all the same', async () => {
      const successor = await succeeded(3);
      await workThrough(t.store);
      const first = await claim(t.store, 1);
      expect(first).toHaveLength(1);
      await leave(t.store, successor, ...ids);
      expect(await levelsTold(t.store)).toEqual(
        Object.fromEntries(emails(3).map((email) => [email, { vip: false }])),
      );
    });

    test('waits for a membership that is itself still known to Segment by another trait', async () => {
      const vip = await createSegment(t.store, 'vip');
      const star = await createSegment(t.store, 'star');
      ids = await createUsers(t.store, 'user1@example.com');
      await join(t.store, vip, ...ids);
      await join(t.store, star, ...ids);
      await tellAll(t.store);
      await t.store.deleteSegment(vip.id, context());
      await t.store.updateSegment(star.id, { traitKey: 'vip' }, context());
      // The retraction of the one is there, that of the other is not yet.
      await t.store.workOnJobs(context(), 10);
      const early = await tellAll(t.store);
      await workThrough(t.store);
      await leave(t.store, star, ...ids);
      expect(said([...early, ...(await tellAll(t.store))])).toEqual({
        'user1@example.com': { vip: false, star: false },
      });
    });

    test('is void also where that segment was told and is not synced any more', async () => {
      const successor = await succeeded();
      await tellAll(t.store);
      await t.store.updateSegment(successor.id, { sync: false }, context());
      await workThrough(t.store);
      await t.store.updateSegment(successor.id, { sync: true }, context());
      expect(await tellAll(t.store)).toEqual([]);
    });

    test('is not void where that segment is not synced', async () => {
      const successor = await succeeded();
      await t.store.updateSegment(successor.id, { sync: false }, context());
      await workThrough(t.store);
      expect(await levelsTold(t.store)).toEqual({ 'user1@example.com': { vip: false } });
      await t.store.updateSegment(successor.id, { sync: true }, context());
      expect(await levelsTold(t.store)).toEqual({ 'user1@example.com': { vip: true } });
    });
  });
}
