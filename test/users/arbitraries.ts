import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/users/attributes.ts';

/** Few keys, so that merges meet; odd ones among them. */
export const key = fc.constantFrom('plan', 'role', '__proto__', 'constructor', 'a.b', '🔥', '', '0');

/** Few simple values, so that ties happen, and any JSON value besides. As it comes out of a parser: without -0. */
export const json: fc.Arbitrary<Json> = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<Json>(null, true, false, 0, 1, '', 'a', 'b', [], {}, [null], { a: 1 }),
    },
    { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json> },
  )
  .map((value) => JSON.parse(JSON.stringify(value)));

/** Attributes as one event carries them. */
export const traits: fc.Arbitrary<JsonObject> = fc
  .uniqueArray(fc.tuple(key, json), { selector: ([name]) => name, maxLength: 5 })
  .map((entries) =>
    JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`),
  );

/** Few clocks, so that ties happen; some before 1970. */
export const clock = fc.integer({ min: -2, max: 4 });

/** The same items in two orders, in the second one with some of them repeated. */
export const retold = <T>(item: fc.Arbitrary<T>) =>
  fc.array(item, { minLength: 1, maxLength: 7 }).chain((straight) =>
    fc
      .array(fc.constantFrom(...straight), { maxLength: 5 })
      .chain((again) => shuffled([...straight, ...again]))
      .map((retelling) => ({ straight, retelling })),
  );

const shuffled = <T>(items: T[]) =>
  fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length });
