import { afterEach, beforeEach, expect, test } from 'bun:test';
import { manualClock } from '../helpers/manual-clock.ts';
import { SETTINGS, sign, startTestService, type TestService } from '../helpers/service.ts';
import { adaEvent, deliver } from './deliveries.ts';
import { addUser, showUser } from './people.ts';

let t: TestService;
beforeEach(async () => {
  t = await startTestService({ clock: manualClock(), env: { MAX_USER_ATTRIBUTES: '10' } });
});
afterEach(() => t.stop());

const timestamp = '2026-05-01T00:00:00.000Z';
const event = (email: unknown, traits: object = {}, rest: object = {}) => ({
  type: 'identify',
  timestamp,
  traits: { email, ...traits },
  ...rest,
});
const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;

test('an empty batch is answered as one of no events', async () => {
  expect(await deliver(t, '[]')).toMatchObject({ status: 200, body: { reason: 'batch', results: {} } });
});

test('broken items between good ones: each gets its reason, and no good one is lost', async () => {
  const [first, second, third] = [
    await addUser(t, 'first@example.com'),
    await addUser(t, 'second@example.com'),
    await addUser(t, 'third@example.com', { externalId: 'user-3' }),
  ];
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`key${i}`, i]));
  const items = [
    event('first@example.com', { n: 1 }),
    null,
    42,
    'identify',
    [],
    [event('second@example.com', { n: 'nested' })],
    {},
    { type: 7 },
    { type: 'track', event: 'Order Completed' },
    { type: 'delete', userId: 'user-3' },
    event(42),
    event('\ud800@example.com'),
    event('second@example.com', { n: 'unparsable' }, { timestamp: 'soon' }),
    event('nobody@example.com', { n: 1 }),
    event(null),
    event('second@example.com', many),
    event('second@example.com', { n: 'echo' }, { context: { library: { name: 'quackback-segment' } } }),
    event('second@example.com', { n: 2 }),
    event('first@example.com', { n: 1 }),
    event('third@example.com', { n: 3 }),
  ].map((item) => JSON.stringify(item));
  items.splice(10, 0, adaEvent(`"deep":${deep}`).replace('ada@', 'third@'));

  const { status, body } = await deliver(t, `[${items.join(',')}]`);
  expect(status).toBe(200);
  expect(body).toEqual({
    reason: 'batch',
    message: '21 events',
    results: {
      applied: 3,
      unchanged: 1,
      invalid_event: 7,
      not_identify: 2,
      invalid_email: 2,
      invalid_timestamp: 1,
      no_match: 1,
      no_email: 1,
      too_deep: 1,
      too_many_attributes: 1,
      echo: 1,
    },
  });
  expect((await showUser(t, first)).attributes).toEqual({ n: 1 });
  expect((await showUser(t, second)).attributes).toEqual({ n: 2 });
  expect((await showUser(t, third)).attributes).toEqual({ n: 3 });
});

test('4,000 events for 40 users, larger than one transaction, are all applied before the answer', async () => {
  await t.api('PATCH', SETTINGS, { inbound: { createUsers: true } });
  const events = Array.from({ length: 4000 }, (_, i) =>
    event(`user${i % 40}@example.com`, { [`k${i % 8}`]: i }),
  );
  const { status, body } = await deliver(t, JSON.stringify(events));
  expect({ status, reason: body.reason }).toEqual({ status: 200, reason: 'batch' });
  expect(body.results.created).toBe(40);
  const { data, meta } = (await t.api('GET', '/api/v1/users?limit=40')).body;
  expect(meta.pagination.total).toBe(40);
  for (const user of data) {
    const number = Number(/\d+/.exec(user.email)?.[0]);
    // Equal clocks: the value that comes last in the canonical order wins, in whatever order they came.
    const values = events.flatMap(({ traits }, i) => (i % 40 === number ? [traits] : []));
    const expected: Record<string, number> = {};
    for (const { email: _, ...traits } of values) {
      for (const [key, value] of Object.entries(traits)) {
        if (expected[key] === undefined || String(value) > String(expected[key]))
          expected[key] = Number(value);
      }
    }
    expect(user.attributes).toEqual(expected);
  }
});

test('events of a batch for one user follow their clocks, not their places', async () => {
  const ada = await addUser(t, 'ada@example.com');
  const at = (day: number, traits: object) => ({
    ...event('ada@example.com', traits),
    timestamp: `2026-05-0${day}T00:00:00.000Z`,
  });
  await deliver(
    t,
    JSON.stringify([at(3, { plan: 'pro' }), at(1, { plan: 'free', role: 'owner' }), at(2, { plan: null })]),
  );
  expect(await showUser(t, ada)).toMatchObject({
    attributes: { plan: 'pro', role: 'owner' },
    lastSeenAt: '2026-05-03T00:00:00.000Z',
  });
});

test.each([
  ['the whole body', (text: string) => sign(text), { status: 200, reason: 'batch' }, {}],
  ['the first event', firstOf, { status: 401, reason: 'first_event_signature_refused' }, {}],
  [
    'the first event, accepted',
    firstOf,
    { status: 200, reason: 'batch' },
    { acceptFirstEventSignature: true },
  ],
  [
    'the second event',
    secondOf,
    { status: 401, reason: 'bad_signature' },
    { acceptFirstEventSignature: true },
  ],
  [
    'an empty text',
    () => sign(''),
    { status: 401, reason: 'bad_signature' },
    { acceptFirstEventSignature: true },
  ],
])('a batch signed over %s', async (_name, signature, { status, reason }, inbound) => {
  await t.api('PATCH', SETTINGS, { inbound });
  const text = JSON.stringify([event('ada@example.com', { n: 1 }), event('bob@example.com', { n: 2 })]);
  const answer = await deliver(t, text, { 'x-signature': signature(text) });
  expect(answer).toMatchObject({ status, body: { reason } });
});

function firstOf(text: string) {
  return sign(JSON.stringify(JSON.parse(text)[0]));
}
function secondOf(text: string) {
  return sign(JSON.stringify(JSON.parse(text)[1]));
}

test('accepting first-event signatures opens nothing else', async () => {
  await t.api('PATCH', SETTINGS, { inbound: { acceptFirstEventSignature: true } });
  const one = JSON.stringify(event('ada@example.com', { n: 1 }));
  const signature = { 'x-signature': sign(one) };
  for (const body of ['[]', `{"events":[${one}]}`, `"${one}"`, `[[${one}]]`, `[ ${one.replace('1', '2')}]`])
    expect(await deliver(t, body, signature)).toMatchObject({
      status: 401,
      body: { reason: 'bad_signature' },
    });
  // The first event is authentic, what follows is no JSON: nothing of it is taken.
  expect(await deliver(t, `[${one}`, signature)).toMatchObject({
    status: 400,
    body: { reason: 'invalid_json' },
  });
});
