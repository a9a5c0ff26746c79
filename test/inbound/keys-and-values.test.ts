import { afterAll, beforeAll, expect, test } from 'bun:test';
import { manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { adaEvent, deliver, entriesOf } from './deliveries.ts';
import { addUser, showUser } from './people.ts';

let t: TestService;
beforeAll(async () => {
  t = await startTestService({ clock: manualClock() });
});
afterAll(() => t.stop());

const nest = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Traits as JSON text, because what is odd about some of them gets lost in an object literal. */
test.each([
  ['__proto__', '"__proto__":"text"'],
  ['__proto__ with an object', '"__proto__":{"admin":true}'],
  ['__proto__ within', '"company":{"__proto__":{"admin":true},"constructor":{"prototype":{"a":1}}}'],
  [
    'names of methods',
    '"constructor":1,"prototype":2,"toString":3,"hasOwnProperty":4,"valueOf":5,"toJSON":6',
  ],
  ['dots', '"a.b":1,"a":{"b":2},".":3,"..":4,"a.":5'],
  ['an empty key', '"":"nameless"'],
  ['emoji', '"🔥":"🔥","👩‍👩‍👧":"👩‍👩‍👧"'],
  ['a key of 256 bytes', `"${'k'.repeat(256)}":1,"${'企'.repeat(85)}":2`],
  ['keys that look like numbers', '"0":"zero","10":"ten","2":"two","-1":"minus one","1.5":"one and a half"'],
  ['keys that look like code', '"$ne":1,"a[0]":2,"a\'b":3,"\\"":4,"\\\\":5,"%00":6,"--":7,"{{x}}":8'],
  ['control characters', '"\\u0000":"\\u0000","a\\u0000b":"a\\u0000b","\\n":"\\t\\r\\n\\u001f\\u007f"'],
  ['line separators', '"\\u2028":"\\u2029"'],
  ['lone surrogates', '"\\ud800":"\\udfff","text":"a\\ud83dz"'],
  ['the same letters, composed and not', '"\\u00e9":1,"e\\u0301":2'],
  ['letters in both cases', '"Plan":1,"plan":2,"PLAN":3,"Email":"x"'],
  [
    'every JSON type',
    '"n":42,"f":0.1,"t":true,"f2":false,"s":"","l":[],"o":{},"l2":[1,"two",null,[],{"x":null}]',
  ],
  [
    'numbers at the edge',
    '"big":1.7976931348623157e308,"small":5e-324,"max":9007199254740991,"exp":1e21,"neg":-0.5',
  ],
  ['40 levels', `"deep":${nest(40)}`],
  ['63 levels, one below the limit', `"deep":${nest(63)}`],
  ['text of 100,000 characters', `"bio":"${'ü'.repeat(100_000)}"`],
])('%s: kept as sent', async (_name, traits) => {
  const id = await addUser(t, 'ada@example.com');
  try {
    expect(await deliver(t, adaEvent(traits))).toMatchObject({ status: 200, body: { reason: 'applied' } });
    expect(entriesOf((await showUser(t, id)).attributes)).toBe(entriesOf(JSON.parse(`{${traits}}`)));
    // The keys are found again: the same event changes nothing, and null unsets each of them.
    expect((await deliver(t, adaEvent(traits))).body.reason).toBe('unchanged');
    const keys = Object.keys(JSON.parse(`{${traits}}`));
    const unset = keys.map((key) => `${JSON.stringify(key)}:null`).join(',');
    await deliver(t, adaEvent(unset, '"timestamp":"2026-05-02T00:00:00.000Z"'));
    expect(entriesOf((await showUser(t, id)).attributes)).toBe('[]');
  } finally {
    await t.api('DELETE', `/api/v1/users/${id}`);
  }
});

test('bytes that are no UTF-8 inside a text become replacement characters, and nothing else is lost', async () => {
  const id = await addUser(t, 'ada@example.com');
  const [before, after] = adaEvent('"a":"|","b":1')
    .split('|')
    .map((part) => Buffer.from(part));
  const body = Buffer.concat([before as Buffer, Uint8Array.of(0xff), after as Buffer]);
  expect((await deliver(t, body)).body.reason).toBe('applied');
  expect((await showUser(t, id)).attributes).toEqual({ a: '\ufffd', b: 1 });
});

test('a number too large for JSON is no value: not stored, and not seen by rules either', async () => {
  const rules = { match: 'all', conditions: [{ field: 'attributes.big', operator: 'is_set' }] };
  await t.api('POST', '/api/v1/segments', { name: 'Big', type: 'dynamic', rules });
  await t.settled();
  const id = await addUser(t, 'big@example.com');
  const event = (big: string) => adaEvent(`"big":${big}`).replace('ada@', 'big@');
  const members = async () => (await t.api('GET', '/api/v1/segments/big/members')).body.meta.pagination.total;
  expect((await deliver(t, event('1e999'))).status).toBe(200);
  expect([(await showUser(t, id)).attributes, await members()]).toEqual([{}, 0]);
  const later = event('1e308').replace('2026-05-01', '2026-05-02');
  expect((await deliver(t, later)).body.reason).toBe('applied');
  expect([(await showUser(t, id)).attributes, await members()]).toEqual([{ big: 1e308 }, 1]);
});
