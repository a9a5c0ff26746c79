import { describe, expect, test } from 'bun:test';
import type { SegmentRecord } from '../../../src/store/store.ts';
import {
  applyOne,
  claim,
  context,
  createSegment,
  createUsers,
  eachWith,
  emails,
  evaluate,
  join,
  leave,
  levelsOf,
  levelsTold,
  memberIds,
  merge,
  NOW,
  type Open,
  park,
  planIs,
  remove,
  said,
  tellAll,
  workThrough,
} from './fixture.ts';

const DAY = 86_400_000;

/** Work over many users, in chunks: evaluating and resending; and users who are due. */
export function jobsConform(open: Open) {
  describe('jobs', () => {
    const t = eachWith(open);
    const work = (limit: number) => t.store.workOnJobs(context(), limit);
    const jobs = async (kind: string) =>
      (await t.store.listJobs())
        .filter((job) => job.kind === kind)
        .map(({ done, total }) => `${done}/${total}`);
    const setPlan = (id: number, plan: string | null) =>
      applyOne(t.store, merge({ id }, { at: 'latest', attributes: { plan } }));

    /** Users of alternating plans: a, b, a, b … */
    async function planned(count: number): Promise<number[]> {
      const ids = await createUsers(t.store, ...emails(count));
      await t.store.apply(
        ids.map((id, i) => merge({ id }, { attributes: { plan: i % 2 === 0 ? 'a' : 'b' } })),
        context(),
      );
      return ids;
    }
    const every = (ids: number[], remainder: number) => ids.filter((_, i) => i % 2 === remainder);

    test('nothing queued is no work', async () => {
      await planned(3);
      await createSegment(t.store, 'manual');
      expect(await t.store.listJobs()).toEqual([]);
      expect(await work(10)).toBe(false);
    });

    test('a new dynamic segment is filled chunk by chunk, its count right all the way', async () => {
      const ids = await planned(7);
      const a = await createSegment(t.store, 'a', { rules: planIs('a') });
      expect(await t.store.listJobs()).toEqual([{ segmentId: a.id, kind: 'evaluate', done: 0, total: 7 }]);
      expect(await memberIds(t.store, a)).toEqual([]);
      expect(await work(3)).toBe(true);
      expect(await jobs('evaluate')).toEqual(['3/7']);
      expect(await memberIds(t.store, a)).toEqual([ids[0], ids[2]] as number[]);
      expect(await work(3)).toBe(true);
      expect(await jobs('evaluate')).toEqual(['6/7']);
      expect(await memberIds(t.store, a)).toEqual([ids[0], ids[2], ids[4]] as number[]);
      expect(await work(3)).toBe(true);
      expect(await memberIds(t.store, a)).toEqual(every(ids, 0));
      await workThrough(t.store, 3);
      expect(await t.store.listJobs()).toEqual([]);
      expect(await work(3)).toBe(false);
    });

    test.each([1, 2, 3, 6, 7])('a restart between chunks of %d loses and repeats nothing', async (limit) => {
      const ids = await planned(6);
      const a = await createSegment(t.store, 'a', { rules: planIs('a') });
      let chunks = 0;
      while (await work(limit)) {
        chunks++;
        await t.reopen();
      }
      expect(chunks).toBeLessThanOrEqual(Math.ceil(6 / limit) + 1);
      expect(await memberIds(t.store, a)).toEqual(every(ids, 0));
    });

    test('users who change, come and go while it runs end where the rules put them', async () => {
      const ids = await planned(8);
      const a = await createSegment(t.store, 'a', { rules: planIs('a') });
      await work(4);
      await setPlan(ids[0] as number, 'b');
      await setPlan(ids[1] as number, 'a');
      await setPlan(ids[6] as number, 'b');
      await setPlan(ids[7] as number, 'a');
      await applyOne(t.store, remove({ id: ids[2] as number }));
      await applyOne(t.store, remove({ id: ids[4] as number }));
      const made = await applyOne(
        t.store,
        merge({ email: 'new@example.com' }, { attributes: { plan: 'a' } }),
      );
      expect(made.flips).toBe(1);
      await workThrough(t.store, 2);
      expect(await memberIds(t.store, a)).toEqual([ids[1], ids[7], made.userId] as number[]);
    });

    test('newer rules start again from the beginning and correct what the old ones did', async () => {
      const ids = await planned(8);
      const a = await createSegment(t.store, 'a', { rules: planIs('a') });
      await work(5);
      await t.store.updateSegment(a.id, { rules: planIs('b') }, context());
      expect(await jobs('evaluate')).toEqual(['0/8']);
      await workThrough(t.store, 5);
      expect(await memberIds(t.store, a)).toEqual(every(ids, 1));
    });

    test('the same rules again, or another name, are no reason to evaluate', async () => {
      const a = await createSegment(t.store, 'a', { rules: planIs('a') });
      await workThrough(t.store);
      await t.store.updateSegment(a.id, { rules: planIs('a'), name: 'Another name' }, context());
      expect(await t.store.listJobs()).toEqual([]);
    });

    test('segments at different places are all evaluated for everybody', async () => {
      const ids = await planned(10);
      const made: SegmentRecord[] = [];
      for (const [slug, plan] of [
        ['first', 'a'],
        ['second', 'b'],
        ['third', 'a'],
      ] as const) {
        made.push(await createSegment(t.store, slug, { rules: planIs(plan) }));
        await work(3);
      }
      const [first, second, third] = made as [SegmentRecord, SegmentRecord, SegmentRecord];
      expect(await jobs('evaluate')).toHaveLength(3);
      await t.reopen();
      await workThrough(t.store, 4);
      expect(await memberIds(t.store, first)).toEqual(every(ids, 0));
      expect(await memberIds(t.store, second)).toEqual(every(ids, 1));
      expect(await memberIds(t.store, third)).toEqual(every(ids, 0));
    });

    test('segments that refer to an edited one follow it', async () => {
      const ids = await planned(6);
      const a = await createSegment(t.store, 'a', { rules: planIs('a') });
      const notA = await createSegment(t.store, 'not-a', {
        rules: { match: 'all', conditions: [{ field: 'segment', operator: 'neq', value: 'a' }] },
      });
      await workThrough(t.store);
      expect(await memberIds(t.store, notA)).toEqual(every(ids, 1));
      await t.store.updateSegment(a.id, { rules: planIs('b') }, context());
      await workThrough(t.store, 2);
      expect(await memberIds(t.store, a)).toEqual(every(ids, 1));
      expect(await memberIds(t.store, notA)).toEqual(every(ids, 0));
    });

    test('evaluations can be asked for, and one under way begins again', async () => {
      await planned(4);
      const a = await createSegment(t.store, 'a', { rules: planIs('a') });
      await workThrough(t.store);
      await t.store.queueJobs([a.id], 'evaluate', NOW);
      await work(3);
      expect(await jobs('evaluate')).toEqual(['3/4']);
      await t.store.queueJobs([a.id], 'evaluate', NOW);
      expect(await jobs('evaluate')).toEqual(['0/4']);
    });

    test('a resend tells everybody who was ever a member once more, as news, and nobody else', async () => {
      const vip = await createSegment(t.store, 'vip');
      const other = await createSegment(t.store, 'other');
      const ids = await createUsers(t.store, ...emails(6));
      await join(t.store, vip, ...ids.slice(0, 5));
      await join(t.store, other, ids[0] as number);
      const before = levelsOf(await tellAll(t.store));
      await leave(t.store, vip, ids[1] as number);
      await tellAll(t.store);

      await t.store.queueJobs([vip.id], 'resend', NOW);
      expect(await jobs('resend')).toEqual(['0/6']);
      expect(await claim(t.store)).toEqual([]);
      await work(2);
      expect(await jobs('resend')).toEqual(['2/6']);
      expect((await t.store.outboundBacklog()).pending).toBe(2);
      await t.reopen();
      await workThrough(t.store, 2);
      const again = await tellAll(t.store);
      expect(said(again)).toEqual({
        'user1@example.com': { vip: true },
        // Another source, or one that has lost something, may still have them.
        'user2@example.com': { vip: false },
        'user3@example.com': { vip: true },
        'user4@example.com': { vip: true },
        'user5@example.com': { vip: true },
      });
      // Another version: Segment would drop the same message as a duplicate.
      for (const level of levelsOf(again)) expect(before).not.toContainEqual(level);
    });

    test('a resend takes along what was parked, and minds who leaves before it is told', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [one, two] = (await createUsers(t.store, ...emails(2))) as [number, number];
      await join(t.store, vip, one);
      await park(t.store, await claim(t.store));
      await join(t.store, vip, two);
      await tellAll(t.store);
      await t.store.queueJobs([vip.id], 'resend', NOW);
      await workThrough(t.store);
      expect(await t.store.outboundBacklog()).toMatchObject({ pending: 2, parked: 0 });
      await leave(t.store, vip, two);
      expect(await levelsTold(t.store)).toEqual({
        'user1@example.com': { vip: true },
        'user2@example.com': { vip: false },
      });
    });

    describe('users who are due', () => {
      const recent = (days: number) => ({
        match: 'all' as const,
        conditions: [{ field: 'lastSeenAt', operator: 'within_last' as const, value: { days } }],
      });
      const seen = (email: string, daysAgo: number) =>
        applyOne(t.store, merge({ email }, { seenAt: NOW - daysAgo * DAY }));
      const at = (days: number) => context({ now: NOW + days * DAY });

      test('nobody is, where no rule depends on time', async () => {
        await createSegment(t.store, 'a', { rules: planIs('a') });
        await seen('ann@example.com', 1);
        await workThrough(t.store);
        expect(await t.store.nextDueAt()).toBeNull();
        expect(await t.store.dueUsers(NOW + 1000 * DAY, 10)).toEqual([]);
      });

      test('they come when time changes an answer, the longest overdue first, and then no more', async () => {
        const week = await createSegment(t.store, 'week', { rules: recent(7) });
        await workThrough(t.store);
        const ann = (await seen('ann@example.com', 2)).userId as number;
        const bob = (await seen('bob@example.com', 5)).userId as number;
        const old = (await seen('old@example.com', 50)).userId as number;
        expect(await memberIds(t.store, week)).toEqual([ann, bob]);
        expect((await t.store.getUser(old))?.dueAt).toBeNull();
        const next = NOW + 2 * DAY + 1;
        expect(await t.store.nextDueAt()).toBe(next);
        expect(await t.store.dueUsers(next - 1, 10)).toEqual([]);
        expect(await t.store.dueUsers(next, 10)).toEqual([bob]);
        expect(await t.store.dueUsers(NOW + 30 * DAY, 10)).toEqual([bob, ann]);
        expect(await t.store.dueUsers(NOW + 30 * DAY, 1)).toEqual([bob]);
        await t.reopen();
        expect(await t.store.nextDueAt()).toBe(next);

        expect(await applyOne(t.store, evaluate(bob), context({ now: next }))).toMatchObject({ flips: 1 });
        expect(await memberIds(t.store, week)).toEqual([ann]);
        expect(await t.store.dueUsers(NOW + 30 * DAY, 10)).toEqual([ann]);
        await applyOne(t.store, remove({ id: ann }));
        expect(await t.store.nextDueAt()).toBeNull();
      });

      test('a user evaluated too early stays due for the right moment', async () => {
        const week = await createSegment(t.store, 'week', { rules: recent(7) });
        await workThrough(t.store);
        const ann = (await seen('ann@example.com', 5)).userId as number;
        // Active again: the stored moment may be the old one, the answer never is.
        await applyOne(t.store, merge({ id: ann }, { seenAt: NOW + DAY }), at(1));
        expect(await applyOne(t.store, evaluate(ann), at(3))).toMatchObject({
          reason: 'unchanged',
          flips: 0,
        });
        expect(await t.store.nextDueAt()).toBe(NOW + 8 * DAY + 1);
        await applyOne(t.store, evaluate(ann), context({ now: NOW + 8 * DAY + 1 }));
        expect(await memberIds(t.store, week)).toEqual([]);
      });

      test('an evaluation over all users brings the moment forward', async () => {
        const ann = (await seen('ann@example.com', 2)).userId as number;
        await createSegment(t.store, 'month', { rules: recent(30) });
        await workThrough(t.store);
        expect(await t.store.nextDueAt()).toBe(NOW + 28 * DAY + 1);
        const week = await createSegment(t.store, 'week', { rules: recent(7) });
        await workThrough(t.store);
        expect(await t.store.nextDueAt()).toBe(NOW + 5 * DAY + 1);
        await applyOne(t.store, evaluate(ann), context({ now: NOW + 5 * DAY + 1 }));
        expect(await memberIds(t.store, week)).toEqual([]);
        expect(await t.store.nextDueAt()).toBe(NOW + 28 * DAY + 1);
      });
    });
  });
}
