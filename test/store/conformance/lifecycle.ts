import { describe, expect, test } from 'bun:test';
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
  member,
  merge,
  NOW,
  type Open,
  park,
  planIs,
  poison,
  take,
  tellAll,
  workThrough,
} from './fixture.ts';

/** Settings, calling back, reading in bulk, and the end. */
export function lifecycleConforms(open: Open) {
  describe('settings', () => {
    const t = eachWith(open);
    const kinds = async () =>
      (await t.store.listJobs()).map(({ segmentId, kind, total }) => `${segmentId} ${kind} ${total}`).sort();

    test('a setting is what was written last, and survives', async () => {
      expect(await t.store.readSetting('segment')).toBeNull();
      for (const value of ['{"a":1}', '', 'é 🔥 "\'\\']) {
        await t.store.writeSetting('segment', value);
        expect(await t.store.readSetting('segment')).toBe(value);
      }
      await t.store.writeSetting('other', 'x');
      await t.reopen();
      expect(await t.store.readSetting('segment')).toBe('é 🔥 "\'\\');
      expect(await t.store.readSetting('other')).toBe('x');
      expect(await t.store.readSetting('segmen')).toBeNull();
    });

    test('a setting brings the work over all segments with it', async () => {
      const vip = await createSegment(t.store, 'vip');
      const off = await createSegment(t.store, 'off', { sync: false });
      const gone = await createSegment(t.store, 'gone');
      await t.store.deleteSegment(gone.id, context());
      await workThrough(t.store);
      await join(t.store, vip, ...(await createUsers(t.store, ...emails(2))));
      const write = (resendAll: boolean, retractAll: 'email' | null) =>
        t.store.writeSetting('segment', '{}', { now: NOW, resendAll, retractAll });
      await write(false, null);
      expect(await kinds()).toEqual([]);
      await write(true, null);
      expect(await kinds()).toEqual([`${vip.id} resend 2`, `${off.id} resend 2`].sort());
      await write(true, 'email');
      expect(await kinds()).toEqual(
        [`${vip.id} resend 2`, `${vip.id} retract 2`, `${off.id} resend 2`, `${off.id} retract 0`].sort(),
      );
    });
  });

  describe('commits', () => {
    const t = eachWith(open);

    test('listeners hear of what may have to be done, when it can be seen', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [ann, bob] = (await createUsers(t.store, ...emails(2))) as [number, number];
      const pro = await createSegment(t.store, 'pro', { rules: planIs('pro') });
      await workThrough(t.store);
      let heard = 0;
      t.store.onCommit(() => heard++);
      let seen: Promise<unknown> = Promise.resolve();
      const hears = async (what: string, work: () => Promise<unknown>, probe = () => t.store.listJobs()) => {
        const before = heard;
        t.store.onCommit(() => {
          seen = probe();
        });
        await work();
        expect([what, heard > before]).toEqual([what, true]);
        return seen;
      };
      const { store } = t;
      await hears('a join', () => applyOne(store, member(ann, vip, true)));
      await hears('a match', () => applyOne(store, merge({ id: ann }, { attributes: { plan: 'pro' } })));
      await tellAll(store);
      await hears('a new id', () =>
        applyOne(store, merge({ id: ann }, { at: 'latest', email: 'x@example.com' })),
      );
      const created = await hears('a new dynamic segment', () =>
        createSegment(store, 'free', { rules: planIs('free') }),
      );
      expect(created).toHaveLength(1);
      await hears('a chunk of work', () => store.workOnJobs(context(), 1));
      await hears('another trait key', () => store.updateSegment(pro.id, { traitKey: 'star' }, context()));
      await hears('a deleted segment', () => store.deleteSegment(pro.id, context()));
      await hears('a job', () => store.queueJobs([vip.id], 'resend', NOW));
      await workThrough(store);
      await hears('a setting', () =>
        store.writeSetting('segment', '{}', { now: NOW, resendAll: true, retractAll: null }),
      );
      await workThrough(store);
      await tellAll(store);
      await join(store, vip, bob);
      await park(store, await claim(store));
      await hears('a retry of what was parked', () => store.unpark());
    });

    test('listeners hear of a user who is due sooner than any other', async () => {
      const { store } = t;
      const began = { field: 'attributes.start', operator: 'within_last', value: { days: 1 } } as const;
      await createSegment(store, 'started', { rules: { match: 'all', conditions: [began] } });
      await workThrough(store);
      const [ann] = (await createUsers(store, 'ann@example.com')) as [number];
      let heard = 0;
      store.onCommit(() => heard++);
      // Still to come: nobody joins now, but somebody will when the time is there.
      const start = new Date(NOW + 60_000).toISOString();
      const outcome = await applyOne(store, merge({ id: ann }, { attributes: { start } }));
      expect(outcome).toMatchObject({ reason: 'applied', flips: 0 });
      expect(await store.nextDueAt()).toBe(NOW + 60_000);
      expect(heard).toBeGreaterThan(0);
    });

    test('listeners hear nothing of a call that failed', async () => {
      const { store } = t;
      const vip = await createSegment(store, 'vip');
      const [ann] = (await createUsers(store, 'ann@example.com')) as [number];
      let heard = 0;
      store.onCommit(() => heard++);
      await expect(store.apply([member(ann, vip, true), poison], context())).rejects.toThrow('poison');
      expect(heard).toBe(0);
    });

    test('what is told and settled wakes nobody, or telling would never rest', async () => {
      const { store } = t;
      const vip = await createSegment(store, 'vip');
      await join(store, vip, ...(await createUsers(store, 'ann@example.com')));
      let heard = 0;
      store.onCommit(() => heard++);
      const tellings = await claim(store);
      expect(tellings).toHaveLength(1);
      await take(store, tellings);
      expect(await store.workOnJobs(context(), 10)).toBe(false);
      expect(heard).toBe(0);
    });
  });

  describe('reading in bulk', () => {
    const t = eachWith(open);

    test('a walk over ids sees everybody up to where it began', async () => {
      expect(await t.store.userIdRange()).toEqual({ last: 0, count: 0 });
      expect(await t.store.scanUsers(0, 0, 10)).toEqual([]);
      const ids = await createUsers(t.store, ...emails(7));
      await t.store.apply([{ kind: 'delete', target: { id: ids[2] as number }, cause: 'api' }], context());
      const { last, count } = await t.store.userIdRange();
      expect({ last, count }).toEqual({ last: ids[6] as number, count: 6 });
      await createUsers(t.store, 'late@example.com');
      const seen: number[] = [];
      for (let after = 0; ; ) {
        const users = await t.store.scanUsers(after, last, 2);
        if (users.length === 0) break;
        seen.push(...users.map(({ id }) => id));
        after = seen.at(-1) as number;
      }
      expect(seen).toEqual(ids.filter((_, i) => i !== 2));
      const [first] = await t.store.scanUsers(0, last, 1);
      expect(first).toEqual((await t.store.getUser(ids[0] as number)) ?? undefined);
    });
  });

  describe('upkeep', () => {
    const t = eachWith(open);

    test('joins and leaves are counted as they are committed, whatever brings them about', async () => {
      const changed = async () => (await t.store.stats()).membershipsChanged;
      expect(await changed()).toBe(0);
      const vip = await createSegment(t.store, 'vip');
      const [ann, bob] = (await createUsers(t.store, ...emails(2))) as [number, number];
      await join(t.store, vip, ann, bob);
      await join(t.store, vip, ann);
      expect(await changed()).toBe(2);
      await expect(t.store.apply([member(ann, vip, false), poison], context())).rejects.toThrow('poison');
      expect(await changed()).toBe(2);
      await applyOne(t.store, merge({ id: ann }, { attributes: { plan: 'pro' } }));
      await createSegment(t.store, 'pro', { rules: planIs('pro') });
      await workThrough(t.store);
      expect(await changed()).toBe(3);
      await t.store.apply([{ kind: 'delete', target: { id: ann }, cause: 'api' }], context());
      expect(await changed()).toBe(5);
    });

    test('a database takes room, and a sound one has no problems', async () => {
      await createUsers(t.store, ...emails(100));
      const { bytes } = await t.store.stats();
      expect(Object.values(bytes).reduce((sum, size) => sum + size, 0)).toBeGreaterThan(1000);
      expect(await t.store.checkIntegrity()).toEqual([]);
    });
  });

  describe('the end', () => {
    const t = eachWith(open);

    test('everything is there again after closing and opening', async () => {
      const vip = await createSegment(t.store, 'vip');
      const [ann] = (await createUsers(t.store, 'ann@example.com')) as [number];
      await join(t.store, vip, ann);
      const everything = async () => ({
        users: await t.store.listUsers({ sort: 'email', limit: 10 }),
        segments: await t.store.listSegments(),
        members: await t.store.listMembers(vip.id, { limit: 10 }),
        backlog: await t.store.outboundBacklog(),
      });
      const before = await everything();
      await t.reopen();
      expect(await everything()).toEqual(before);
      expect(await applyOne(t.store, evaluate(ann))).toMatchObject({ reason: 'unchanged', userId: ann });
    });

    test('a closed store says so', async () => {
      await t.store.ping();
      const closed = t.store;
      await t.reopen();
      await expect(closed.ping()).rejects.toThrow();
      await expect(closed.apply([merge({ email: 'ann@example.com' })], context())).rejects.toThrow();
      await t.store.ping();
      expect(await t.store.findUser('ann@example.com')).toBeNull();
    });
  });
}
