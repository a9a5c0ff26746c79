import { describe, expect, test } from 'bun:test';
import type { Rules } from '../../../src/segments/rules.ts';
import type { NewSegment, SegmentChange, SegmentRecord } from '../../../src/store/store.ts';
import {
  applyOne,
  context,
  createSegment,
  createUsers,
  eachWith,
  join,
  leave,
  memberIds,
  merge,
  NOW,
  newSegment,
  type Open,
  planIs,
  workThrough,
} from './fixture.ts';

const inSegment = (slug: string): Rules => ({
  match: 'all',
  conditions: [{ field: 'segment', operator: 'eq', value: slug }],
});
const later = context({ now: NOW + 1000 });

/** Segments and who is in them. */
export function segmentsConform(open: Open) {
  describe('segments', () => {
    const t = eachWith(open);
    const get = async (id: number) => (await t.store.listSegments()).find((segment) => segment.id === id);

    test('a segment comes back as it was made', async () => {
      const rules: Rules = {
        match: 'any',
        conditions: [
          { field: 'email', operator: 'ends_with', value: '@example.com', caseSensitive: true },
          { match: 'all', conditions: [{ field: 'attributes.a.b', operator: 'in', value: [1, 'é', true] }] },
        ],
      };
      const input: NewSegment = {
        slug: 'enterprise',
        name: 'Enterprise 企業',
        description: 'The "big" ones',
        type: 'dynamic',
        rules,
        traitKey: 'is_enterprise',
        sync: false,
      };
      const made = await t.store.createSegment(input, NOW);
      expect(made as SegmentRecord).toEqual({
        ...input,
        id: expect.any(Number),
        memberCount: 0,
        createdAt: NOW,
        updatedAt: NOW,
      });
      expect(await t.store.listSegments()).toEqual([made as SegmentRecord]);
      await t.reopen();
      expect(await t.store.listSegments()).toEqual([made as SegmentRecord]);
    });

    test.each<[string, Partial<NewSegment>, string]>([
      ['slug', { slug: 'vip', traitKey: 'other' }, 'slug'],
      ['trait key', { slug: 'other', traitKey: 'vip' }, 'traitKey'],
    ])('a %s that another segment has is refused', async (_what, input, conflict) => {
      const vip = await createSegment(t.store, 'vip');
      const made = await t.store.createSegment(newSegment('x', { ...input, rules: planIs('a') }), NOW);
      expect(made as unknown).toEqual({ conflict });
      expect(await t.store.listSegments()).toEqual([vip]);
      expect(await t.store.listJobs()).toEqual([]);
    });

    test.each<[string, SegmentChange]>([
      ['name', { name: 'Very important' }],
      ['description', { description: 'People' }],
      ['description, removed', { description: null }],
      ['sync', { sync: false }],
      ['trait key', { traitKey: 'very_important' }],
      ['rules', { rules: planIs('a', 'b') }],
      ['everything', { name: 'N', description: 'D', sync: false, traitKey: 'k', rules: planIs('c') }],
      ['nothing', {}],
    ])('an update changes %s and nothing else', async (_what, change) => {
      const before = await createSegment(t.store, 'vip', { rules: planIs('a'), description: 'Before' });
      const other = await createSegment(t.store, 'other');
      const expected = { ...before, ...change, updatedAt: later.now };
      expect((await t.store.updateSegment(before.id, change, later)) as SegmentRecord).toEqual(expected);
      expect(await t.store.listSegments()).toEqual([expected, other]);
    });

    test('an update to a trait key that is taken changes nothing at all', async () => {
      const vip = await createSegment(t.store, 'vip');
      const other = await createSegment(t.store, 'other', { rules: planIs('a') });
      await workThrough(t.store);
      const change = { name: 'New', traitKey: 'vip', rules: planIs('b') };
      expect((await t.store.updateSegment(other.id, change, later)) as unknown).toEqual({
        conflict: 'traitKey',
      });
      expect(await t.store.listSegments()).toEqual([vip, other]);
      expect(await t.store.listJobs()).toEqual([]);
    });

    test('the trait key a segment has already is no conflict and no news', async () => {
      const vip = await createSegment(t.store, 'vip');
      expect(await t.store.updateSegment(vip.id, { traitKey: 'vip' }, later)).toMatchObject({
        traitKey: 'vip',
      });
      expect(await t.store.listJobs()).toEqual([]);
    });

    test('what is not there is neither updated nor deleted', async () => {
      expect(await t.store.updateSegment(4711, { name: 'New' }, later)).toBeNull();
      expect(await t.store.deleteSegment(4711, later)).toBe(false);
    });

    test('a deleted segment is hidden at once, and its slug and trait key are free', async () => {
      const pro = await createSegment(t.store, 'pro', { rules: planIs('pro') });
      const vip = await createSegment(t.store, 'vip');
      const [ann] = (await createUsers(t.store, 'ann@example.com')) as [number];
      await applyOne(t.store, merge({ id: ann }, { attributes: { plan: 'pro' } }));
      await join(t.store, vip, ann);
      expect(await t.store.segmentsOf(ann)).toEqual([pro.id, vip.id]);

      expect(await t.store.deleteSegment(pro.id, later)).toBe(true);
      expect(await t.store.deleteSegment(pro.id, later)).toBe(false);
      expect(await t.store.updateSegment(pro.id, { name: 'Back' }, later)).toBeNull();
      expect((await t.store.listSegments()).map(({ id }) => id)).toEqual([vip.id]);
      expect(await t.store.segmentsOf(ann)).toEqual([vip.id]);
      const again = await createSegment(t.store, 'pro', { traitKey: 'pro' });
      expect(again.id).toBeGreaterThan(pro.id);

      await workThrough(t.store);
      expect(await t.store.listJobs()).toEqual([]);
      expect(await t.store.segmentsOf(ann)).toEqual([vip.id]);
      // Its rules are gone with it.
      const change = merge({ id: ann }, { at: 'latest', attributes: { plan: 'free' } });
      expect(await applyOne(t.store, change)).toMatchObject({ reason: 'applied', flips: 0 });
      expect(await memberIds(t.store, again)).toEqual([]);
    });

    test.each([
      ['while it is being retracted', false],
      ['after that', true],
    ])('joining a segment that was deleted meanwhile leaves no trace: %s', async (_when, through) => {
      const vip = await createSegment(t.store, 'vip');
      const [ann] = (await createUsers(t.store, 'ann@example.com')) as [number];
      await t.store.deleteSegment(vip.id, later);
      if (through) await workThrough(t.store);
      await join(t.store, vip, ann);
      await workThrough(t.store);
      expect(await t.store.segmentsOf(ann)).toEqual([]);
      expect(await t.store.outboundBacklog()).toEqual({ pending: 0, parked: 0, oldestAt: null });
    });

    test('joining and leaving says what changed, and the counts follow', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [ann, bob] = (await createUsers(t.store, 'ann@example.com', 'bob@example.com')) as [
        number,
        number,
      ];
      const step = async (id: number, joins: boolean) => {
        const change = {
          kind: 'member',
          target: { id },
          segmentId: vip.id,
          member: joins,
          cause: 'api',
        } as const;
        const { reason, flips } = await applyOne(t.store, change);
        return `${reason} ${flips}, ${(await memberIds(t.store, vip)).length} members`;
      };
      expect(await step(ann, false)).toBe('unchanged 0, 0 members');
      expect(await step(ann, true)).toBe('applied 1, 1 members');
      expect(await step(ann, true)).toBe('unchanged 0, 1 members');
      expect(await step(bob, true)).toBe('applied 1, 2 members');
      expect(await step(ann, false)).toBe('applied 1, 1 members');
      expect(await step(ann, true)).toBe('applied 1, 2 members');
    });

    test('segments that refer to a segment follow it in the same commit', async () => {
      const vip = await createSegment(t.store, 'vip');
      const proOrVip = await createSegment(t.store, 'pro-or-vip', {
        rules: { match: 'any', conditions: [inSegment('vip'), planIs('pro')] },
      });
      const friends = await createSegment(t.store, 'friends', { rules: inSegment('pro-or-vip') });
      await workThrough(t.store);
      const [ann] = (await createUsers(t.store, 'ann@example.com')) as [number];
      await join(t.store, vip, ann);
      expect(await t.store.segmentsOf(ann)).toEqual([vip.id, proOrVip.id, friends.id]);
      const outcome = await applyOne(t.store, merge({ id: ann }, { attributes: { plan: 'pro' } }));
      expect(outcome).toMatchObject({ reason: 'applied', flips: 0 });
      await leave(t.store, vip, ann);
      expect(await t.store.segmentsOf(ann)).toEqual([proOrVip.id, friends.id]);
      const change = merge({ id: ann }, { at: 'latest', attributes: { plan: null } });
      expect(await applyOne(t.store, change)).toMatchObject({ reason: 'applied', flips: 2 });
      for (const segment of [vip, proOrVip, friends]) expect(await memberIds(t.store, segment)).toEqual([]);
    });

    test('rules that would go in a circle are never stored: two edits at the same time could make one', async () => {
      const one = await createSegment(t.store, 'one', { rules: planIs('a') });
      const two = await createSegment(t.store, 'two', { rules: inSegment('one') });
      const circle = t.store.updateSegment(one.id, { rules: inSegment('two') }, later);
      await expect(circle).rejects.toThrow(/circle/);
      expect((await get(one.id))?.rules).toEqual(planIs('a'));
      await workThrough(t.store);
      const outcome = await applyOne(
        t.store,
        merge({ email: 'ann@example.com' }, { attributes: { plan: 'a' } }),
      );
      expect(outcome).toMatchObject({ reason: 'created', flips: 2 });
      expect(await memberIds(t.store, two)).toEqual([outcome.userId as number]);
    });
  });
}
