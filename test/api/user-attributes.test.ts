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
  check2(await t.api('GET', `/api/v1/users/${id}/attributes`)).data as {
    key: string;
    value: unknown;
    type: string;
    setAt: string;
    event: { id: number; messageId: string | null } | null;
  }[];
const check2 = (answer: { status: number; body: { data: unknown } }) => {
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
  const { id } = (
    await t.api('POST', '/api/v1/users/identify', { email: 'bob@x.io', attributes: { old: 1 } })
  ).body.data;
  clock.advance(3_600_000);
  const sentAt = clock.now();
  const event = identify('Bob@x.io', { plan: 'pro' }, { timestamp: at(sentAt), messageId: 'message-1' });
  clock.advance(2000);
  // Somebody whose address ends in the same letters is somebody else.
  await t.webhook(identify('xbob@x.io', {}, { timestamp: at(sentAt) }));
  await t.webhook(event);
  clock.advance(1000);
  await t.webhook(identify('bob@x.io', { seats: 3 }, { timestamp: at(sentAt - 600_000), messageId: 'late' }));
  const deliveries = (await t.api('GET', '/api/v1/activity/inbound?user=bob@x.io')).body.data;
  const delivery = deliveries.find(({ messageId }: { messageId: string }) => messageId === 'message-1');

  expect(await attributesOf(id)).toEqual([
    expect.objectContaining({ key: 'old', event: null }),
    {
      key: 'plan',
      value: 'pro',
      type: 'text',
      setAt: at(sentAt),
      event: { id: delivery.id, messageId: 'message-1' },
    },
    expect.objectContaining({ key: 'seats', setAt: at(sentAt - 600_000), event: null }),
  ]);
});

test.each(['user_4711', 'nobody'])('%s has none', async (id) => {
  check(await t.api('GET', `/api/v1/users/${id}/attributes`), {
    status: 404,
    body: { error: { code: 'not_found' } },
  });
});
