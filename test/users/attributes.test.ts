import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type Attributes,
  canonical,
  clockOf,
  type Json,
  type JsonObject,
  mergeAttributes,
  nestsDeeper,
  noAttributes,
  plainValues,
  put,
  sameJson,
} from '../../src/users/attributes.ts';
import { clock, json, key, retold, traits } from './arbitraries.ts';

interface Event {
  at: number;
  values: JsonObject;
}
const event: fc.Arbitrary<Event> = fc.record({ at: clock, values: traits });
const merged = (events: Event[], from: Attributes = noAttributes()): Attributes =>
  events.reduce((attributes, { at, values }) => mergeAttributes(attributes, values, at).attributes, from);

/** Value and clock of every key, in a form in which `__proto__` counts like any other. */
const registers = (attributes: Attributes) =>
  Object.keys(attributes.values)
    .sort()
    .map((name) => [name, attributes.values[name], clockOf(attributes, name)]);

describe('merging', () => {
  test('any order and any repetition of the same events ends in the same attributes', () => {
    fc.assert(
      fc.property(retold(event), ({ straight, retelling }) => {
        const [one, other] = [merged(straight), merged(retelling)];
        expect(registers(other)).toEqual(registers(one));
        // The stored form too: equal states are stored alike, so that comparing them is enough.
        expect(other).toEqual(one);
      }),
      { numRuns: 1000 },
    );
  });

  test('any grouping: what events of one clock say can be said by one event', () => {
    const pair = fc.record({
      at: clock,
      first: traits,
      second: traits,
      others: fc.array(event, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(pair, fc.nat(4), ({ at, first, second, others }, place) => {
        const separate: Event[] = [
          { at, values: first },
          { at, values: second },
        ];
        const joined: JsonObject = {};
        for (const name of new Set([...Object.keys(first), ...Object.keys(second)])) {
          // The register rule for a tie: the greater value in canonical order.
          const values = [first, second]
            .filter((one) => Object.hasOwn(one, name))
            .map((one) => one[name] as Json);
          put(joined, name, values.sort((a, b) => (canonical(a) < canonical(b) ? 1 : -1))[0] as Json);
        }
        const around = (events: Event[]) => [...others.slice(0, place), ...events, ...others.slice(place)];
        expect(registers(merged(around([{ at, values: joined }])))).toEqual(
          registers(merged(around(separate))),
        );
      }),
    );
  });

  test('every key ends with the value of its newest clock', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        const attributes = merged(events);
        for (const name of Object.keys(attributes.values)) {
          const saying = events.filter(({ values }) => Object.hasOwn(values, name));
          const newest = Math.max(...saying.map(({ at }) => at));
          const candidates = saying
            .filter(({ at }) => at === newest)
            .map(({ values }) => canonical(values[name] as Json));
          expect(clockOf(attributes, name)).toBe(newest);
          expect(canonical(attributes.values[name] as Json)).toBe(candidates.sort().at(-1) as string);
        }
        const said = new Set(events.flatMap(({ values }) => Object.keys(values)));
        expect(new Set(Object.keys(attributes.values))).toEqual(said);
      }),
    );
  });

  test('tells exactly which values changed, and whether there is anything to store', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 4 }), event, (events, { at, values }) => {
        const before = merged(events);
        const { attributes, changed, touched } = mergeAttributes(before, values, at);
        const different = Object.keys(attributes.values).filter(
          (name) =>
            !sameJson(
              Object.hasOwn(before.values, name) ? (before.values[name] as Json) : null,
              attributes.values[name] as Json,
            ),
        );
        expect([...changed].sort()).toEqual(different.sort());
        expect(touched).toBe(JSON.stringify(registers(before)) !== JSON.stringify(registers(attributes)));
      }),
    );
  });

  test('leaves what it is given as it was', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 4 }), event, (events, { at, values }) => {
        const before = merged(events);
        const [copy, copyOfValues] = [structuredClone(before), JSON.stringify(values)];
        mergeAttributes(before, values, at);
        expect(registers(before)).toEqual(registers(copy));
        expect(JSON.stringify(values)).toBe(copyOfValues);
      }),
    );
  });

  test('survives being stored as JSON', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 4 }), fc.array(event, { maxLength: 4 }), (earlier, later) => {
        const stored: Attributes = JSON.parse(JSON.stringify(merged(earlier)));
        expect(registers(merged(later, stored))).toEqual(registers(merged([...earlier, ...later])));
      }),
    );
  });
});

test('a value that was unset keeps its clock, so that a late one does not come back', () => {
  const unset = merged([
    { at: 1, values: { plan: 'pro' } },
    { at: 3, values: { plan: null } },
  ]);
  expect(plainValues(unset)).toEqual({});
  expect(plainValues(merged([{ at: 2, values: { plan: 'late' } }], unset))).toEqual({});
  expect(plainValues(merged([{ at: 4, values: { plan: 'new' } }], unset))).toEqual({ plan: 'new' });
});

test('most users carry a single clock', () => {
  const { attributes } = mergeAttributes(noAttributes(), { a: 1, b: 2, c: 3 }, 5);
  expect(attributes).toEqual({ values: { a: 1, b: 2, c: 3 }, clock: 5, exceptions: null });
  const newer = mergeAttributes(attributes, { a: 9 }, 7).attributes;
  expect(newer).toEqual({ values: { a: 9, b: 2, c: 3 }, clock: 5, exceptions: { a: 7 } });
  expect(mergeAttributes(newer, { b: 2, c: 3 }, 7).attributes).toMatchObject({ clock: 7, exceptions: null });
});

test('what is shown is every value that is set, under its own key', () => {
  fc.assert(
    fc.property(traits, (values) => {
      const shown = plainValues(mergeAttributes(noAttributes(), values, 1).attributes);
      const expected = Object.entries(values).filter(([, value]) => value !== null);
      const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);
      expect(Object.entries(shown).sort(byKey)).toEqual(expected.sort(byKey));
      expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
    }),
  );
});

test('a key nobody has set has no clock, whatever it is called', () => {
  fc.assert(
    fc.property(key, (name) => {
      expect(clockOf(noAttributes(), name)).toBe(Number.NEGATIVE_INFINITY);
      expect(clockOf({ values: {}, clock: 7, exceptions: { other: 8 } }, name)).toBe(
        Number.NEGATIVE_INFINITY,
      );
    }),
  );
});

describe('comparing JSON', () => {
  const reordered = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(reordered);
    if (typeof value !== 'object' || value === null) return value;
    const turned: JsonObject = {};
    for (const name of Object.keys(value).reverse()) put(turned, name, reordered(value[name] as Json));
    return turned;
  };

  test('the order of keys does not matter', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(sameJson(value, reordered(value))).toBe(true);
        expect(canonical(reordered(value))).toBe(canonical(value));
      }),
    );
  });

  test('the canonical form is JSON for the same value, and tells any two values apart', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(sameJson(JSON.parse(canonical(a)), a)).toBe(true);
        expect(canonical(a) === canonical(b)).toBe(Bun.deepEquals(a, b, true));
        expect(sameJson(a, b)).toBe(canonical(a) === canonical(b));
      }),
    );
  });

  test.each<[Json, Json]>([
    [0, '0'],
    [0, false],
    [null, 'null'],
    [null, false],
    ['', null],
    [[], {}],
    [
      [1, 2],
      [2, 1],
    ],
    [[null], []],
    [{ a: null }, {}],
    ['é', 'e\u0301'],
  ])('%j is not %j', (a, b) => {
    expect(sameJson(a, b)).toBe(false);
    expect(sameJson(b, a)).toBe(false);
  });
});

test.each<[Json, number]>([
  [1, 0],
  ['text', 0],
  [null, 0],
  [[], 1],
  [{}, 1],
  [[[]], 2],
  [{ a: { b: 1 }, c: [[[1]]] }, 4],
  [[1, 'x', null, [2, {}]], 3],
])('%j nests %d levels deep', (value, levels) => {
  expect(nestsDeeper(value, levels)).toBe(false);
  if (levels > 0) expect(nestsDeeper(value, levels - 1)).toBe(true);
});
