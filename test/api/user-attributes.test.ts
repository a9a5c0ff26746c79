import { afterAll, beforeAll, expect, test } from 'bun:test';
import { manualClock } from '../helpers/manual-clock.ts';
import { identify, startTestService, type TestService } from '../helpers/service.ts';
import { check } from './scenario.ts';

const clock = manualClock();
let t: TestService;
beforeAll(async () => {
  t = await startTestService({ clock });
});
afterAll(() => t.stop());

const at = (ms: number) => new Date(ms).toISOString();
const attributesOf = async (id: string) =>
  ok(await t.api('GET', `/api/v1/users/${id}/attributes`)).data as {
    key: string;
    value: unknown;
    type: string;
    setAt: string;
    event: { id: number; messageId: string | null } | null;
  }[];
const ok = (answer: { status: number; body: { data: unknown } }) => {
  expect(answer.status).toBe(200);
  return answer.body;
};

test('every attribute has its type, and the time it was set', async () => {
  const attributes = {
    text: '<img src=x onerror=alert(1)>',
    number: 4.5,
    yes: true,
    when: '2026-01-31',
    list: [1, 'two'],
    object: { a: { b: null } },
    gone: 'soon',
    ['__proto__']: 'data',
  };
  const created = clock.now();
  const { id } = (await t.api('POST', '/api/v1/users/identify', { email: 'ada@x.io', attributes })).body.data;
  clock.advance(60_000);
  await t.api('PATCH', `/api/v1/users/${id}`, { attributes: { gone: null, number: 5 } });

  const found = await attributesOf(id);
  expect(found.map(({ key, value, type, setAt }) => [key, value, type, setAt])).toEqual([
    ['__proto__', 'data', 'text', at(created)],
    ['list', [1, 'two'], 'list', at(created)],
    ['number', 5, 'number', at(created + 60_000)],
    ['object', { a: { b: null } }, 'object', at(created)],
    ['text', attributes.text, 'text', at(created)],
    ['when', '2026-01-31', 'date', at(created)],
    ['yes', true, 'boolean', at(created)],
  ]);
  expect(found.every(({ event }) => event === null)).toBe(true);
});

test('what an event brought names its delivery', async () => {
  const email = 'bob@x.io';
  const { id } = (await t.api('POST', '/api/v1/users/identify', { email, attributes: { byHand: 1 } })).body
    .data;
  const sentAt = clock.now();
  const send = (
    traits: Record<string, unknown>,
    messageId: string,
    timestamp: number | undefined,
    to = email,
  ) => t.webhook(identify(to, traits, { messageId, timestamp: timestamp && at(timestamp) }));
  clock.advance(2000);
  // Somebody whose address ends in the same letters is somebody else.
  await send({ plan: 'x' }, 'other', sentAt - 1, `x${email}`);
  await send({ plan: 'pro', same: 1 }, 'first', sentAt - 1, ' Bob@x.io');
  await send({ seats: 3 }, 'late', sentAt - 600_000);
  await send({ same: 1 }, 'again', sentAt + 1);
  await send({ ahead: true }, 'from the future', sentAt + 600_000);
  clock.advance(60_000);
  await send({ now: true }, 'without a time', undefined);
  await t.webhook([identify(email, { inBatch: 1 }, { timestamp: at(sentAt + 7) }), { type: 'track' }]);

  const deliveries = (await t.api('GET', '/api/v1/activity/inbound')).body.data;
  const idOf = (messageId: string) =>
    deliveries.find((one: { messageId: string }) => one.messageId === messageId).id;
  const named = (await attributesOf(id)).map(({ key, event }) => [key, event]);
  const by = (messageId: string) => ({ id: idOf(messageId), messageId });
  expect(named).toEqual([
    ['ahead', by('from the future')],
    ['byHand', null],
    ['inBatch', null],
    ['now', by('without a time')],
    ['plan', by('first')],
    ['same', by('again')],
    ['seats', by('late')],
  ]);
});

test.each(['user_4711', 'nobody'])('%s has none', async (id) => {
  check(await t.api('GET', `/api/v1/users/${id}/attributes`), {
    status: 404,
    body: { error: { code: 'not_found' } },
  });
});
