import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { intoCalls, type Message, messagesFor, type Sender } from '../../src/outbound/message.ts';
import type { Level, Telling } from '../../src/store/store.ts';

type Membership = Extract<Level, { kind: 'membership' }>;
const SENDER: Sender = { instance: 'instance-1', version: '1.2.3' };
const membership = (part: Partial<Membership> = {}): Membership => ({
  kind: 'membership',
  userId: 7,
  segmentId: 3,
  version: 2,
  changedAt: Date.parse('2026-06-01T12:00:00Z'),
  traitKey: 'enterprise',
  value: true,
  ...part,
});
const retraction = (id: number, traitKey: string): Level => ({
  kind: 'retraction',
  id,
  traitKey,
  changedAt: 1,
  value: false,
});
const parse = ({ json }: Message) => JSON.parse(json);
const only = (telling: Telling, sender = SENDER) => {
  const messages = messagesFor(telling, sender);
  expect(messages).toHaveLength(1);
  return parse(messages[0] as Message);
};

test('an identify says who, which traits, when, and that it is no activity of the user', () => {
  expect(only({ outboundId: 'user@example.com', levels: [membership()] })).toEqual({
    type: 'identify',
    userId: 'user@example.com',
    traits: { enterprise: true },
    messageId: expect.stringMatching(/^qbs-[\w-]{32}$/),
    timestamp: '2026-06-01T12:00:00.000Z',
    context: { active: false, library: { name: 'quackback-segment', version: '1.2.3' } },
  });
});

test('several traits of a user travel in one identify, with the time of the latest', () => {
  const levels = [
    membership(),
    membership({
      segmentId: 4,
      traitKey: 'vip',
      value: false,
      changedAt: Date.parse('2026-06-02T00:00:00Z'),
    }),
    membership({ segmentId: 5, traitKey: '__proto__' }),
  ];
  const { json } = messagesFor({ outboundId: 'user@example.com', levels }, SENDER)[0] as Message;
  expect(json).toContain('"traits":{"enterprise":true,"vip":false,"__proto__":true}');
  expect(JSON.parse(json).timestamp).toBe('2026-06-02T00:00:00.000Z');
});

test('of two levels of one trait the later one is told, and both are settled by it', () => {
  const levels = [retraction(1, 'vip'), retraction(2, 'vip'), membership({ traitKey: 'vip' })];
  const messages = messagesFor({ outboundId: 'user@example.com', levels }, SENDER);
  expect(messages.map(parse).map(({ traits }) => traits)).toEqual([{ vip: true }]);
  expect(messages[0]?.levels).toEqual(levels);
});

const OTHERS: [what: string, telling: Telling, sender?: Sender][] = [
  ['value', { outboundId: 'a@example.com', levels: [membership({ value: false })] }],
  ['version', { outboundId: 'a@example.com', levels: [membership({ version: 3 })] }],
  ['user', { outboundId: 'a@example.com', levels: [membership({ userId: 8 })] }],
  ['segment', { outboundId: 'a@example.com', levels: [membership({ segmentId: 4 })] }],
  ['trait key', { outboundId: 'a@example.com', levels: [membership({ traitKey: 'vip' })] }],
  ['time', { outboundId: 'a@example.com', levels: [membership({ changedAt: 5 })] }],
  ['outbound id', { outboundId: 'b@example.com', levels: [membership()] }],
  [
    'instance',
    { outboundId: 'a@example.com', levels: [membership()] },
    { ...SENDER, instance: 'instance-2' },
  ],
  [
    'traits beside it',
    { outboundId: 'a@example.com', levels: [membership(), membership({ traitKey: 'vip' })] },
  ],
  ['kind', { outboundId: 'a@example.com', levels: [retraction(1, 'enterprise')] }],
  ['retraction', { outboundId: 'a@example.com', levels: [retraction(2, 'enterprise')] }],
];
test('the messageId is the same for the same change only', () => {
  const telling = { outboundId: 'a@example.com', levels: [membership()] };
  const id = only(telling).messageId;
  expect(only(structuredClone(telling), { ...SENDER, version: '9.9.9' }).messageId).toBe(id);
  const others = OTHERS.map(([, other, sender]) => only(other, sender).messageId);
  expect(new Set([id, ...others]).size).toBe(OTHERS.length + 1);
});

const time = fc.integer({ min: 0, max: Date.parse('2200-01-01') });
const anyMembership = (traitKey: string, segmentId: number): fc.Arbitrary<Level> =>
  fc.record({
    kind: fc.constant('membership' as const),
    userId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    segmentId: fc.constant(segmentId),
    version: fc.integer({ min: 1, max: 1_000_000 }),
    changedAt: time,
    traitKey: fc.constant(traitKey),
    value: fc.boolean(),
  });
/** Up to so many levels with keys as long as they may be, some of them twice. */
const anyTelling = (maxLevels: number): fc.Arbitrary<Telling> =>
  fc
    .record({
      outboundId: fc.string({ unit: 'binary', minLength: 1, maxLength: 320 }),
      count: fc.integer({ min: 1, max: maxLevels }),
      keyLength: fc.integer({ min: 1, max: 100 }),
      distinct: fc.integer({ min: 1, max: maxLevels }),
      first: anyMembership('', 1),
    })
    .map(({ outboundId, count, keyLength, distinct, first }) => ({
      outboundId,
      levels: Array.from({ length: count }, (_, i) => ({
        ...(first as Membership),
        segmentId: i,
        value: i % 3 !== 0,
        traitKey: `t${i % distinct}`.padEnd(keyLength, 'x'),
      })),
    }));

test('every message stays below 32 KB, and together they tell the last level of every trait once', () => {
  fc.assert(
    fc.property(anyTelling(2000), (telling) => {
      const messages = messagesFor(telling, SENDER);
      for (const { json, bytes } of messages) {
        expect(bytes).toBe(Buffer.byteLength(json));
        expect(bytes).toBeLessThan(32_000);
      }
      const told = messages.flatMap((message) => Object.entries(parse(message).traits));
      const latest = new Map(telling.levels.map(({ traitKey, value }) => [traitKey, value]));
      expect(told.length).toBe(latest.size);
      expect(new Map(told as [string, boolean][])).toEqual(latest);
      // Each message settles what it says.
      for (const message of messages) {
        const { traits, userId } = parse(message);
        expect(userId).toBe(telling.outboundId.toWellFormed());
        expect(new Set(message.levels.map((level) => level.traitKey))).toEqual(new Set(Object.keys(traits)));
      }
    }),
    { numRuns: 60 },
  );
});

test('a user in very many segments is told in several messages', () => {
  const levels = Array.from({ length: 900 }, (_, i) =>
    membership({ segmentId: i, traitKey: `t${i}`.padEnd(100, '_') }),
  );
  const messages = messagesFor({ outboundId: 'user@example.com', levels }, SENDER);
  expect(messages.length).toBeGreaterThan(2);
  expect(new Set(messages.map((message) => parse(message).messageId)).size).toBe(messages.length);
  expect(messages.flatMap((message) => message.levels)).toEqual(levels);
});

test('the messageId does not depend on the order of levels', () => {
  const levels = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 20 }).chain((ids) => {
    const distinct = [...new Set(ids)];
    return fc.tuple(
      fc.tuple(...distinct.map((id) => anyMembership(`t${id}`, id))),
      fc.shuffledSubarray([...distinct.keys()], { minLength: distinct.length }),
    );
  });
  fc.assert(
    fc.property(levels, ([given, order]) => {
      const shuffled = order.map((i) => given[i] as Level);
      const ids = [given, shuffled].map((list) => only({ outboundId: 'x', levels: list }).messageId);
      expect(ids[0]).toBe(ids[1]);
    }),
  );
});

test('every call stays below 500 KB and 2,500 events, in order and with nothing left out', () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 100, max: 30_000 }), fc.integer({ min: 1, max: 1500 })), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(sizes, (runs) => {
      const messages: Message[] = runs.flatMap(([bytes, times]) =>
        Array.from({ length: times }, () => ({ json: '', bytes, levels: [] })),
      );
      const calls = intoCalls(messages);
      expect(calls.flat()).toEqual(messages);
      for (const call of calls) {
        // Brackets, commas, the member names and sentAt around the messages.
        const body = call.reduce((sum, { bytes }) => sum + bytes + 1, 60);
        expect(body).toBeLessThan(500_000);
        expect(call.length).toBeGreaterThan(0);
        expect(call.length).toBeLessThanOrEqual(2500);
      }
      // No call is cut short without need.
      calls.slice(1).forEach((call, i) => {
        const before = calls[i] as Message[];
        const bytes = [...before, call[0] as Message].reduce((sum, message) => sum + message.bytes, 0);
        expect(before.length === 2000 || bytes > 400_000).toBe(true);
      });
    }),
    { numRuns: 40 },
  );
});
