import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  compileRules,
  type Explanation,
  evaluate,
  explain,
  type Subject,
} from '../../src/segments/evaluate.ts';
import { OPERATORS, type OperatorName } from '../../src/segments/operators.ts';
import { type Condition, parseRules, type Rules } from '../../src/segments/rules.ts';
import type { Json, JsonObject } from '../../src/users/attributes.ts';
import { condition, NOW, rules, subject, timeRules, value } from './arbitraries.ts';
import { matchesPlainly } from './reference.ts';

const SLUGS = ['vip', 'enterprise'];
const nobody = () => false;
const ada = (attributes: JsonObject): Subject => ({
  email: 'ada@example.com',
  name: 'Ada',
  externalId: null,
  createdAt: NOW,
  lastSeenAt: null,
  attributes,
});
const one = (field: string, operator: OperatorName, operand?: Json): Rules => ({
  match: 'all',
  conditions: [operand === undefined ? { field, operator } : { field, operator, value: operand }],
});
const matches = (rule: Rules, user: Subject, now = NOW, isMember: (slug: string) => boolean = nobody) =>
  evaluate(compileRules(rule), user, now, isMember).matches;

describe('against a plain reading of the rules', () => {
  test('any rules for any user', () => {
    fc.assert(
      fc.property(rules(SLUGS), subject, fc.subarray(SLUGS), (rule, user, memberOf) => {
        const isMember = (slug: string) => memberOf.includes(slug);
        expect(matches(rule, user, NOW, isMember)).toBe(matchesPlainly(rule, user, NOW, isMember));
      }),
      { numRuns: 3000 },
    );
  });

  test('every operator with every kind of value', () => {
    fc.assert(
      fc.property(condition, value, ({ field: _, ...rest }, seen) => {
        const rule: Rules = { match: 'all', conditions: [{ ...rest, field: 'attributes.it' }] };
        expect(matches(rule, ada({ it: seen }))).toBe(matchesPlainly(rule, ada({ it: seen }), NOW, nobody));
      }),
      { numRuns: 5000 },
    );
  });

  test('what is generated is what the parser accepts, and means the same after it', () => {
    fc.assert(
      fc.property(rules(SLUGS), (rule) => {
        expect(parseRules(rule)).toEqual({ rules: rule, problems: null });
        expect(parseRules(JSON.parse(JSON.stringify(rule))).rules).toEqual(rule);
      }),
    );
  });
});

test('opposites: exactly one of the two holds, for any field, value and user', () => {
  const opposite = (operator: OperatorName): OperatorName | undefined => {
    const named = OPERATORS[operator] as { opposite?: OperatorName };
    return (
      named.opposite ??
      (Object.keys(OPERATORS) as OperatorName[]).find(
        (name) => (OPERATORS[name] as { opposite?: string }).opposite === operator,
      )
    );
  };
  let pairs = 0;
  fc.assert(
    fc.property(condition, subject, (it, user) => {
      const other = opposite(it.operator);
      if (other === undefined) return;
      pairs++;
      const [here, there] = [it, { ...it, operator: other }].map((c: Condition) =>
        matches({ match: 'all', conditions: [c] }, user),
      );
      expect(here).toBe(!there);
    }),
    { numRuns: 2000 },
  );
  expect(pairs).toBeGreaterThan(500);
});

test('groups: all is every, any is some, at every level', () => {
  fc.assert(
    fc.property(fc.array(rules(), { minLength: 1, maxLength: 3 }), subject, (parts, user) => {
      const answers = parts.map((part) => matches(part, user));
      expect(matches({ match: 'all', conditions: parts }, user)).toBe(answers.every((answer) => answer));
      expect(matches({ match: 'any', conditions: parts }, user)).toBe(answers.some((answer) => answer));
    }),
  );
});

describe('validUntil', () => {
  const HOUR = 3_600_000;
  /** Moments from now on at which something could happen: about the answer's end, and any other. */
  const later = (until: number, share: number) => {
    const end = Number.isFinite(until) ? until : NOW + 5_000 * HOUR;
    return [NOW, NOW + 1, Math.floor(NOW + (end - NOW) * share), end - 2, end - 1].filter(
      (t) => t >= NOW && t < end,
    );
  };

  test('is never late: until then the answer stays what it is', () => {
    let finite = 0;
    let flips = 0;
    fc.assert(
      fc.property(
        timeRules,
        subject,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 4 }),
        (rule, user, shares) => {
          const now = evaluate(compileRules(rule), user, NOW, nobody);
          for (const share of shares) {
            for (const time of later(now.validUntil, share)) {
              expect([time - NOW, matchesPlainly(rule, user, time, nobody)]).toEqual([
                time - NOW,
                now.matches,
              ]);
            }
          }
          if (!Number.isFinite(now.validUntil)) return;
          finite++;
          if (matchesPlainly(rule, user, now.validUntil, nobody) !== now.matches) flips++;
        },
      ),
      { numRuns: 3000 },
    );
    // The property would be empty if nothing were ever about to change.
    expect(finite).toBeGreaterThan(500);
    expect(flips).toBeGreaterThan(100);
  });

  test('lies ahead and is a whole millisecond, so that whoever waits for it gets on', () => {
    fc.assert(
      fc.property(timeRules, subject, (rule, user) => {
        let now = NOW;
        for (let step = 0; step < 50 && Number.isFinite(now); step++) {
          const { validUntil } = evaluate(compileRules(rule), user, now, nobody);
          expect(validUntil).toBeGreaterThan(now);
          expect(Number.isInteger(validUntil) || validUntil === Number.POSITIVE_INFINITY).toBe(true);
          now = validUntil;
        }
      }),
    );
  });

  test('is the exact moment for a single condition', () => {
    const ends = (rule: Rules, attributes: JsonObject, now = NOW) =>
      evaluate(compileRules(rule), ada(attributes), now, nobody);
    const last = one('attributes.when', 'within_last', { hours: 2 });
    expect(ends(last, { when: NOW - HOUR })).toEqual({ matches: true, validUntil: NOW + HOUR + 1 });
    expect(ends(last, { when: NOW - HOUR }, NOW + HOUR)).toEqual({
      matches: true,
      validUntil: NOW + HOUR + 1,
    });
    expect(ends(last, { when: NOW - HOUR }, NOW + HOUR + 1)).toEqual({
      matches: false,
      validUntil: Number.POSITIVE_INFINITY,
    });
    expect(ends(last, { when: NOW + HOUR })).toEqual({ matches: false, validUntil: NOW + HOUR });
    expect(ends(last, { when: NOW + HOUR }, NOW + HOUR)).toEqual({
      matches: true,
      validUntil: NOW + 3 * HOUR + 1,
    });
    expect(ends(last, {})).toEqual({ matches: false, validUntil: Number.POSITIVE_INFINITY });
    const not = one('attributes.when', 'not_within_last', { hours: 2 });
    expect(ends(not, { when: NOW - HOUR })).toEqual({ matches: false, validUntil: NOW + HOUR + 1 });
    expect(ends(not, {})).toEqual({ matches: true, validUntil: Number.POSITIVE_INFINITY });
  });

  test.each(Object.keys(OPERATORS).filter((name) => !name.endsWith('within_last')))(
    '%s holds for ever',
    (name) => {
      fc.assert(
        fc.property(condition, subject, (it, user) => {
          fc.pre(it.operator === name);
          expect(
            evaluate(compileRules({ match: 'all', conditions: [it] }), user, NOW, nobody).validUntil,
          ).toBe(Number.POSITIVE_INFINITY);
        }),
        { numRuns: 20, maxSkipsPerRun: 2000 },
      );
    },
  );
});

describe('paths', () => {
  test.each<[string, JsonObject, Json | undefined]>([
    ['plan', { plan: 'pro' }, 'pro'],
    ['company.plan', { company: { plan: 'pro' } }, 'pro'],
    ['company.plan.tier', { company: { plan: { tier: 'gold' } } }, 'gold'],
    ['a.b', { 'a.b': 1 }, 1],
    ['a.b', { 'a.b': 1, a: { b: 2 } }, 1],
    ['a.b', { 'a.b': null, a: { b: 2 } }, 2],
    ['a.b.c', { a: { 'b.c': 3 } }, 3],
    ['a.b.c', { 'a.b': { c: 4 }, a: { 'b.c': 3 } }, 4],
    ['a.b.c', { 'a.b': { x: 0 }, a: { b: { c: 5 } } }, 5],
    ['a.b.c', { 'a.b': 7, a: { b: { c: 5 } } }, 5],
    ['a.b', { a: { b: null } }, undefined],
    ['a.b', { a: 'text' }, undefined],
    ['a.length', { a: 'text' }, undefined],
    ['a.length', { a: [1, 2] }, undefined],
    ['a.0', { a: ['x'] }, undefined],
    ['a..b', { a: { '': { b: 6 } } }, 6],
    ['a.', { a: { '': 7 } }, 7],
    ['.', { '': { '': 8 } }, 8],
    ['constructor', {}, undefined],
    ['constructor.name', {}, undefined],
    ['toString', {}, undefined],
    ['__proto__', {}, undefined],
    ['a.__proto__', { a: {} }, undefined],
    ['__proto__', JSON.parse('{"__proto__":9}'), 9],
    ['__proto__.admin', JSON.parse('{"__proto__":{"admin":true}}'), true],
    ['emoji 🔥', { 'emoji 🔥': 10 }, 10],
    ['email', { email: 'x' }, 'x'],
  ])('attributes.%s of %j', (path, attributes, expected) => {
    const field = `attributes.${path}`;
    expect(matches(one(field, 'is_set'), ada(attributes))).toBe(expected !== undefined);
    const compiled = compileRules(one(field, 'is_set'));
    const [seen] = (explain(compiled, ada(attributes), NOW, nobody) as { conditions: Explanation[] })
      .conditions;
    expect(seen).toMatchObject({ seen: expected ?? null });
  });

  test('of many parts are compiled and read in no time, whichever of their dots are part of a key', () => {
    const parts = Array.from({ length: 60 }, (_, i) => `p${i % 3}`);
    const rule = one(`attributes.${parts.join('.')}`, 'eq', 'deep');
    const nested = (keys: string[]) =>
      keys.reduceRight<Json>((inner, key) => ({ [key]: inner }), 'deep') as JsonObject;
    const pairs = parts.flatMap((part, i) => (i % 2 === 0 ? [`${part}.${parts[i + 1]}`] : []));
    for (const keys of [parts, pairs, [parts.join('.')]]) expect(matches(rule, ada(nested(keys)))).toBe(true);
    expect(matches(rule, ada(nested(parts.slice(1))))).toBe(false);
  });

  test('what rules read is known by every name an event could change it by', () => {
    const { reads, segments } = compileRules({
      match: 'any',
      conditions: [
        { field: 'email', operator: 'is_set' },
        {
          match: 'all',
          conditions: [
            { field: 'attributes.a.b.c', operator: 'is_set' },
            { field: 'segment', operator: 'in', value: ['vip', 'eu'] },
          ],
        },
      ],
    });
    expect(reads).toEqual(new Set(['email', 'attributes.a', 'attributes.a.b', 'attributes.a.b.c']));
    expect(segments).toEqual(new Set(['vip', 'eu']));
  });
});

describe('the field segment', () => {
  test.each<[OperatorName, Json, string[], boolean]>([
    ['eq', 'vip', ['vip'], true],
    ['eq', 'vip', ['eu'], false],
    ['neq', 'vip', ['eu'], true],
    ['neq', 'vip', ['vip', 'eu'], false],
    ['in', ['vip', 'eu'], ['eu'], true],
    ['in', ['vip', 'eu'], [], false],
    ['not_in', ['vip', 'eu'], [], true],
    ['not_in', ['vip', 'eu'], ['eu'], false],
    ['eq', 'VIP', ['vip'], false],
  ])('%s %j for a member of %j: %p', (operator, slugs, memberOf, expected) => {
    expect(matches(one('segment', operator, slugs), ada({}), NOW, (slug) => memberOf.includes(slug))).toBe(
      expected,
    );
  });
});

test('an explanation tells for each condition whether it holds, and agrees with the evaluation', () => {
  const check = (said: Explanation, rule: Rules | Condition, user: Subject) => {
    expect(said.holds).toBe(matchesPlainly(rule, user, NOW, nobody));
    if ('conditions' in said !== 'conditions' in rule) throw new Error('The explanation has another shape');
    if ('conditions' in said && 'conditions' in rule) {
      expect(said.match).toBe(rule.match);
      said.conditions.forEach((child, i) => {
        check(child, rule.conditions[i] as Rules, user);
      });
    } else expect((said as { condition: Condition }).condition).toEqual(rule as Condition);
  };
  fc.assert(
    fc.property(rules(SLUGS), subject, (rule, user) => {
      check(explain(compileRules(rule), user, NOW, nobody), rule, user);
    }),
  );
});
