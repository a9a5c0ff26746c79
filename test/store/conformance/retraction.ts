import { describe, expect, test } from 'bun:test';
import type { SegmentRecord } from '../../../src/store/store.ts';
import type { IdentifyAs } from '../../../src/users/user.ts';
import {
  applyOne,
  claim,
  context,
  createSegment,
  createUsers,
  eachWith,
  emails,
  join,
  leave,
  levelsTold,
  merge,
  NOW,
  type Open,
  park,
  said,
  tellAll,
  workThrough,
} from './fixture.ts';

/** Taking back what Segment was told where nothing speaks for it any more, and nothing else. */
export function retractionConforms(open: Open) {
  describe('retraction', () => {
    const t = eachWith(open);
    let vip: SegmentRecord;
    let ids: number[];

    /**
     * Six users: 1 was told true, 2 was told and has left untold, 3 may have been told (no answer came), 4 was never
     * told, 5 was refused, 6 was told and then refused the leave. Nothing else is pending.
     */
    async function inEveryState() {
      vip = await createSegment(t.store, 'vip');
      ids = await createUsers(t.store, ...emails(6));
      const [one, two, three, four, five, six] = ids as [number, number, number, number, number, number];
      await join(t.store, vip, one, two, six);
      await tellAll(t.store);
      await leave(t.store, vip, six);
      await join(t.store, vip, five);
      await park(t.store, await claim(t.store));
      await leave(t.store, vip, two);
      await join(t.store, vip, three);
      await claim(t.store);
      await join(t.store, vip, four);
    }
    const told = ['user1', 'user2', 'user3', 'user5', 'user6'].map((name) => `${name}@example.com`);
    const all = (addresses: string[], traits: Record<string, boolean>) =>
      Object.fromEntries(addresses.map((address) => [address, traits]));

    /** Works in chunks of one, and restarts before each. */
    async function workWithRestarts() {
      do await t.reopen();
      while (await t.store.workOnJobs(context(), 1));
    }
    const ways: [string, () => Promise<unknown>][] = [
      ['', () => workThrough(t.store)],
      [', in chunks with restarts between', workWithRestarts],
    ];

    describe.each(ways)('of a deleted segment%s', (_how, work) => {
      test('reaches everybody who was or may have been told, and nobody else', async () => {
        await inEveryState();
        await t.store.deleteSegment(vip.id, context());
        await work();
        expect(await levelsTold(t.store)).toEqual(all(told, { vip: false }));
        expect(await t.store.outboundBacklog()).toEqual({ pending: 0, parked: 0, oldestAt: null });
        expect(await t.store.listJobs()).toEqual([]);
      });

      test('leaves alone who is in a new segment with the same trait key', async () => {
        await inEveryState();
        await t.store.deleteSegment(vip.id, context());
        const again = await createSegment(t.store, 'vip');
        await join(t.store, again, ids[0] as number, ids[1] as number);
        await work();
        const tellings = await tellAll(t.store);
        const [one, two, ...others] = told as [string, string, ...string[]];
        expect(said(tellings)).toEqual({ ...all([one, two], { vip: true }), ...all(others, { vip: false }) });
        // Not even for a moment: a workflow could start on it.
        expect(said(tellings.filter(({ levels }) => levels.some(({ value }) => !value)))).toEqual(
          all(others, { vip: false }),
        );
      });
    });

    describe.each(ways)('of a changed trait key%s', (_how, work) => {
      const members = ['user1', 'user3', 'user4', 'user5'].map((name) => `${name}@example.com`);
      const left = ['user2@example.com', 'user6@example.com'];
      const expected = () => {
        const levels: Record<string, Record<string, boolean>> = {};
        for (const address of told) levels[address] = { vip: false };
        for (const address of members) levels[address] = { ...levels[address], star: true };
        return levels;
      };

      test('takes back the old trait and tells the new one', async () => {
        await inEveryState();
        await t.store.updateSegment(vip.id, { traitKey: 'star' }, context());
        await work();
        expect(await levelsTold(t.store)).toEqual(expected());
        expect(await t.store.outboundBacklog()).toEqual({ pending: 0, parked: 0, oldestAt: null });
      });

      test('changed again half way, takes back the one that was told', async () => {
        await inEveryState();
        await t.store.updateSegment(vip.id, { traitKey: 'moon' }, context());
        await t.store.workOnJobs(context(), 2);
        await t.store.updateSegment(vip.id, { traitKey: 'star' }, context());
        await work();
        expect(await levelsTold(t.store)).toEqual(expected());
      });

      test('deleted half way, takes back the one that was told', async () => {
        await inEveryState();
        await t.store.updateSegment(vip.id, { traitKey: 'moon' }, context());
        await t.store.workOnJobs(context(), 2);
        await t.store.deleteSegment(vip.id, context());
        await work();
        expect(await levelsTold(t.store)).toEqual(all(told, { vip: false }));
      });

      test('changed there and back, tells nobody a false who is a member', async () => {
        await inEveryState();
        await t.store.updateSegment(vip.id, { traitKey: 'moon' }, context());
        await t.store.workOnJobs(context(), 2);
        await t.store.updateSegment(vip.id, { traitKey: 'vip' }, context());
        await work();
        const tellings = await tellAll(t.store);
        expect(said(tellings)).toEqual({
          ...all(members, { vip: true }),
          ...all(left, { vip: false }),
        });
        const falses = tellings.filter(({ levels }) => levels.some(({ value }) => !value));
        expect(falses.map(({ outboundId }) => outboundId).sort()).toEqual(left);
      });
    });

    describe.each(ways)('where users go by another id from now on%s', (_how, work) => {
      const switchTo = (before: IdentifyAs) =>
        t.store.writeSetting('segment', '{}', { now: NOW, resendAll: false, retractAll: before });
      const link = async () => {
        const linked = ids.slice(0, 4).map((id, i) => merge({ id }, { externalId: `u-${i + 1}` }));
        await t.store.apply(linked, context());
      };

      test('the old ids lose what they were told and the new ones get it', async () => {
        await inEveryState();
        await link();
        await switchTo('email');
        await work();
        expect(await levelsTold(t.store, 'external_id')).toEqual({
          ...all(told.slice(0, 3), { vip: false }),
          'u-1': { vip: true },
          'u-3': { vip: true },
          'u-4': { vip: true },
          // Without a linked id the email stays the id.
          'user5@example.com': { vip: true },
          'user6@example.com': { vip: false },
        });
        expect(await t.store.outboundBacklog()).toEqual({ pending: 0, parked: 0, oldestAt: null });
      });

      test('a change back half way, and of the linked id in the middle, ends with the right ids', async () => {
        await inEveryState();
        await link();
        await switchTo('email');
        await t.store.workOnJobs(context({ identifyAs: 'external_id' }), 1);
        const moved = merge({ id: ids[2] as number }, { at: 'latest', externalId: 'u-33' });
        await applyOne(t.store, moved, context({ identifyAs: 'external_id' }));
        await switchTo('external_id');
        await work();
        expect(await levelsTold(t.store)).toEqual({
          'user1@example.com': { vip: true },
          'user2@example.com': { vip: false },
          'user3@example.com': { vip: true },
          'user4@example.com': { vip: true },
          'user5@example.com': { vip: true },
          'user6@example.com': { vip: false },
        });
      });
    });

    test('a segment whose old trait is being taken back is held back, others are not', async () => {
      vip = await createSegment(t.store, 'vip');
      const other = await createSegment(t.store, 'other');
      ids = await createUsers(t.store, ...emails(4));
      await join(t.store, vip, ...ids);
      await tellAll(t.store);
      await join(t.store, other, ids[3] as number);
      await t.store.updateSegment(vip.id, { traitKey: 'star' }, context());
      expect(await t.store.listJobs()).toEqual([{ segmentId: vip.id, kind: 'retract', done: 0, total: 4 }]);
      await t.store.workOnJobs(context(), 2);
      const early = said(await tellAll(t.store));
      expect(early['user4@example.com']).toEqual({ other: true });
      expect(JSON.stringify(early)).not.toInclude('star');
      await workThrough(t.store, 2);
      const later = said(await tellAll(t.store));
      expect({ ...early['user1@example.com'], ...later['user1@example.com'] }).toEqual({
        vip: false,
        star: true,
      });
    });

    test('retractions are told before anything else', async () => {
      await inEveryState();
      await t.store.deleteSegment(vip.id, context());
      const other = await createSegment(t.store, 'other');
      await join(t.store, other, ...ids);
      await workThrough(t.store);
      const kinds = (await tellAll(t.store)).map(({ levels }) => levels[0]?.kind);
      expect(kinds).toEqual([...Array(5).fill('retraction'), ...Array(6).fill('membership')]);
    });

    test('a retraction stays until it is taken, and can be parked like anything else', async () => {
      await inEveryState();
      await t.store.deleteSegment(vip.id, context({ now: NOW + 1 }));
      await workThrough(t.store, 100, context({ now: NOW + 2 }));
      const first = await claim(t.store, 2);
      expect(first).toHaveLength(2);
      await t.reopen();
      expect(await claim(t.store, 2)).toEqual(first);
      expect(await t.store.outboundBacklog()).toEqual({ pending: 5, parked: 0, oldestAt: NOW + 2 });
      await park(t.store, first);
      expect(await t.store.outboundBacklog()).toMatchObject({ pending: 3, parked: 2 });
      expect(Object.keys(await levelsTold(t.store))).toHaveLength(3);
      expect(await t.store.unpark()).toBe(2);
      expect(said(await claim(t.store))).toEqual(said(first));
    });

    describe('of a changed email', () => {
      const rename = (id: number, email: string) =>
        applyOne(t.store, merge({ id }, { at: 'latest', email }, false));

      test('the old id loses what it was told, the new one hears what is', async () => {
        await inEveryState();
        for (const [i, id] of ids.entries()) await rename(id, `new${i + 1}@example.com`);
        expect(await levelsTold(t.store)).toEqual({
          ...all(told, { vip: false }),
          ...all(['new1@example.com', 'new3@example.com', 'new4@example.com', 'new5@example.com'], {
            vip: true,
          }),
        });
        expect(await t.store.outboundBacklog()).toEqual({ pending: 0, parked: 0, oldestAt: null });
      });

      test('there and back before anything is sent is no news', async () => {
        await inEveryState();
        await tellAll(t.store);
        await rename(ids[0] as number, 'new@example.com');
        await rename(ids[0] as number, 'user1@example.com');
        const tellings = await tellAll(t.store);
        expect(said(tellings)).toEqual({ 'user1@example.com': { vip: true } });
        expect(tellings).toHaveLength(1);
      });

      test('an address handed on to another member keeps the trait', async () => {
        await inEveryState();
        await tellAll(t.store);
        await rename(ids[0] as number, 'new@example.com');
        await rename(ids[3] as number, 'user1@example.com');
        const tellings = await tellAll(t.store);
        expect(said(tellings)).toEqual({
          'user4@example.com': { vip: false },
          'user1@example.com': { vip: true },
          'new@example.com': { vip: true },
        });
        expect(tellings).toHaveLength(3);
      });

      test.each<[IdentifyAs, Record<string, Record<string, boolean>>]>([
        ['email', { 'user1@example.com': { vip: false }, 'new@example.com': { vip: true } }],
        ['external_id', {}],
      ])('concerns Segment only where the user goes by it: %s', async (identifyAs, expected) => {
        vip = await createSegment(t.store, 'vip');
        const [id] = (await createUsers(t.store, 'user1@example.com')) as [number];
        await applyOne(t.store, merge({ id }, { externalId: 'u-1' }));
        await join(t.store, vip, id);
        await tellAll(t.store, identifyAs);
        await applyOne(t.store, merge({ id }, { email: 'new@example.com' }), context({ identifyAs }));
        expect(await levelsTold(t.store, identifyAs)).toEqual(expected);
      });

      test('a new linked id takes over from the email, and loses it again', async () => {
        const identifyAs = 'external_id';
        vip = await createSegment(t.store, 'vip');
        const [id] = (await createUsers(t.store, 'user1@example.com')) as [number];
        await join(t.store, vip, id);
        await tellAll(t.store, identifyAs);
        const link = (externalId: string | null) =>
          applyOne(t.store, merge({ id }, { at: 'latest', externalId }), context({ identifyAs }));
        await link('u-1');
        expect(await levelsTold(t.store, identifyAs)).toEqual({
          'user1@example.com': { vip: false },
          'u-1': { vip: true },
        });
        await link(null);
        expect(await levelsTold(t.store, identifyAs)).toEqual({
          'u-1': { vip: false },
          'user1@example.com': { vip: true },
        });
      });
    });
  });
}
