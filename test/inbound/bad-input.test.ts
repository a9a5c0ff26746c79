import { afterEach, beforeEach, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import { manualClock } from '../helpers/manual-clock.ts';
import { SETTINGS, startTestService, type TestService } from '../helpers/service.ts';
import { adaEvent, deliver } from './deliveries.ts';
import { addUser, countUsers, showUser } from './people.ts';

let t: TestService;
let ada: string;
beforeEach(async () => {
  const env = { MAX_USER_ATTRIBUTES: '20', MAX_USER_BYTES: '4096' };
  t = await startTestService({ clock: manualClock(), env });
  ada = await addUser(t, 'ada@example.com', { externalId: 'user-1', attributes: { role: 'owner' } });
});
afterEach(() => t.stop());

const nest = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `"key${i}":${i}`).join(',');
const event = (members: string) => `{"type":"identify",${members}}`;
const traits = (members: string) => event(`"traits":{${members}}`);

const text = 'not JSON';
const address = 'not an address';
const add = 'add the email';
const iso = 'ISO 8601';
type Case = [name: string, body: string | Uint8Array<ArrayBuffer>, reason: string, says: string];
const REFUSED: Case[] = [
  ['an empty body', '', 'invalid_json', text],
  ['white space', ' \n ', 'invalid_json', text],
  ['text', 'hello', 'invalid_json', text],
  ['JSON cut off', adaEvent().slice(0, -1), 'invalid_json', text],
  ['JSON with something behind it', `${adaEvent()}x`, 'invalid_json', text],
  ['two JSON values', `${adaEvent()}\n${adaEvent()}`, 'invalid_json', text],
  ['a batch cut off', `[${adaEvent()},`, 'invalid_json', text],
  ['a form', 'type=identify&email=ada@example.com', 'invalid_json', text],
  ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe, 0x00, 0x80), 'invalid_json', text],
  ['UTF-16', Buffer.from(adaEvent(), 'utf16le'), 'invalid_json', text],
  ['compressed bytes', gzipSync(adaEvent()), 'invalid_json', text],
  ['NaN', traits('"email":"ada@example.com","n":NaN'), 'invalid_json', text],
  ['null', 'null', 'invalid_event', 'JSON object'],
  ['a number', '42', 'invalid_event', 'JSON object'],
  ['a JSON text', '"identify"', 'invalid_event', 'JSON object'],
  ['a boolean', 'true', 'invalid_event', 'JSON object'],
  ['an object without type', '{"traits":{"email":"ada@example.com"}}', 'invalid_event', '"type"'],
  ['a type that is no text', '{"type":1}', 'invalid_event', '"type"'],
  ['a type that hides in __proto__', '{"__proto__":{"type":"identify"}}', 'invalid_event', '"type"'],
  ['a batch of 4,001', `[${Array(4001).fill('{"type":"track"}').join()}]`, 'too_many_events', '4000'],
];
const IGNORED: Case[] = [
  ['an unknown type', '{"type":"constructor"}', 'not_identify', 'ignored'],
  ['an identify in capitals', '{"type":"Identify"}', 'not_identify', 'ignored'],
  ['an email that is a number', traits('"email":42'), 'invalid_email', address],
  ['an email that is a list', traits('"email":["ada@example.com"]'), 'invalid_email', address],
  ['an email that is true', traits('"email":true'), 'invalid_email', address],
  ['an email without @', traits('"email":"ada"'), 'invalid_email', address],
  ['an email of white space', traits('"email":" "'), 'invalid_email', address],
  ['an email with a lone surrogate', traits('"email":"\\ud800ada@example.com"'), 'invalid_email', address],
  [
    'an email of 321 characters',
    traits(`"email":"${'a'.repeat(309)}@example.com"`),
    'invalid_email',
    address,
  ],
  [
    'a bad email, a linked userId',
    event('"userId":"user-1","traits":{"email":42}'),
    'invalid_email',
    address,
  ],
  ['an email of null', traits('"email":null'), 'no_email', add],
  ['an empty email', traits('"email":""'), 'no_email', add],
  ['no traits', event('"anonymousId":"a"'), 'no_email', add],
  ['traits that are a list', event('"traits":["ada@example.com"]'), 'no_email', add],
  ['traits that are text', event('"traits":"ada@example.com"'), 'no_email', add],
  ['traits that are null', event('"traits":null,"context":null'), 'no_email', add],
  ['a context that is a list', event('"context":[{"traits":{"email":"ada@example.com"}}]'), 'no_email', add],
  ['a userId that is an object', event('"userId":{"id":"user-1"}'), 'no_email', add],
  ['a userId with a lone surrogate', event('"userId":"user-1\\ud800"'), 'no_email', add],
  ['an unparsable timestamp', adaEvent('', '"timestamp":"yesterday"'), 'invalid_timestamp', iso],
  ['a timestamp of month 13', adaEvent('', '"timestamp":"2026-13-01T00:00:00Z"'), 'invalid_timestamp', iso],
  ['a timestamp that is an object', adaEvent('', '"timestamp":{}'), 'invalid_timestamp', iso],
  ['a timestamp that is true', adaEvent('', '"timestamp":true'), 'invalid_timestamp', iso],
  ['65 levels', adaEvent(`"deep":${nest(64)}`), 'too_deep', '64 levels'],
  ['10,000 levels of objects', adaEvent(`"deep":${nest(10_000)}`), 'too_deep', '64 levels'],
  [
    '10,000 levels of lists',
    adaEvent(`"deep":${'['.repeat(1e4)}${']'.repeat(1e4)}`),
    'too_deep',
    '64 levels',
  ],
  ['200,000 levels', adaEvent(`"deep":${nest(200_000)}`), 'too_deep', '64 levels'],
  ['too many attributes', adaEvent(numbered(20)), 'too_many_attributes', 'MAX_USER_ATTRIBUTES'],
  ['too much text', adaEvent(`"bio":"${'x'.repeat(4096)}"`), 'user_too_large', 'MAX_USER_BYTES'],
  [
    'few characters of many bytes',
    adaEvent(`"bio":"${'企'.repeat(1400)}"`),
    'user_too_large',
    'MAX_USER_BYTES',
  ],
];

const CASES = [
  ...REFUSED.map(([name, ...rest]) => [name, 400, ...rest] as const),
  ...IGNORED.map(([name, ...rest]) => [name, 200, ...rest] as const),
];
test.each(CASES)('%s', async (_name, status, body, reason, says) => {
  const before = await showUser(t, ada);
  await t.api('PATCH', SETTINGS, { inbound: { createUsers: true, deleteUsers: true } });

  expect(await deliver(t, body)).toMatchObject({
    status,
    body: { reason, message: expect.stringContaining(says) },
  });
  expect(await showUser(t, ada)).toEqual(before);
  expect(await countUsers(t)).toBe(1);
  expect((await deliver(t, adaEvent())).body.reason).toBe('applied');
});

test.each([
  ['none', ''],
  ['text', 'text/plain'],
  ['XML', 'application/xml'],
  ['a form', 'application/x-www-form-urlencoded'],
  ['a multipart form', 'multipart/form-data; boundary=x'],
  ['another charset', 'application/json; charset=utf-16'],
  ['nonsense', ';;;'],
])('a content type of %s: the bytes count, not what they are called', async (_name, type) => {
  expect((await deliver(t, adaEvent(), { 'content-type': type })).body.reason).toBe('applied');
  expect((await showUser(t, ada)).attributes).toEqual({ role: 'owner', plan: 'pro' });
  expect((await deliver(t, 'no=json', { 'content-type': type })).body.reason).toBe('invalid_json');
});

test.each([
  ['[', ']'],
  ['{"a":', '}'],
])(
  'a batch nobody signed whose first event nests 200,000 levels of %s is refused as any other',
  async (open, close) => {
    const body = `[${open.repeat(200_000)}1${close.repeat(200_000)}]`;
    const answer = await deliver(t, body, { 'x-signature': 'a'.repeat(40) });
    expect(answer).toMatchObject({ status: 401, body: { reason: 'bad_signature' } });
  },
);

test('a limit counts what the user would have afterwards, and may be met exactly', async () => {
  expect((await deliver(t, adaEvent(numbered(19)))).body.reason).toBe('applied');
  expect(Object.keys((await showUser(t, ada)).attributes)).toHaveLength(20);
  expect((await deliver(t, adaEvent('"one":"more"'))).body.reason).toBe('too_many_attributes');
  const later = '"timestamp":"2026-05-02T00:00:00.000Z"';
  expect((await deliver(t, adaEvent('"key1":"changed"', later))).body.reason).toBe('applied');
  expect((await showUser(t, ada)).attributes).toMatchObject({ key1: 'changed' });
});

test('other methods at the same address find nothing', async () => {
  for (const method of ['GET', 'DELETE']) {
    const { status, body } = await t.api(method, '/api/integrations/segment/webhook');
    expect({ status, code: body.error.code }).toEqual({ status: 404, code: 'not_found' });
  }
});
