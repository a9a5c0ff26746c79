import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { clockOf } from '../../src/users/attributes.ts';
import { type Patch, type Patched, patchUser } from '../../src/users/patch.ts';
import { emptyUser, type UserRecord } from '../../src/users/user.ts';
import { clock, retold, traits } from './arbitraries.ts';

const NOW = 1000;
const LIMITS = { maxAttributes: 1000, maxUserBytes: 1_000_000 };
const ada = () => emptyUser('ada@example.com', NOW);

const register = fc.option(fc.constantFrom(null, 'a', 'b', 'null', '"'), { nil: undefined });
/** A patch as an event makes it; half of the clocks lie in the future. */
const patch: fc.Arbitrary<Patch> = fc
  .record({
    at: fc.oneof(clock, fc.integer({ min: NOW - 1, max: NOW + 2 })),
    attributes: fc.option(traits, { nil: undefined }),
    name: register,
    externalId: register,
    seenAt: fc.option(clock, { nil: undefined }),
  })
  .map((members) => JSON.parse(JSON.stringify(members)));

type Accepted = Extract<Patched, { refused: null }>;
function apply(user: UserRecord, one: Patch, now = NOW, limits = LIMITS): Accepted {
  const patched = patchUser(user, one, now, limits);
  if (patched.refused !== null) throw new Error(patched.refused);
  return patched;
}
const patched = (patches: Patch[], user = ada()) => patches.reduce((so, one) => apply(so, one).user, user);

test('any order and any repetition of the same patches ends in the same user', () => {
  fc.assert(
    fc.property(retold(patch), ({ straight, retelling }) => {
      const { updatedAt: _, ...one } = patched(straight);
      const { updatedAt: __, ...other } = patched(retelling);
      expect(other).toEqual(one);
      const keys = Object.keys(one.attributes.values);
      expect(Object.keys(other.attributes.values).sort()).toEqual(keys.sort());
      for (const key of keys) {
        expect(other.attributes.values[key]).toEqual(one.attributes.values[key] as never);
        expect(clockOf(other.attributes, key)).toBe(clockOf(one.attributes, key));
      }
    }),
    { numRuns: 1000 },
  );
});

test('any grouping: a patch can be taken apart into its members', () => {
  fc.assert(
    fc.property(fc.array(patch, { maxLength: 4 }), patch, (before, { at, ...members }) => {
      const start = patched(before);
      const parts = Object.entries(members).map(([member, value]) => ({ at, [member]: value }) as Patch);
      const { updatedAt: _, ...whole } = patched([{ at, ...members }], start);
      const { updatedAt: __, ...apart } = patched(parts.reverse(), start);
      expect(apart).toEqual(whole);
    }),
  );
});

test('a patch that was taken changes nothing when it comes again', () => {
  fc.assert(
    fc.property(fc.array(patch, { maxLength: 4 }), patch, (before, one) => {
      const user = patched([...before, one]);
      const again = apply(user, one);
      expect(again.touched).toBe(false);
      expect(again.changed.size).toBe(0);
      expect(again.user).toEqual(user);
    }),
  );
});

test('lastSeenAt is the latest time of all patches, at most now', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: NOW + 5 }), { minLength: 1 }), (times) => {
      const user = patched(times.map((seenAt) => ({ at: 0, seenAt })));
      expect(user.lastSeenAt).toBe(Math.min(NOW, Math.max(...times)));
    }),
  );
});

test('a time in the future counts as now: whatever comes later wins', () => {
  fc.assert(
    fc.property(fc.array(patch), fc.integer({ min: 1, max: 1e12 }), (before, ahead) => {
      const user = patched([...before, { at: NOW + ahead, attributes: { plan: 'future' }, name: 'Future' }]);
      const later = apply(user, { at: NOW + 1, attributes: { plan: 'later' }, name: 'Later' }, NOW + 1).user;
      expect(later).toMatchObject({ name: 'Later', nameAt: NOW + 1 });
      expect(later.attributes.values.plan).toBe('later');
    }),
  );
});

describe('an edit by hand', () => {
  test('always wins: over everything before it, at the same moment and with a clock that ran backwards', () => {
    fc.assert(
      fc.property(
        fc.array(patch, { maxLength: 5 }),
        patch,
        fc.constantFrom(NOW, NOW - 500),
        (before, edit, now) => {
          const { user } = apply(patched(before), { ...edit, at: 'latest' }, now);
          for (const [key, value] of Object.entries(edit.attributes ?? {}))
            expect(Object.getOwnPropertyDescriptor(user.attributes.values, key)?.value).toEqual(value);
          if (edit.name !== undefined) expect(user.name).toBe(edit.name);
          if (edit.externalId !== undefined) expect(user.externalId).toBe(edit.externalId);
        },
      ),
    );
  });

  test('the last of several at the same moment wins', () => {
    const edits = fc.array(fc.constantFrom('a', 'b', null), { minLength: 1 });
    fc.assert(
      fc.property(edits, (names) => {
        const user = patched(names.map((name) => ({ at: 'latest', name, attributes: { name } })));
        expect(user.name).toBe(names.at(-1) as string | null);
        expect(user.attributes.values.name).toBe(names.at(-1) as string | null);
      }),
    );
  });

  test('is not undone by an event from before it, however often that comes', () => {
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 5 }), (events) => {
        const past = events.map((one) => ({ ...one, at: Math.min(Number(one.at), NOW - 1) }));
        const edit: Patch = { at: 'latest', name: 'By hand', attributes: { plan: 'by hand' } };
        const user = patched([...past, edit, ...past]);
        expect(user.name).toBe('By hand');
        expect(user.attributes.values.plan).toBe('by hand');
      }),
    );
  });

  test('alone changes the email', () => {
    const { user, changed } = apply(ada(), { at: 'latest', email: 'lovelace@example.com' });
    expect(user.email).toBe('lovelace@example.com');
    expect(changed).toEqual(new Set(['email']));
    expect(apply(user, { at: 'latest', email: 'lovelace@example.com' }).touched).toBe(false);
  });
});

test('names exactly the rule fields whose value is another one now', () => {
  const value = (user: UserRecord, field: string) =>
    field.startsWith('attributes.')
      ? (Object.getOwnPropertyDescriptor(user.attributes.values, field.slice('attributes.'.length))?.value ??
        null)
      : user[field as 'name' | 'externalId' | 'lastSeenAt'];
  fc.assert(
    fc.property(fc.array(patch, { maxLength: 4 }), patch, (before, one) => {
      const user = patched(before);
      const { user: next, changed } = apply(user, one);
      const keys = Object.keys(next.attributes.values).map((key) => `attributes.${key}`);
      const different = ['name', 'externalId', 'lastSeenAt', ...keys].filter(
        (field) => !Bun.deepEquals(value(user, field), value(next, field), true),
      );
      expect([...changed].sort()).toEqual(different.sort());
    }),
  );
});

test('updatedAt moves when something changed, and not for being seen alone', () => {
  const later = NOW + 100;
  const start = patched([{ at: 1, name: 'Ada', attributes: { plan: 'pro' }, seenAt: 1 }]);
  const updatedAt = (one: Patch) => apply(start, one, later).user.updatedAt;
  expect(updatedAt({ at: 2, name: 'Ada', attributes: { plan: 'pro' } })).toBe(NOW);
  expect(updatedAt({ at: 2, seenAt: 2 })).toBe(NOW);
  expect(updatedAt({ at: 2, name: 'Lovelace' })).toBe(later);
  expect(updatedAt({ at: 2, attributes: { plan: null } })).toBe(later);
  expect(updatedAt({ at: 2, externalId: 'user-1', seenAt: 2 })).toBe(later);
});

test('keys that were unset leave room for others, but not for ever', () => {
  const limits = { ...LIMITS, maxUserBytes: 1000 };
  let user = patched([]);
  let refused: string | null = null;
  let times = 0;
  for (; refused === null && times < 1000; times++) {
    for (const value of ['x'.repeat(20), null]) {
      const next = patchUser(user, { at: times + 1, attributes: { [`key-${times}`]: value } }, NOW, limits);
      refused = next.refused;
      if (next.refused === null) user = next.user;
    }
  }
  expect(refused).toBe('user_too_large');
  expect(times).toBeWithin(200, 400);
  expect(patchUser(user, { at: 2000, attributes: { 'key-0': 1 } }, NOW, limits).refused).toBeNull();
});

describe('limits', () => {
  const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  const start = patched([{ at: 1, attributes: { a: 1, b: 2 } }]);

  test.each<[string, Patch, Partial<typeof LIMITS>, string | null]>([
    ['as many attributes as allowed', { at: 2, attributes: { c: 3 } }, { maxAttributes: 3 }, null],
    ['one more', { at: 2, attributes: { c: 3, d: 4 } }, { maxAttributes: 3 }, 'too_many_attributes'],
    ['another value for one there is', { at: 2, attributes: { a: 9 } }, { maxAttributes: 2 }, null],
    ['63 levels below the map itself', { at: 2, attributes: { a: nested(63) } }, {}, null],
    ['64 levels below it', { at: 2, attributes: { a: nested(64) } }, {}, 'too_deep'],
    // {"a":"xxxxxxxx"}
    [
      'as many bytes as allowed',
      { at: 2, attributes: { a: 'xxxxxxxx', b: null } },
      { maxUserBytes: 16 },
      null,
    ],
    [
      'one more byte',
      { at: 2, attributes: { a: 'xxxxxxxxx', b: null } },
      { maxUserBytes: 16 },
      'user_too_large',
    ],
    [
      'bytes, not characters',
      { at: 2, attributes: { a: 'xxxxxxxé', b: null } },
      { maxUserBytes: 16 },
      'user_too_large',
    ],
    [
      'less than before, above a limit lowered since',
      { at: 2, attributes: { b: 3 } },
      { maxUserBytes: 5 },
      null,
    ],
    ['one unset, above a limit lowered since', { at: 2, attributes: { b: null } }, { maxUserBytes: 5 }, null],
    [
      'what is older and not taken does not count',
      { at: 0, attributes: { a: 'x'.repeat(99) } },
      { maxUserBytes: 20 },
      null,
    ],
  ])('%s', (_name, one, limits, refused) => {
    const before = structuredClone(start);
    expect(patchUser(start, one, NOW, { ...LIMITS, ...limits }).refused).toBe(refused as null);
    expect(start).toEqual(before);
  });
});
