import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Subject } from '../../src/segments/evaluate.ts';
import {
  affectedSegments,
  changedAnswers,
  compileSegments,
  decideMembership,
  type SegmentDefinition,
  type SegmentSet,
} from '../../src/segments/membership.ts';
import type { Rules } from '../../src/segments/rules.ts';
import { NOW, rules, subject, timeRules } from './arbitraries.ts';
import { matchesPlainly } from './reference.ts';

const SLUGS = ['s0', 's1', 's2', 's3', 's4', 's5'];
const idOf = (slug: string) => Number(slug.slice(1));
const MANUAL = 's0';

/** A manual segment and five dynamic ones, each referring only to those with smaller numbers, defined in any order. */
const definitions: fc.Arbitrary<SegmentDefinition[]> = fc
  .tuple(
    ...SLUGS.map((slug, i) =>
      slug === MANUAL
        ? fc.constant(null)
        : fc.oneof(rules(SLUGS.slice(0, i)), rules(SLUGS.slice(0, i)), timeRules),
    ),
  )
  .map((all) => all.map((one, i): SegmentDefinition => ({ id: i, slug: `s${i}`, rules: one })))
  .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));

/** Who is where, by plain recursion over the definitions. */
function membersPlainly(
  all: SegmentDefinition[],
  user: Subject,
  now: number,
  byHand: boolean,
): Map<number, boolean> {
  const isMember = (slug: string): boolean => {
    const segment = all.find((one) => one.slug === slug);
    if (segment === undefined) return false;
    return segment.rules === null ? byHand : matchesPlainly(segment.rules, user, now, isMember);
  };
  return new Map(all.map(({ id, slug }) => [id, isMember(slug)]));
}
const allIds = (set: SegmentSet) => new Set(set.dynamic.map(({ id }) => id));
const sorted = (members: Map<number, boolean>) =>
  [...members]
    .filter(([, member]) => member)
    .map(([id]) => id)
    .sort();
const refer = (...slugs: string[]): Rules => ({
  match: 'any',
  conditions: [{ field: 'segment', operator: 'in', value: slugs }],
});
const plan = (value: string): Rules => ({
  match: 'all',
  conditions: [{ field: 'attributes.plan', operator: 'eq', value }],
});

describe('the order of segments', () => {
  test('each comes after all it refers to, however they were defined', () => {
    fc.assert(
      fc.property(definitions, (all) => {
        const set = compileSegments(all);
        const place = new Map(set.dynamic.map(({ id }, i) => [id, i]));
        expect([...place.keys()].sort()).toEqual(
          all
            .filter((one) => one.rules !== null)
            .map(({ id }) => id)
            .sort(),
        );
        for (const { id, rules: compiled } of set.dynamic) {
          for (const slug of compiled.segments) {
            if (slug !== MANUAL) expect(place.get(idOf(slug))).toBeLessThan(place.get(id) as number);
          }
        }
      }),
    );
  });

  test.each<[string, SegmentDefinition[]]>([
    ['itself', [{ id: 1, slug: 'a', rules: refer('a') }]],
    [
      'each other',
      [
        { id: 1, slug: 'a', rules: refer('b') },
        { id: 2, slug: 'b', rules: refer('a') },
      ],
    ],
    [
      'each other through a third',
      [
        { id: 1, slug: 'a', rules: refer('b') },
        { id: 2, slug: 'b', rules: refer('c') },
        { id: 3, slug: 'c', rules: refer('x', 'a') },
        { id: 4, slug: 'x', rules: null },
      ],
    ],
    [
      'itself deep within',
      [
        {
          id: 1,
          slug: 'a',
          rules: { match: 'all', conditions: [{ match: 'any', conditions: [refer('b', 'a')] }] },
        },
      ],
    ],
  ])('segments that refer to %s are refused by name', (_name, all) => {
    expect(() => compileSegments(all)).toThrow(/in a circle at "[abc]"/);
  });

  test('any definitions with a way back are refused, any without one are not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.nat(4), fc.nat(4)), { selector: String, maxLength: 8 }),
        (links) => {
          const all = [0, 1, 2, 3, 4].map((id) => {
            const slugs = links.filter(([from]) => from === id).map(([, to]) => `s${to}`);
            return { id, slug: `s${id}`, rules: slugs.length === 0 ? plan('pro') : refer(...slugs) };
          });
          const reaches = (from: number, to: number, steps = 5): boolean =>
            steps > 0 && links.some(([a, b]) => a === from && (b === to || reaches(b, to, steps - 1)));
          const circular = [0, 1, 2, 3, 4].some((id) => reaches(id, id));
          if (circular) expect(() => compileSegments(all)).toThrow('in a circle');
          else expect(compileSegments(all).dynamic).toHaveLength(5);
        },
      ),
    );
  });

  test('two that refer to the same one are no circle, nor is a reference to nothing', () => {
    const all = [
      { id: 1, slug: 'a', rules: refer('b', 'c') },
      { id: 2, slug: 'b', rules: refer('d') },
      { id: 3, slug: 'c', rules: refer('d', 'gone') },
      { id: 4, slug: 'd', rules: plan('pro') },
    ];
    const order = compileSegments(all).dynamic.map(({ id }) => id);
    expect(order[0]).toBe(4);
    expect(order.at(-1)).toBe(1);
  });
});

test('all segments decided at once: members as a plain reading has them, flips exactly what changed', () => {
  fc.assert(
    fc.property(
      definitions,
      subject,
      fc.boolean(),
      fc.subarray(SLUGS.slice(1)),
      (all, user, byHand, before) => {
        const set = compileSegments(all);
        const current = new Map(before.map((slug) => [idOf(slug), true]));
        current.set(0, byHand);
        const start = sorted(current);
        const { flips } = decideMembership(set, allIds(set), user, current, NOW);
        const expected = sorted(membersPlainly(all, user, NOW, byHand));
        expect(sorted(current)).toEqual(expected);
        const joined = flips.filter(({ member }) => member).map(({ segmentId }) => segmentId);
        const left = flips.filter(({ member }) => !member).map(({ segmentId }) => segmentId);
        expect(joined.sort()).toEqual(expected.filter((id) => !start.includes(id)));
        expect(left.sort()).toEqual(start.filter((id) => !expected.includes(id)));
      },
    ),
    { numRuns: 500 },
  );
});

test('only what can have changed is evaluated, and it comes to the same as evaluating all', () => {
  let spared = 0;
  let answered = 0;
  const fields = ['email', 'name', 'externalId', 'createdAt', 'lastSeenAt'] as const;
  fc.assert(
    fc.property(
      definitions,
      subject,
      subject,
      fc.subarray([...fields, 'attributes']),
      fc.boolean(),
      (all, user, other, which, byHand) => {
        const set = compileSegments(all);
        const current = membersPlainly(all, user, NOW, byHand);
        const next: Subject = { ...user };
        for (const field of which) Object.assign(next, { [field]: other[field as keyof Subject] });
        const value = (of: Subject, key: string) =>
          Object.getOwnPropertyDescriptor(of.attributes, key)?.value;
        const keys = new Set([...Object.keys(user.attributes), ...Object.keys(next.attributes)]);
        const changed = new Set<string>([
          ...fields.filter((field) => user[field] !== next[field]),
          ...[...keys]
            .filter((key) => !Bun.deepEquals(value(user, key), value(next, key)))
            .map((key) => `attributes.${key}`),
        ]);
        const affected = affectedSegments(set, changed);
        if (affected.size < set.dynamic.length) spared++;
        const { validUntil } = decideMembership(set, affected, next, new Map(current), NOW);

        // Of those, memberships need to be known only where the answers before and after say so.
        const { open, validUntil: untilThen } = changedAnswers(set, affected, user, next, NOW);
        if (open.size < affected.size) answered++;
        const decided = decideMembership(set, open, next, current, NOW);
        expect(sorted(current)).toEqual(sorted(membersPlainly(all, next, NOW, byHand)));
        expect(Math.min(untilThen, decided.validUntil)).toBe(validUntil);
      },
    ),
    { numRuns: 1000 },
  );
  expect(spared).toBeGreaterThan(100);
  expect(answered).toBeGreaterThan(100);
});

test('a change by hand carries on to every segment that refers to it, whatever else is evaluated', () => {
  fc.assert(
    fc.property(definitions, subject, fc.boolean(), (all, user, byHand) => {
      const set = compileSegments(all);
      const current = membersPlainly(all, user, NOW, byHand);
      const { flips } = decideMembership(set, new Set(), user, current, NOW, [
        { segmentId: 0, member: !byHand },
      ]);
      expect(sorted(current)).toEqual(sorted(membersPlainly(all, user, NOW, !byHand)));
      expect(flips[0]).toEqual({ segmentId: 0, member: !byHand });
    }),
  );
});

test('a change by hand that changes nothing evaluates nothing', () => {
  const set = compileSegments([
    { id: 0, slug: 's0', rules: null },
    { id: 1, slug: 's1', rules: refer('s0') },
  ]);
  const current = new Map([[0, true]]);
  const user = {
    email: 'ada@example.com',
    name: null,
    externalId: null,
    createdAt: NOW,
    lastSeenAt: null,
    attributes: {},
  };
  const decision = decideMembership(set, new Set(), user, current, NOW, [{ segmentId: 0, member: true }]);
  expect(decision).toEqual({ flips: [], validUntil: Number.POSITIVE_INFINITY });
  expect(current).toEqual(new Map([[0, true]]));
});

test('until validUntil nobody joins or leaves by themselves, through references neither', () => {
  let finite = 0;
  fc.assert(
    fc.property(definitions, subject, fc.double({ min: 0, max: 1, noNaN: true }), (all, user, share) => {
      const set = compileSegments(all);
      const current = new Map([[0, false]]);
      const { validUntil } = decideMembership(set, allIds(set), user, current, NOW);
      const end = Number.isFinite(validUntil) ? validUntil : NOW * 2;
      if (Number.isFinite(validUntil)) finite++;
      for (const time of [Math.floor(NOW + (end - 1 - NOW) * share), end - 1]) {
        expect(sorted(membersPlainly(all, user, time, false))).toEqual(sorted(current));
      }
      // Whoever evaluates at that moment, all segments, is right again.
      if (!Number.isFinite(validUntil)) return;
      decideMembership(set, allIds(set), user, current, validUntil);
      expect(sorted(current)).toEqual(sorted(membersPlainly(all, user, validUntil, false)));
    }),
    { numRuns: 500 },
  );
  expect(finite).toBeGreaterThan(50);
});
