import { describe, expect, test } from 'bun:test';
import type { ActivityQuery } from '../../../src/activity/activity.ts';
import { type Call, type Delivery, KEPT_COUNTERS_MS, KEPT_ENTRIES } from '../../../src/activity/activity.ts';
import { eachWith, NOW, type Open } from './fixture.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

const delivery = (rest: Partial<Delivery> = {}): Delivery => ({
  at: NOW,
  reason: 'applied',
  events: 1,
  results: null,
  eventType: 'identify',
  messageId: 'm-1',
  user: 'ann@example.com',
  eventAt: NOW - 5,
  latencyMs: 3,
  signature: null,
  body: null,
  ...rest,
});
const call = (rest: Partial<Call> = {}): Call => ({
  at: NOW,
  outcome: 'taken',
  path: '/identify',
  events: 1,
  status: 200,
  error: null,
  messageId: 'qbs-1',
  user: 'ann@example.com',
  traits: { vip: true },
  counts: null,
  latencyMs: 20,
  ...rest,
});
const NOTHING = { counters: [], deliveries: [], calls: [] };

/** What happened lately, in bounded lists and counters. */
export function activityConforms(open: Open) {
  describe('activity', () => {
    const t = eachWith(open);

    test('deliveries and calls come back as they were, the latest first', async () => {
      const deliveries = [
        delivery(),
        delivery({ reason: 'bad_signature', signature: 'é"\'', body: '{"not": json 🔥', user: null }),
        delivery({ reason: 'batch', events: 3, results: { applied: 2, no_match: 1 }, messageId: null }),
      ];
      const calls = [
        call(),
        call({ outcome: 'retry', status: null, error: 'no answer', traits: null }),
        call({
          events: 3,
          traits: null,
          counts: { vip: { joined: 2, left: 1 }, 'é"\'': { joined: 0, left: 1 } },
        }),
        call({ events: 2, traits: null }),
      ];
      await t.store.recordActivity({ ...NOTHING, deliveries, calls });
      await t.reopen();
      const kept = await t.store.listDeliveries({ limit: 10 });
      expect(kept.map(({ entry }) => entry)).toEqual(deliveries.toReversed());
      expect((await t.store.listCalls({ limit: 10 })).map(({ entry }) => entry)).toEqual(calls.toReversed());
      for (const one of kept) expect(await t.store.getDelivery(one.id)).toEqual(one);
      expect(await t.store.getDelivery(4711)).toBeNull();
      for (const one of await t.store.listCalls({ limit: 10 })) {
        expect(await t.store.getCall(one.id)).toEqual(one);
      }
      expect(await t.store.getCall(4711)).toBeNull();
    });

    test.each<[string, Omit<ActivityQuery, 'limit'>, number[]]>([
      ['everything', {}, [5, 4, 3, 2, 1, 0]],
      ['a reason, in batches too', { outcome: 'no_match' }, [4, 2]],
      ['a reason that is part of another', { outcome: 'match' }, []],
      ['a reason with a wildcard', { outcome: 'no%' }, []],
      ['a part of the user', { user: 'BOB@' }, [3]],
      ['a wildcard, which is a character', { user: '_' }, [5]],
      ['no user in particular', { user: '' }, [5, 4, 3, 2, 1, 0]],
      ['a span of time, both ends included', { from: NOW + MINUTE, to: NOW + 3 * MINUTE }, [3, 2, 1]],
      ['all of that', { outcome: 'applied', user: 'ann', from: NOW, to: NOW + MINUTE }, [1, 0]],
    ])('deliveries by %s', async (_what, query, expected) => {
      const deliveries = [
        delivery(),
        delivery(),
        delivery({ reason: 'no_match' }),
        delivery({ user: 'bob@example.com', reason: 'unchanged' }),
        delivery({ reason: 'batch', results: { no_match: 1, unchanged: 2 }, user: null }),
        delivery({ reason: 'unchanged', user: 'a_b%@example.com' }),
      ].map((one, i) => ({ ...one, at: NOW + i * MINUTE }));
      await t.store.recordActivity({ ...NOTHING, deliveries });
      const found = await t.store.listDeliveries({ ...query, limit: 10 });
      expect(found.map(({ entry }) => (entry.at - NOW) / MINUTE)).toEqual(expected);
      // The same in pages of one.
      const paged: number[] = [];
      let before: number | undefined;
      for (;;) {
        const [one] = await t.store.listDeliveries({ ...query, limit: 1, ...(before ? { before } : {}) });
        if (one === undefined) break;
        before = one.id;
        paged.push((one.entry.at - NOW) / MINUTE);
      }
      expect(paged).toEqual(expected);
    });

    test('calls by outcome and user', async () => {
      const calls = [
        call(),
        call({ outcome: 'refused', user: 'bob@example.com' }),
        call({ outcome: 'refused' }),
      ];
      await t.store.recordActivity({ ...NOTHING, calls });
      expect(await t.store.listCalls({ limit: 10, outcome: 'refused' })).toHaveLength(2);
      expect(await t.store.listCalls({ limit: 10, outcome: 'refused', user: 'bob' })).toHaveLength(1);
      expect(await t.store.listCalls({ limit: 10, outcome: 'refuse' })).toEqual([]);
    });

    test('calls that told of a trait', async () => {
      const counts = { vip: { joined: 2, left: 0 }, 'a"b': { joined: 1, left: 1 } };
      const calls = [
        call(),
        call({ traits: { trial: false } }),
        call({ events: 2, traits: null, counts }),
        call({ events: 2, traits: null }),
      ].map((one, latencyMs) => ({ ...one, latencyMs }));
      await t.store.recordActivity({ ...NOTHING, calls });
      const of = async (trait: string) =>
        (await t.store.listCalls({ limit: 10, trait })).map(({ entry }) => entry.latencyMs);
      expect(await of('vip')).toEqual([2, 0]);
      expect(await of('trial')).toEqual([1]);
      expect(await of('a"b')).toEqual([2]);
      expect(await of('joined')).toEqual([]);
      expect(await of('%')).toEqual([]);
    });

    test('what came since', async () => {
      await t.store.recordActivity({ ...NOTHING, deliveries: [delivery(), delivery()], calls: [call()] });
      const [latest] = await t.store.listDeliveries({ limit: 1 });
      await t.store.recordActivity({ ...NOTHING, deliveries: [delivery({ user: 'new' })] });
      const since = await t.store.listDeliveries({ limit: 10, after: latest?.id ?? 0 });
      expect(since.map(({ entry }) => entry.user)).toEqual(['new']);
      expect(await t.store.listCalls({ limit: 10, after: 0 })).toHaveLength(1);
    });

    test('only so many are kept, the latest', async () => {
      const deliveries = Array.from({ length: KEPT_ENTRIES }, (_, i) => delivery({ latencyMs: i }));
      const calls = deliveries.map(({ latencyMs }) => call({ latencyMs }));
      await t.store.recordActivity({ ...NOTHING, deliveries, calls });
      await t.store.recordActivity({
        ...NOTHING,
        deliveries: deliveries.slice(0, 5),
        calls: calls.slice(0, 5),
      });
      const expected = [
        4,
        3,
        2,
        1,
        0,
        ...Array.from({ length: KEPT_ENTRIES - 5 }, (_, i) => KEPT_ENTRIES - 1 - i),
      ];
      const all = { limit: 2 * KEPT_ENTRIES };
      expect((await t.store.listDeliveries(all)).map(({ entry }) => entry.latencyMs)).toEqual(expected);
      expect((await t.store.listCalls(all)).map(({ entry }) => entry.latencyMs)).toEqual(expected);
    });

    test('bodies of old deliveries are forgotten, the deliveries are not', async () => {
      const rejected = { reason: 'bad_signature', signature: 'abc', body: '{}' };
      const deliveries = [delivery(rejected), delivery({ ...rejected, at: NOW + MINUTE })];
      await t.store.recordActivity({ ...NOTHING, deliveries });
      await t.store.forgetBodies(NOW + MINUTE);
      const kept = (await t.store.listDeliveries({ limit: 10 })).map(({ entry }) => entry);
      expect(kept).toEqual([deliveries[1], { ...deliveries[0], signature: null, body: null }] as Delivery[]);
    });

    test('counters add up, by direction and outcome, in steps of any length', async () => {
      const count = (minutes: number, direction: 'in' | 'out', outcome: string, count: number) =>
        ({ minute: NOW + minutes * MINUTE, direction, outcome, count }) as const;
      const counters = [
        count(0, 'in', 'applied', 2),
        count(0, 'out', 'taken', 1),
        count(1, 'in', 'applied', 3),
      ];
      await t.store.recordActivity({ ...NOTHING, counters });
      const more = [
        count(1, 'in', 'applied', 4),
        count(1, 'in', 'no_match', 1),
        count(90, 'in', 'applied', 1),
      ];
      await t.store.recordActivity({ ...NOTHING, counters: more });
      const between = async (from: number, to: number, stepMs: number) =>
        (await t.store.activityCounters(NOW + from * MINUTE, NOW + to * MINUTE, stepMs))
          .map(
            ({ minute, direction, outcome, count }) =>
              `${(minute - NOW) / MINUTE} ${direction} ${outcome} ${count}`,
          )
          .sort();
      expect(await between(0, 100, MINUTE)).toEqual([
        '0 in applied 2',
        '0 out taken 1',
        '1 in applied 7',
        '1 in no_match 1',
        '90 in applied 1',
      ]);
      expect(await between(1, 1, MINUTE)).toEqual(['1 in applied 7', '1 in no_match 1']);
      expect(await between(0, 100, 60 * MINUTE)).toEqual([
        '0 in applied 9',
        '0 in no_match 1',
        '0 out taken 1',
        '60 in applied 1',
      ]);
      // A step may be longer than fits in 32 bits.
      const step = 30 * DAY;
      const offset = (NOW % step) / MINUTE;
      expect(await between(0, 100, step)).toEqual([
        `-${offset} in applied 10`,
        `-${offset} in no_match 1`,
        `-${offset} out taken 1`,
      ]);
      expect(await between(200, 300, MINUTE)).toEqual([]);
    });

    test('old counters are dropped as new ones come', async () => {
      const counter = { direction: 'in', outcome: 'applied', count: 1 } as const;
      await t.store.recordActivity({ ...NOTHING, counters: [{ ...counter, minute: NOW }] });
      await t.store.recordActivity({
        ...NOTHING,
        counters: [{ ...counter, minute: NOW + KEPT_COUNTERS_MS }],
      });
      const kept = () => t.store.activityCounters(0, NOW + 2 * KEPT_COUNTERS_MS, MINUTE);
      expect(await kept()).toHaveLength(2);
      const later = { ...counter, minute: NOW + KEPT_COUNTERS_MS + MINUTE };
      await t.store.recordActivity({ ...NOTHING, counters: [later] });
      expect((await kept()).map(({ minute }) => minute)).toEqual([NOW + KEPT_COUNTERS_MS, later.minute]);
      await t.store.recordActivity(NOTHING);
      expect(await kept()).toHaveLength(2);
    });

    test('a clock that is far in the future for a moment costs no counters', async () => {
      const count = (days: number) =>
        t.store.recordActivity({
          ...NOTHING,
          counters: [{ minute: NOW + days * DAY, direction: 'in', outcome: 'applied', count: 1 }],
        });
      const kept = async () =>
        (await t.store.activityCounters(0, NOW + 9999 * DAY, MINUTE)).map(
          ({ minute }) => (minute - NOW) / DAY,
        );
      for (const days of [0, 4000, 4000.5, 1]) await count(days);
      expect(await kept()).toEqual([0, 1, 4000, 4000.5]);
      await count(31);
      expect(await kept()).toEqual([1, 31, 4000, 4000.5]);
    });
  });
}
