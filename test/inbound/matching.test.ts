import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { manualClock } from '../helpers/manual-clock.ts';
import { SETTINGS, startTestService, type TestService } from '../helpers/service.ts';
import { addUser, countUsers, showUser } from './people.ts';

let t: TestService;
let ada: string;
let bob: string;
beforeEach(async () => {
  t = await startTestService({ clock: manualClock() });
  ada = await addUser(t, 'Ada@Example.com');
  bob = await addUser(t, 'bob@example.com');
});
afterEach(() => t.stop());

/** An identify of this day of May 2026. */
const on = (day: number, members: object) => ({
  type: 'identify',
  timestamp: `2026-05-${String(day).padStart(2, '0')}T00:00:00.000Z`,
  ...members,
});
const reasonOf = async (event: unknown): Promise<string> => {
  const { status, body } = await t.webhook(event);
  expect(status).toBe(200);
  return body.reason;
};
const attributesOf = async (id: string) => (await showUser(t, id)).attributes;

test.each([
  ['in the traits', { traits: { email: 'ada@example.com', n: 1 } }],
  ['in capitals', { traits: { email: 'ADA@EXAMPLE.COM', n: 1 } }],
  ['between white space', { traits: { email: ' \tada@example.com\r\n', n: 1 } }],
  ['in context.traits', { context: { traits: { email: 'ada@example.com' } }, traits: { n: 1 } }],
  ['in context.traits, without traits', { context: { traits: { email: 'Ada@example.com', n: 1 } } }],
  [
    'in both: the traits win',
    { traits: { email: 'ada@example.com', n: 1 }, context: { traits: { email: 'bob@example.com' } } },
  ],
  ['empty in the traits', { traits: { email: '', n: 1 }, context: { traits: { email: 'ada@example.com' } } }],
  [
    'null in the traits',
    { traits: { email: null, n: 1 }, context: { traits: { email: 'ada@example.com' } } },
  ],
  [
    'no address in the traits',
    { traits: { email: 42, n: 1 }, context: { traits: { email: 'ada@example.com' } } },
  ],
])('the email %s finds the user', async (_name, members) => {
  expect(await reasonOf(on(1, members))).toBe('applied');
  // The email is who the user is, not one more attribute.
  expect(await attributesOf(ada)).toEqual({ n: 1 });
  expect(await attributesOf(bob)).toEqual({});
});

test('traits and context.traits are merged, the traits win, null in them unsets', async () => {
  const context = { traits: { email: 'ada@example.com', plan: 'free', role: 'owner', seats: 3 } };
  await t.webhook(on(1, { context, traits: { plan: 'pro', seats: null } }));
  expect(await attributesOf(ada)).toEqual({ plan: 'pro', role: 'owner' });
});

describe('the userId', () => {
  const link = (day: number, email: string, userId: unknown = 'user-1') =>
    on(day, { userId, traits: { email } });
  const unaddressed = (day: number, n: number, userId: unknown = 'user-1') =>
    on(day, { userId, traits: { n } });

  test.each([
    ['text', 'user-1', 'user-1', 'user-1'],
    ['a number', 42, 42, '42'],
    ['a number once, text later', 42, '42', '42'],
    ['between white space', ' user-1 ', 'user-1', 'user-1'],
    ['of 255 characters', 'u'.repeat(255), 'u'.repeat(255), 'u'.repeat(255)],
    ['a number below zero', -1.5, '-1.5', '-1.5'],
  ])('that is %s finds the user it was linked to', async (_name, linked, sent, externalId) => {
    expect(await reasonOf(unaddressed(1, 1, sent))).toBe('no_email');
    expect(await reasonOf(link(1, 'ada@example.com', linked))).toBe('applied');
    expect((await showUser(t, ada)).externalId).toBe(externalId);
    expect(await reasonOf(unaddressed(2, 2, sent))).toBe('applied');
    expect(await attributesOf(ada)).toEqual({ n: 2 });
  });

  test.each([
    ['an object', {}],
    ['a list', ['user-1']],
    ['true', true],
    ['empty', ''],
    ['of 256 characters', 'u'.repeat(256)],
  ])('that is %s links nothing, and the event is applied by its email', async (_name, userId) => {
    expect(await reasonOf(on(1, { userId, traits: { email: 'ada@example.com', n: 1 } }))).toBe('applied');
    expect(await showUser(t, ada)).toMatchObject({ externalId: null, attributes: { n: 1 } });
  });

  test('set through the API is as good', async () => {
    await t.api('PATCH', `/api/v1/users/${ada}`, { externalId: 'user-1' });
    expect(await reasonOf(unaddressed(1, 1))).toBe('applied');
    await t.api('PATCH', `/api/v1/users/${ada}`, { externalId: null });
    expect(await reasonOf(unaddressed(2, 2))).toBe('no_email');
  });

  test.each([
    ['in order', [1, 2]],
    ['in reverse', [2, 1]],
  ])('linked to two users, arriving %s: the latest clock wins', async (_name, days) => {
    for (const day of days) await t.webhook(link(day, day === 1 ? 'ada@example.com' : 'bob@example.com'));
    expect(await reasonOf(unaddressed(3, 3))).toBe('applied');
    expect([await attributesOf(ada), await attributesOf(bob)]).toEqual([{}, { n: 3 }]);
  });

  test.each([
    ['in order', [1, 2]],
    ['in reverse', [2, 1]],
  ])('of one user changes, arriving %s: the latest clock wins', async (_name, days) => {
    for (const day of days) await t.webhook(link(day, 'ada@example.com', `user-${day}`));
    expect((await showUser(t, ada)).externalId).toBe('user-2');
    expect(await reasonOf(unaddressed(3, 1, 'user-1'))).toBe('no_email');
    expect(await reasonOf(unaddressed(3, 2, 'user-2'))).toBe('applied');
  });

  test('linked back again returns to the first user', async () => {
    await t.webhook(link(1, 'ada@example.com'));
    await t.webhook(link(2, 'bob@example.com'));
    await t.webhook(link(3, 'ada@example.com'));
    await t.webhook(unaddressed(4, 4));
    expect([await attributesOf(ada), await attributesOf(bob)]).toEqual([{ n: 4 }, {}]);
  });

  test('does not stand in for an email that nobody has', async () => {
    await t.webhook(link(1, 'ada@example.com'));
    expect(await reasonOf(on(2, { userId: 'user-1', traits: { email: 'new@example.com', n: 1 } }))).toBe(
      'no_match',
    );
    expect(await showUser(t, ada)).toMatchObject({ email: 'ada@example.com', attributes: {} });
  });
});

describe('without a match', () => {
  const stranger = on(1, {
    userId: 'user-9',
    traits: { email: 'New@Example.com', name: 'New', plan: 'enterprise' },
  });

  test('nothing happens', async () => {
    expect(await reasonOf(stranger)).toBe('no_match');
    expect(await countUsers(t)).toBe(2);
  });

  test('a deleted user is a stranger', async () => {
    expect((await t.api('DELETE', `/api/v1/users/${ada}`)).status).toBe(204);
    expect(await reasonOf(on(1, { traits: { email: 'ada@example.com' } }))).toBe('no_match');
  });

  test('a user is created where that is switched on, and is in the segments at once', async () => {
    await t.planSegment('Enterprise', 'enterprise');
    await t.api('PATCH', SETTINGS, { inbound: { createUsers: true } });
    expect(await reasonOf(stranger)).toBe('created');
    const { data } = (await t.api('GET', '/api/v1/segments/enterprise/members')).body;
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^user_/),
        email: 'new@example.com',
        name: 'New',
        externalId: 'user-9',
        attributes: { name: 'New', plan: 'enterprise' },
        createdAt: '2026-06-01T12:00:00.000Z',
        updatedAt: '2026-06-01T12:00:00.000Z',
        lastSeenAt: '2026-05-01T00:00:00.000Z',
      },
    ]);
    expect(await reasonOf(stranger)).toBe('unchanged');
    expect(await countUsers(t)).toBe(3);
  });

  test.each([
    ['has no email', on(1, { userId: 'user-9', traits: { n: 1 } }), 'no_email'],
    ['has no address for an email', on(1, { traits: { email: 'new' } }), 'invalid_email'],
    [
      'breaks a limit',
      on(1, { traits: { email: 'new@example.com', bio: 'x'.repeat(300_000) } }),
      'user_too_large',
    ],
    ['is no identify', { type: 'track', context: { traits: { email: 'new@example.com' } } }, 'not_identify'],
  ])('none is created for an event that %s', async (_name, event, reason) => {
    await t.api('PATCH', SETTINGS, { inbound: { createUsers: true } });
    expect(await reasonOf(event)).toBe(reason);
    expect(await countUsers(t)).toBe(2);
  });
});
