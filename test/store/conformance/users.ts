import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../../src/users/attributes.ts';
import type { Change, Target } from '../../../src/users/change.ts';
import type { Patch } from '../../../src/users/patch.ts';
import {
  applyOne,
  context,
  createSegment,
  createUsers,
  eachWith,
  join,
  member,
  memberIds,
  merge,
  NOW,
  type Open,
  planIs,
  poison,
  remove,
} from './fixture.ts';

const MINUTE = 60_000;
const ann = { email: 'ann@example.com' };
/** What `apply` does to users: creating, merging, refusing, deleting, and all of it or nothing. */
export function usersConform(open: Open) {
  describe('users', () => {
    const t = eachWith(open);
    const find = async (email = ann.email) => {
      const user = await t.store.findUser(email);
      if (user === null) throw new Error(`${email} is not there`);
      return user;
    };

    test('a merge creates the user an email names, with everything the patch says', async () => {
      const patch = {
        at: NOW - MINUTE,
        name: 'Ann',
        externalId: 'u-1',
        seenAt: NOW - MINUTE,
        attributes: { plan: 'pro' },
      };
      const outcome = await applyOne(t.store, merge(ann, patch));
      expect(outcome).toEqual({ reason: 'created', userId: expect.any(Number), flips: 0 });
      expect(await t.store.getUser(outcome.userId as number)).toEqual({
        id: outcome.userId as number,
        email: 'ann@example.com',
        name: 'Ann',
        nameAt: NOW - MINUTE,
        externalId: 'u-1',
        externalIdAt: NOW - MINUTE,
        attributes: { values: { plan: 'pro' }, clock: NOW - MINUTE, exceptions: null },
        createdAt: NOW,
        updatedAt: NOW,
        lastSeenAt: NOW - MINUTE,
        dueAt: null,
      });
    });

    test.each<[string, Change]>([
      ['nobody has the email and creating is not asked for', merge({ email: 'no@example.com' }, {}, false)],
      ['nobody has the id', merge({ id: 4711 })],
      ['an external id alone never creates', merge({ externalId: 'nobody' })],
      ['deleting nobody', remove({ email: 'no@example.com' })],
      ['evaluating nobody', { kind: 'evaluate', target: { id: 4711 }, cause: 'time' }],
      ['a member who is nobody', member(4711, { id: 1 }, true)],
    ])('no match: %s', async (_why, change) => {
      expect(await applyOne(t.store, change)).toEqual({ reason: 'no_match', userId: null, flips: 0 });
      expect((await t.store.listUsers({ sort: 'email', limit: 10 })).total).toBe(0);
    });

    test('a user is reached by id, by email and by external id', async () => {
      await applyOne(t.store, merge(ann, { externalId: 'u-1' }));
      const { id } = await find();
      const targets: Target[] = [{ id }, ann, { externalId: 'u-1' }];
      for (const [i, target] of targets.entries()) {
        const outcome = await applyOne(t.store, merge(target, { attributes: { [`key${i}`]: i } }, false));
        expect(outcome).toEqual({ reason: 'applied', userId: id, flips: 0 });
      }
      expect((await find()).attributes.values).toEqual({ key0: 0, key1: 1, key2: 2 });
    });

    test('an external id two users carry belongs to the one it was linked to last', async () => {
      await applyOne(t.store, merge({ email: 'new@example.com' }, { externalId: 'u-1', at: NOW - MINUTE }));
      await applyOne(
        t.store,
        merge({ email: 'old@example.com' }, { externalId: 'u-1', at: NOW - 2 * MINUTE }),
      );
      const outcome = await applyOne(t.store, merge({ externalId: 'u-1' }, { attributes: { a: 1 } }));
      expect(outcome.userId).toBe((await find('new@example.com')).id);
    });

    test.each<[string, Partial<Patch>, string]>([
      ['the same event again', { attributes: { plan: 'pro' }, name: 'Ann', seenAt: NOW }, 'unchanged'],
      ['an older value', { at: NOW - MINUTE, attributes: { plan: 'old' }, name: 'Old' }, 'unchanged'],
      ['an empty patch', {}, 'unchanged'],
      ['only a newer clock', { at: NOW + MINUTE, attributes: { plan: 'pro' } }, 'unchanged'],
      ['only a later activity', { at: NOW + MINUTE, seenAt: NOW + MINUTE }, 'unchanged'],
      ['a newer value', { at: NOW + MINUTE, attributes: { plan: 'free' } }, 'applied'],
      ['a newer name', { at: NOW + MINUTE, name: 'Anne' }, 'applied'],
      ['an unset attribute', { at: NOW + MINUTE, attributes: { plan: null } }, 'applied'],
    ])('a merge of %s', async (_what, patch, reason) => {
      await applyOne(t.store, merge(ann, { attributes: { plan: 'pro' }, name: 'Ann', seenAt: NOW }));
      const before = await find();
      const later = context({ now: NOW + MINUTE });
      const outcome = await applyOne(t.store, merge(ann, patch), later);
      expect(outcome as unknown).toEqual({ reason, userId: before.id, flips: 0 });
      const after = await find();
      expect(after.updatedAt).toBe(reason === 'applied' ? later.now : NOW);
      expect(after.attributes.values).toEqual({ plan: 'pro', ...(reason === 'applied' && patch.attributes) });
      expect(after.name).toBe((reason === 'applied' && patch.name) || 'Ann');
      expect(after.lastSeenAt).toBe(patch.seenAt ?? NOW);
    });

    test('a clock survives where the value stays, so that a late event can do nothing', async () => {
      const later = context({ now: NOW + 3 * MINUTE });
      const at = (minutes: number, plan: string | null) =>
        merge(ann, { at: NOW + minutes * MINUTE, attributes: { plan } });
      await t.store.apply([at(0, 'pro'), at(2, 'pro'), at(1, 'late')], later);
      expect((await find()).attributes.values).toEqual({ plan: 'pro' });
      await t.store.apply([at(3, null), at(2, 'back from the dead')], later);
      expect((await find()).attributes.values).toEqual({ plan: null });
    });

    test('a time in the future counts as now, and an edit by hand wins all the same', async () => {
      await applyOne(t.store, merge(ann, { at: NOW + 99 * MINUTE, attributes: { plan: 'event' } }));
      expect((await find()).attributes.clock).toBe(NOW);
      const edit = merge(ann, { at: 'latest', attributes: { plan: 'edit' }, name: 'Edited' });
      expect((await applyOne(t.store, edit, context({ now: NOW - MINUTE }))).reason).toBe('applied');
      expect(await find()).toMatchObject({ name: 'Edited', attributes: { values: { plan: 'edit' } } });
    });

    test('attributes come back as the JSON they were', async () => {
      const attributes: JsonObject = JSON.parse(
        `{"__proto__": 1, "constructor": {"prototype": []}, "a.b": [1, 2.5, -0.1e-7, 9007199254740991],
          "": "empty key", "🔥": "日本\\u0000\\ud83d\\ude00", "nested": {"list": [{"deep": [null, true]}]},
          "${'k'.repeat(256)}": "it's \\"quoted\\" \\\\ and \\n more"}`,
      );
      await applyOne(t.store, merge(ann, { attributes }));
      expect(JSON.stringify((await find()).attributes.values)).toBe(JSON.stringify(attributes));
      await t.reopen();
      expect(JSON.stringify((await find()).attributes.values)).toBe(JSON.stringify(attributes));
    });

    test('a new email is taken over, and refused with the whole patch where another user has it', async () => {
      const [id] = await createUsers(t.store, 'ann@example.com', 'bob@example.com');
      const rename = (email: string) =>
        merge({ id: id as number }, { email, attributes: { to: email } }, false);
      expect(await applyOne(t.store, rename('bob@example.com'))).toEqual({
        reason: 'email_taken',
        userId: id as number,
        flips: 0,
      });
      expect(await find()).toMatchObject({ id, attributes: { values: {} } });
      expect((await applyOne(t.store, rename('anne@example.com'))).reason).toBe('applied');
      expect(await t.store.findUser('ann@example.com')).toBeNull();
      expect(await find('anne@example.com')).toMatchObject({
        id,
        attributes: { values: { to: 'anne@example.com' } },
      });
    });

    test.each<[string, JsonObject]>([
      ['too_many_attributes', Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`key${i}`, i]))],
      ['user_too_large', { text: 'é'.repeat(1000) }],
      ['too_deep', JSON.parse(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`)],
    ])('%s: the event alone is refused, for a new and for a known user', async (reason, attributes) => {
      const limits = context({ maxAttributes: 10, maxUserBytes: 1024 });
      const [id] = await createUsers(t.store, 'ann@example.com');
      const bob = { email: 'bob@example.com' };
      const outcomes = await t.store.apply(
        [
          merge(ann, { attributes, name: 'Ann' }),
          merge({ email: 'new@example.com' }, { attributes }),
          merge(bob, { attributes: { fits: true } }),
        ],
        limits,
      );
      expect(outcomes as unknown[]).toEqual([
        { reason, userId: id, flips: 0 },
        { reason, userId: null, flips: 0 },
        { reason: 'created', userId: expect.any(Number), flips: 0 },
      ]);
      expect(await find()).toMatchObject({ name: null, attributes: { values: {} } });
      expect(await t.store.findUser('new@example.com')).toBeNull();
    });

    test('a deleted user is gone, memberships and counts included, and the id is never given out again', async () => {
      const segment = await createSegment(t.store, 'vip');
      const [bob, id] = (await createUsers(t.store, 'bob@example.com', 'ann@example.com')) as [
        number,
        number,
      ];
      await join(t.store, segment, bob, id);
      expect(await applyOne(t.store, remove(ann))).toEqual({ reason: 'deleted', userId: id, flips: 1 });
      expect(await t.store.getUser(id)).toBeNull();
      expect(await t.store.findUser('ann@example.com')).toBeNull();
      expect(await t.store.segmentsOf(id)).toEqual([]);
      expect(await memberIds(t.store, segment)).toEqual([bob]);
      await t.reopen();
      const [again] = await createUsers(t.store, 'ann@example.com');
      expect(again).toBeGreaterThan(id);
      expect(await t.store.segmentsOf(again as number)).toEqual([]);
    });

    test('changes of one call see each other, in order', async () => {
      const vip = await createSegment(t.store, 'vip');
      const pro = await createSegment(t.store, 'pro', { rules: planIs('pro') });
      const { userId } = await applyOne(t.store, merge(ann, { externalId: 'u-1' }));
      const target = { id: userId as number };
      const outcomes = await t.store.apply(
        [
          merge({ externalId: 'u-1' }, { attributes: { plan: 'pro' } }),
          member(target.id, vip, true),
          member(target.id, vip, true),
          merge(target, { email: 'anne@example.com', at: 'latest', attributes: { plan: 'free' } }, false),
          merge(ann, { attributes: { plan: 'pro' } }),
          member(target.id, vip, false),
          remove({ email: 'anne@example.com' }),
          member(target.id, vip, true),
          merge({ email: 'anne@example.com' }, { attributes: { plan: 'pro' } }),
        ],
        context(),
      );
      expect(outcomes.map(({ reason, flips }) => `${reason} ${flips}`)).toEqual([
        'applied 1',
        'applied 1',
        'unchanged 0',
        'applied 1',
        'created 1',
        'applied 1',
        'deleted 0',
        'no_match 0',
        'created 1',
      ]);
      const newAnn = await find();
      const newAnne = await find('anne@example.com');
      expect(await memberIds(t.store, pro)).toEqual([newAnn.id, newAnne.id]);
      expect(await memberIds(t.store, vip)).toEqual([]);
    });

    test('an error in the middle leaves nothing of the call behind, and the store works on', async () => {
      const vip = await createSegment(t.store, 'vip');
      const pro = await createSegment(t.store, 'pro', { rules: planIs('pro') });
      const [bob] = (await createUsers(t.store, 'bob@example.com')) as [number];
      const before = await t.store.getUser(bob);
      const changes = [
        member(bob, vip, true),
        merge({ id: bob }, { attributes: { plan: 'pro' }, name: 'Bob' }),
        merge({ email: 'new@example.com' }, { attributes: { plan: 'pro' } }),
      ];
      await expect(t.store.apply([...changes, poison], context())).rejects.toThrow('poison');
      expect(await t.store.getUser(bob)).toEqual(before);
      expect(await t.store.findUser('new@example.com')).toBeNull();
      expect(await t.store.segmentsOf(bob)).toEqual([]);
      expect(await memberIds(t.store, vip)).toEqual([]);
      expect(await memberIds(t.store, pro)).toEqual([]);
      expect(await t.store.outboundBacklog()).toMatchObject({ pending: 0 });

      const outcomes = await t.store.apply(changes, context());
      expect(outcomes.map(({ reason }) => reason)).toEqual(['applied', 'applied', 'created']);
      expect(await memberIds(t.store, pro)).toHaveLength(2);
    });

    test('calls at the same time lose nothing', async () => {
      const vip = await createSegment(t.store, 'vip');
      const ids = await createUsers(t.store, 'a@example.com', 'b@example.com', 'c@example.com');
      const calls = Array.from({ length: 30 }, (_, i) =>
        t.store.apply(
          [
            merge(ann, { attributes: { [`key${i}`]: i } }),
            member(ids[i % 3] as number, vip, true),
            member(ids[(i + 1) % 3] as number, vip, i % 2 === 0),
          ],
          context(),
        ),
      );
      const outcomes = await Promise.all(calls);
      expect(outcomes.filter(([first]) => first?.reason === 'created')).toHaveLength(1);
      expect(Object.keys((await find()).attributes.values)).toHaveLength(30);
      // Which one came last is open; that the count and the list agree is not.
      expect(ids).toEqual(expect.arrayContaining(await memberIds(t.store, vip)));
    });

    test('users of any size are read and changed as often as they like in one call', async () => {
      const large = 'x'.repeat(20_000);
      const changes = [
        merge(ann, { at: NOW, attributes: { bio: large } }),
        merge(ann, { at: NOW + 1, attributes: { plan: 'pro' } }),
        merge(ann, { at: NOW + 2, attributes: { bio: `${large}y` } }),
        merge(ann, { at: NOW + 3, seenAt: NOW + 3 }),
        merge(ann, { at: NOW + 4, attributes: { bio: 'short' } }),
        merge(ann, { at: NOW + 5, attributes: { seats: 5 } }),
      ];
      const later = context({ now: NOW + 10 });
      const outcomes = await t.store.apply(changes, later);
      expect(outcomes.map(({ reason }) => reason)).toEqual([
        'created',
        'applied',
        'applied',
        'unchanged',
        'applied',
        'applied',
      ]);
      expect((await find()).attributes.values).toEqual({ bio: 'short', plan: 'pro', seats: 5 });
      await t.store.apply([merge(ann, { at: NOW + 6, attributes: { bio: large } })], later);
      await t.store.apply([merge(ann, { at: NOW + 7, attributes: { seats: 6 } })], later);
      expect((await find()).attributes.values).toEqual({ bio: large, plan: 'pro', seats: 6 });
    });

    test('no changes are no work', async () => {
      expect(await t.store.apply([], context())).toEqual([]);
    });
  });
}
