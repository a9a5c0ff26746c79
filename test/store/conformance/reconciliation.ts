import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { SegmentRecord, Store } from '../../../src/store/store.ts';
import type { Patch } from '../../../src/users/patch.ts';
import { type IdentifyAs, outboundId, type UserRecord } from '../../../src/users/user.ts';
import {
  context,
  createUsers,
  emails,
  member,
  membersOf,
  merge,
  NOW,
  newSegment,
  type Open,
  workThrough,
} from './fixture.ts';
import { createStandIn, type Ending } from './stand-in.ts';

/** Few of each, so that things meet. */
const USERS = 2;
const SLOTS = 2;
const KEYS = ['red', 'green', 'blue'];

const user = fc.nat(USERS - 1);
const slot = fc.nat(SLOTS - 1);
const key = fc.constantFrom(...KEYS);
const limit = fc.integer({ min: 1, max: 3 });

const ending = fc.constantFrom<Ending>('taken', 'taken', 'taken', 'answer lost', 'not arrived', 'refused');

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const kind = <const K extends string>(name: K) => fc.constant(name);
/** Everything that can happen to memberships and to what Segment is told of them. */
const operation = fc.oneof(
  often(8, fc.record({ do: kind('member'), user, slot, joins: fc.boolean() })),
  often(6, fc.record({ do: kind('tell'), limit, ending })),
  often(3, fc.record({ do: kind('claim'), limit })),
  often(4, fc.record({ do: kind('send'), ending })),
  often(5, fc.record({ do: kind('work'), limit })),
  often(3, fc.record({ do: kind('rename'), user, to: fc.nat(USERS) })),
  often(2, fc.record({ do: kind('link'), user, to: fc.nat(2) })),
  often(3, fc.record({ do: kind('rekey'), slot, key })),
  often(3, fc.record({ do: kind('replace'), slot, key: fc.option(key) })),
  often(2, fc.record({ do: kind('sync'), slot, on: fc.boolean() })),
  often(1, fc.record({ do: kind('identifyAs') })),
  often(1, fc.record({ do: kind('resend'), slot })),
  often(1, fc.record({ do: kind('unpark') })),
  often(1, fc.record({ do: kind('reopen') })),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** A store, its stand-in for Segment, and what the test has to remember. */
async function start(open: Open) {
  const opened = await open();
  let { store } = opened;
  const standIn = createStandIn();
  let identifyAs: IdentifyAs = 'email';
  let made = 0;
  const now = () => context({ identifyAs });
  const ids = await createUsers(store, ...emails(USERS));
  const slots: (SegmentRecord | null)[] = [];
  for (let i = 0; i < SLOTS; i++) await fill(i, KEYS[i] as string);

  async function fill(i: number, traitKey: string) {
    const segment = await store.createSegment(newSegment(`segment-${made++}`, { traitKey }), NOW);
    slots[i] = 'conflict' in segment ? null : segment;
  }
  const patch = (i: number, rest: Partial<Patch>) =>
    store.apply([merge({ id: ids[i] as number }, { at: 'latest', ...rest }, false)], now());

  async function perform(op: Operation) {
    switch (op.do) {
      case 'member': {
        const segment = slots[op.slot];
        if (segment && op.slot > 0)
          await store.apply([member(ids[op.user] as number, segment, op.joins)], now());
        return;
      }
      case 'rename':
        return patch(op.user, { email: `user${op.to + 1}@example.com` });
      case 'link':
        return patch(op.user, { externalId: op.to === 0 ? null : `u-${op.user}-${op.to}` });
      case 'tell':
        for (const { levels } of await standIn.claim(store, op.limit, identifyAs)) {
          if (levels.length > 0) await standIn.send(store, op.ending);
        }
        return;
      case 'claim':
        return standIn.claim(store, op.limit, identifyAs);
      case 'send':
        return standIn.send(store, op.ending);
      case 'work':
        return store.workOnJobs(now(), op.limit);
      case 'rekey':
        return update(op.slot, { traitKey: op.key });
      case 'sync':
        return update(op.slot, { sync: op.on });
      case 'replace': {
        const segment = slots[op.slot];
        if (segment) await store.deleteSegment(segment.id, now());
        return fill(op.slot, op.key ?? segment?.traitKey ?? (KEYS[0] as string));
      }
      case 'identifyAs': {
        const before = identifyAs;
        identifyAs = before === 'email' ? 'external_id' : 'email';
        return store.writeSetting('segment', '{}', { now: NOW, resendAll: false, retractAll: before });
      }
      case 'resend': {
        const segment = slots[op.slot];
        return segment ? store.queueJobs([segment.id], 'resend', NOW) : undefined;
      }
      case 'unpark':
        return store.unpark();
      case 'reopen':
        standIn.crash();
        store = await opened.reopen();
    }
  }

  async function update(i: number, change: Parameters<Store['updateSegment']>[1]) {
    const segment = slots[i];
    const updated = segment ? await store.updateSegment(segment.id, change, now()) : null;
    if (updated !== null && !('conflict' in updated)) slots[i] = updated;
  }

  return {
    perform,
    dispose: opened.dispose,

    /** Lets everything come to rest, and answers what Segment holds as true and what it should hold. */
    async settle() {
      for (let i = 0; i < SLOTS; i++) await update(i, { sync: true });
      await store.unpark();
      await workThrough(store, 2, now());
      await standIn.drain(store, identifyAs);
      const wanted: string[] = [];
      for (const { id, traitKey } of await store.listSegments()) {
        for (const user of await membersOf(store, id))
          wanted.push(`${outboundId(user, identifyAs)} ${traitKey}`);
      }
      return { truths: standIn.truths(), wanted: wanted.sort(), backlog: await store.outboundBacklog() };
    },
  };
}

/** The promise of the whole outbound side: whatever happens, in the end Segment holds what is. */
export function reconciliationConforms(open: Open) {
  describe('reconciliation', () => {
    test('whatever happens, in the end Segment holds exactly the memberships that are', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 60, size: 'max' }), async (operations) => {
          const run = await start(open);
          try {
            for (const op of operations) await run.perform(op);
            const { truths, wanted, backlog } = await run.settle();
            expect(truths).toEqual(wanted);
            expect(backlog).toEqual({ pending: 0, parked: 0, oldestAt: null });
          } finally {
            await run.dispose();
          }
        }),
        { numRuns: RUNS },
      );
    });

    test('an id that users share is what the one linked last is', async () => {
      const happening = fc.oneof(
        often(5, fc.record({ do: kind('member'), user: fc.nat(2), joins: fc.boolean() })),
        often(3, fc.record({ do: kind('link'), user: fc.nat(2), to: fc.constantFrom(SHARED, 'u-2', null) })),
        often(1, fc.record({ do: kind('fold') })),
        often(1, fc.record({ do: kind('delete'), user: fc.nat(2) })),
        often(4, fc.record({ do: kind('tell'), limit, ending })),
        often(2, fc.record({ do: kind('claim'), limit })),
        often(2, fc.record({ do: kind('send'), ending })),
        often(1, fc.record({ do: kind('resend') })),
        often(1, fc.record({ do: kind('unpark') })),
        often(1, fc.record({ do: kind('reopen') })),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(happening, { maxLength: 40, size: 'max' }), async (happenings) => {
          const opened = await open();
          let { store } = opened;
          try {
            const standIn = createStandIn();
            const now = context({ identifyAs: 'external_id' });
            const ids = await createUsers(store, 'first@x.io', 'last@x.io', SHARED);
            let at = NOW - 1000;
            const link = (id: number, externalId: string | null) =>
              store.apply([merge({ id }, { at: at++, externalId })], now);
            for (const id of ids.slice(0, 2)) await link(id, SHARED);
            const present = async () =>
              (await Promise.all(ids.map((id) => store.getUser(id)))).filter((user) => user !== null);
            /** What may have been the id of who was deleted: Segment is told nothing of it, and keeps what it has. */
            const forgotten = new Set<string>();
            const vip = (await store.createSegment(newSegment('vip'), NOW)) as SegmentRecord;
            for (const op of happenings) {
              if (op.do === 'member') await store.apply([member(ids[op.user] as number, vip, op.joins)], now);
              else if (op.do === 'link') await link(ids[op.user] as number, op.to);
              else if (op.do === 'fold') while (await store.catchUp(10));
              else if (op.do === 'delete') {
                const target = { id: ids[op.user] as number };
                await store.apply([{ kind: 'delete', target, cause: 'api' }], now);
                const held = (await present()).map((user) => outboundId(user, 'external_id'));
                for (const id of ALL_IDS) if (!held.includes(id)) forgotten.add(id);
              } else if (op.do === 'send') await standIn.send(store, op.ending);
              else if (op.do === 'unpark') await store.unpark();
              else if (op.do === 'reopen') {
                standIn.crash();
                store = await opened.reopen();
              } else if (op.do === 'resend') {
                await store.queueJobs([vip.id], 'resend', NOW);
                await workThrough(store, 2, now);
              } else {
                const tellings = await standIn.claim(store, op.limit, 'external_id');
                if (op.do === 'tell') for (const _ of tellings) await standIn.send(store, op.ending);
              }
            }
            await store.unpark();
            await standIn.drain(store, 'external_id');
            const members = new Set((await membersOf(store, vip.id)).map(({ id }) => id));
            const users = await present();
            const rank = ({ externalId, externalIdAt }: UserRecord) =>
              externalId === null ? Number.NEGATIVE_INFINITY : externalIdAt;
            users.sort((a, b) => rank(a) - rank(b) || b.id - a.id);
            const speakers = new Map(users.map((user) => [outboundId(user, 'external_id'), user]));
            const known = (id: string) => !forgotten.has(id);
            const wanted = [...speakers].filter(([id, user]) => known(id) && members.has(user.id));
            const truths = standIn.truths().map((truth) => truth.slice(0, -' vip'.length));
            expect(truths.filter(known)).toEqual(wanted.map(([id]) => id).sort());
            expect(await store.outboundBacklog()).toEqual({ pending: 0, parked: 0, oldestAt: null });
          } finally {
            await opened.dispose();
          }
        }),
        { numRuns: RUNS },
      );
    });
  });
}
const RUNS = 200;
/** A userId of two users at first, and the address of a third. */
const SHARED = 'u-1@x.io';
const ALL_IDS = [SHARED, 'u-2', 'first@x.io', 'last@x.io'];
