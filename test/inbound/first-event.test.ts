import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { firstEventOf } from '../../src/inbound/first-event.ts';

const first = (text: string) => firstEventOf(Buffer.from(text));

test('the first event of any batch is read as Segment signs it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(undefined, 2),
      (events, indent) => {
        const batch = JSON.parse(JSON.stringify(events));
        expect(first(JSON.stringify(batch, null, indent))).toBe(JSON.stringify(batch[0]));
      },
    ),
  );
});

test.each([
  ['no batch', '{"a":1}'],
  ['an empty batch', '[]'],
  ['a first event that is no object', `[1,${' '.repeat(100)}{"a":1}]`],
  ['a first event inside a list', '[[{"a":1}]]'],
  ['a second event alone', '[1,{"a":1}]'],
  ['a first event that never ends', '[{"a":[1,{"b":"}"'],
  ['what is not JSON', '[{a:1}]'],
  ['nothing', ''],
  // Out of stack, writing such an event again takes seconds before it fails: anybody could stop the service with it.
  ['an event that nests 2,000 levels', `[{"a":${'['.repeat(2000)}${']'.repeat(2000)}}]`],
  ['an event far larger than Segment takes', `[{"a":"${'x'.repeat(200_000)}"}]`],
])('%s has none', (_what, text) => {
  expect(first(text)).toBeNull();
});
