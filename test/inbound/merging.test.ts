import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { addUser, showUser } from './people.ts';

const NOW = '2026-06-01T12:00:00.000Z';
const DAY_MS = 24 * 3_600_000;

const clock = manualClock(Date.parse(NOW));
let t: TestService;
let ada: string;
beforeEach(async () => {
  t = await startTestService({ clock });
  ada = await addUser(t, 'ada@example.com');
});
afterEach(() => t.stop());

async function send(timestamp: string | undefined, traits: object, rest: object = {}): Promise<string> {
  const event = { type: 'identify', timestamp, traits: { email: 'ada@example.com', ...traits }, ...rest };
  return (await t.webhook(event)).body.reason;
}
const may = (day: number) => `2026-05-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const user = () => showUser(t, ada);

describe('the display name', () => {
  test.each([
    ['comes from name', { name: 'Ada' }, 'Ada'],
    ['comes from firstName and lastName', { firstName: 'Ada', lastName: 'Lovelace' }, 'Ada Lovelace'],
    ['comes from firstName alone', { firstName: 'Ada' }, 'Ada'],
    ['comes from lastName alone', { lastName: 'Lovelace' }, 'Lovelace'],
    [
      'comes from name where there are all three',
      { name: 'Countess', firstName: 'Ada', lastName: 'L' },
      'Countess',
    ],
    ['comes from the parts where name is empty', { name: ' ', firstName: 'Ada' }, 'Ada'],
    ['comes from the parts where name is no text', { name: 42, firstName: 'Ada' }, 'Ada'],
    ['is trimmed', { name: '  Ada \n' }, 'Ada'],
    ['is cut at 256 characters', { name: 'x'.repeat(300) }, 'x'.repeat(256)],
    ['has no half character where it is cut', { name: `${'x'.repeat(255)}🔥` }, `${'x'.repeat(255)}\ufffd`],
    ['is well-formed', { name: 'Ada\ud800' }, 'Ada\ufffd'],
    ['keeps a zero byte', { name: 'A\u0000da' }, 'A\u0000da'],
    ['is unset by null', { name: null }, null],
    ['is unset by null, whatever the parts say', { name: null, firstName: 'Ada' }, null],
    ['stays without a word of it', { plan: 'pro' }, 'Old'],
    ['stays where name is no text', { name: ['Ada'] }, 'Old'],
    ['stays where the parts are unset', { firstName: null, lastName: null }, 'Old'],
  ])('%s', async (_name, traits, expected) => {
    await send(may(1), { name: 'Old' });
    await send(may(2), traits);
    expect((await user()).name).toBe(expected);
    // An older name never comes back, nor does one of the same time by being sent again.
    await send(may(1), { name: 'Old' });
    await send(may(2), traits);
    expect((await user()).name).toBe(expected);
  });

  test('keeps its parts as attributes', async () => {
    await send(may(1), { firstName: 'Ada', lastName: 'Lovelace' });
    expect((await user()).attributes).toEqual({ firstName: 'Ada', lastName: 'Lovelace' });
  });
});

test('null unsets, and an older value does not bring the attribute back', async () => {
  await send(may(1), { plan: 'pro', role: 'owner' });
  expect(await send(may(3), { plan: null })).toBe('applied');
  expect((await user()).attributes).toEqual({ role: 'owner' });
  expect(await send(may(2), { plan: 'free' })).toBe('unchanged');
  expect((await user()).attributes).toEqual({ role: 'owner' });
  expect(await send(may(4), { plan: 'free' })).toBe('applied');
  expect((await user()).attributes).toEqual({ role: 'owner', plan: 'free' });
});

test('an older event changes only what no newer one has said', async () => {
  await send(may(3), { plan: 'pro', company: { name: 'Initech', seats: 3 } });
  expect(await send(may(1), { plan: 'free', role: 'owner', company: { name: 'Old' } })).toBe('applied');
  expect((await user()).attributes).toEqual({
    plan: 'pro',
    role: 'owner',
    company: { name: 'Initech', seats: 3 },
  });
});

test('an edit by hand is newer than every event before it, and older than those after it', async () => {
  await send(NOW, { plan: 'pro' });
  await t.api('PATCH', `/api/v1/users/${ada}`, { attributes: { plan: 'by hand' }, name: 'By hand' });
  await send(may(31), { plan: 'late', name: 'Late' });
  expect(await user()).toMatchObject({ name: 'By hand', attributes: { plan: 'by hand' } });
  clock.advance(2);
  await send(new Date(clock.now()).toISOString(), { plan: 'new', name: 'New' });
  expect(await user()).toMatchObject({ name: 'New', attributes: { plan: 'new' } });
});

test('lastSeenAt is the time of the latest event, in whatever order they come', async () => {
  for (const [day, seen] of [
    [2, 2],
    [1, 2],
    [4, 4],
    [3, 4],
  ] as const) {
    await send(may(day), { n: day });
    expect((await user()).lastSeenAt).toBe(may(seen));
  }
  // Being seen again is no change of the user.
  const { updatedAt } = await user();
  clock.advance(1000);
  expect(await send(may(5), { n: 4 })).toBe('unchanged');
  expect(await user()).toMatchObject({ lastSeenAt: may(5), updatedAt });
});

describe('the clock of an event', () => {
  test.each([
    ['with a zone', '2026-05-02T02:00:00.000+02:00', may(2)],
    ['with a zone without colon', '2026-05-01T18:30:00-0530', may(2)],
    ['without a zone, which is UTC', '2026-05-02T00:00:00', may(2)],
    ['a date alone', '2026-05-02', may(2)],
    ['with nanoseconds', '2026-05-02T00:00:00.000999999Z', may(2)],
    ['before 1970', '1969-12-31T23:59:59.000Z', '1969-12-31T23:59:59.000Z'],
    ['at the beginning of 1970', '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ['of the first year', '0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'],
  ])('a timestamp %s', async (_name, timestamp, seen) => {
    expect(await send(timestamp, { plan: 'pro', name: 'Ada' })).toBe('applied');
    expect(await user()).toMatchObject({
      lastSeenAt: seen,
      name: 'Ada',
      attributes: { plan: 'pro', name: 'Ada' },
    });
  });

  test.each([
    [
      'timestamp before all others',
      { timestamp: may(1), originalTimestamp: may(2), receivedAt: may(3), sentAt: may(4) },
      may(1),
    ],
    [
      'originalTimestamp without it',
      { originalTimestamp: may(2), receivedAt: may(3), sentAt: may(4) },
      may(2),
    ],
    ['receivedAt next', { receivedAt: may(3), sentAt: may(4) }, may(3)],
    ['sentAt last', { sentAt: may(4) }, may(4)],
    [
      'empty and null ones do not count',
      { timestamp: '', originalTimestamp: null, receivedAt: may(3) },
      may(3),
    ],
    ['now where there is none', {}, NOW],
  ])('%s', async (_name, times, seen) => {
    clock.advance(Date.parse(NOW) - clock.now());
    await send(undefined, { plan: 'pro' }, times);
    expect((await user()).lastSeenAt).toBe(seen);
  });

  test.each(['2099-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'])(
    'a time in the future (%s) counts as now, so that a later event still wins',
    async (timestamp) => {
      const now = new Date(clock.now()).toISOString();
      expect(await send(timestamp, { plan: 'future', name: 'Future' })).toBe('applied');
      expect((await user()).lastSeenAt).toBe(now);
      clock.advance(1);
      const later = new Date(clock.now()).toISOString();
      expect(await send(later, { plan: 'later', name: 'Later' })).toBe('applied');
      expect(await user()).toMatchObject({ lastSeenAt: later, name: 'Later', attributes: { plan: 'later' } });
      // The first delivery is repeated while its time still lies ahead: it counts as now once more.
      clock.advance(DAY_MS);
      expect(await send(timestamp, { plan: 'future' })).toBe('applied');
    },
  );
});

test('any events, in any order, any number of times, one by one or in batches: the same user', async () => {
  const value = fc.oneof(fc.constantFrom('free', 'pro', null, true, 0, 1), fc.jsonValue({ maxDepth: 2 }));
  const event = fc.record({
    type: fc.constant('identify'),
    timestamp: fc.integer({ min: 1, max: 4 }).map(may),
    userId: fc.option(fc.constantFrom('user-1', 'user-2'), { nil: undefined }),
    traits: fc.dictionary(fc.constantFrom('plan', 'name', 'firstName', '__proto__', 'a.b'), value),
  });
  const story = fc.array(event, { minLength: 1, maxLength: 6 }).chain((events) =>
    fc.record({
      straight: fc.constant(events),
      // Every event at least once, then some again.
      shuffled: fc
        .tuple(
          fc.shuffledSubarray(events, { minLength: events.length }),
          fc.array(fc.constantFrom(...events), { maxLength: 4 }),
        )
        .chain(([all, some]) =>
          fc.shuffledSubarray([...all, ...some], { minLength: all.length + some.length }),
        ),
    }),
  );
  let stories = 0;
  const tell = async (events: object[], batch: boolean) => {
    const email = `story${++stories}@example.com`;
    const id = await addUser(t, email);
    const addressed = events.map((one) => ({ ...one, context: { traits: { email } } }));
    if (batch) await t.webhook(addressed);
    else for (const one of addressed) await t.webhook(one);
    const { name, externalId, attributes, lastSeenAt } = await showUser(t, id);
    return { name, externalId, attributes: Object.entries(attributes).sort(), lastSeenAt };
  };
  await fc.assert(
    fc.asyncProperty(story, fc.boolean(), async ({ straight, shuffled }, batch) => {
      expect(await tell(shuffled, batch)).toEqual(await tell(straight, false));
    }),
    { numRuns: 40 },
  );
});
