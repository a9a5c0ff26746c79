import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  fitValue,
  fromQuery,
  type GroupNode,
  isComplete,
  missingParts,
  type Operand,
  type Rules,
  readProblem,
  toQuery,
} from '../../src/admin/segments/rules.ts';
import { readScalar } from '../../src/admin/segments/scalar.ts';
import { OPERATORS, type OperatorName } from '../../src/segments/operators.ts';
import { isGroup, parseRules } from '../../src/segments/rules.ts';
import { rules } from '../segments/arbitraries.ts';

const operandOf = (operator: string): Operand | null =>
  Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator as OperatorName].operand : null;

/** What may stand in the builder at any moment: values left over from other operators, half of them typed. */
const left = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<unknown>('', ' ', 'pro', '2026-01-31', 0, -1.5, true, null),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 4 }),
  fc.constantFrom<unknown>({ days: 3 }, { hours: 'x' }, {}, { days: 1, hours: 2 }),
  fc.jsonValue(),
);
const { query } = fc.letrec<{ query: GroupNode; child: GroupNode['rules'][number] }>((tie) => ({
  query: fc.record({
    combinator: fc.constantFrom('all', 'any'),
    rules: fc.array(tie('child'), { maxLength: 4 }),
  }),
  child: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.record({
      field: fc.constantFrom('', 'email', 'createdAt', 'attributes.n'),
      operator: fc.constantFrom('', 'unheard_of', ...Object.keys(OPERATORS)),
      value: left,
      meta: fc.constantFrom(undefined, {}, { caseSensitive: true }, { caseSensitive: false }),
    }),
    tie('query'),
  ),
}));

describe('rules and the tree of the builder', () => {
  test('whatever the service accepts comes back from the builder as it was', () => {
    fc.assert(
      fc.property(rules(['pro', 'vip']), (given) => {
        const { rules: accepted } = parseRules(given);
        fc.pre(accepted !== null);
        expect(fromQuery(toQuery(accepted as Rules), operandOf) as unknown).toEqual(accepted);
      }),
      { numRuns: 1000 },
    );
  });

  test('whatever stands in the builder becomes rules that stay as they are', () => {
    fc.assert(
      fc.property(query, (given) => {
        const once = fromQuery(given, operandOf);
        expect(fromQuery(toQuery(once), operandOf)).toEqual(once);
        expect(JSON.parse(JSON.stringify(once))).toEqual(once);
      }),
      { numRuns: 1000 },
    );
  });

  test('every part has an id of its own, by which the builder knows it again', () => {
    const idsOf = (node: GroupNode | GroupNode['rules'][number]): unknown[] => [
      node.id,
      ...('rules' in node ? node.rules.flatMap(idsOf) : []),
    ];
    fc.assert(
      fc.property(rules(), (given) => {
        const ids = idsOf(toQuery(given as Rules));
        expect(ids.every((id) => typeof id === 'string')).toBe(true);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test('accepted rules miss nothing, and what misses something is refused', () => {
    fc.assert(
      fc.property(rules(['pro']), (given) => {
        const { rules: accepted } = parseRules(given);
        fc.pre(accepted !== null);
        expect(missingParts(toQuery(accepted as Rules), operandOf)).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(query, (given) => {
        if (missingParts(given, operandOf).length === 0) return;
        expect(parseRules(fromQuery(given, operandOf)).problems).not.toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  test('a problem is found again at the condition it is about', () => {
    fc.assert(
      fc.property(rules(), fc.infiniteStream(fc.nat()), (given, choices) => {
        // Spoil one condition, wherever it is.
        const path: number[] = [];
        const spoilt = structuredClone(given);
        let node = spoilt as (typeof spoilt)['conditions'][number];
        while (isGroup(node)) {
          const i = (choices.next().value ?? 0) % node.conditions.length;
          path.push(i);
          node = node.conditions[i] as typeof node;
        }
        node.operator = 'unheard_of' as OperatorName;
        const found = parseRules(spoilt).problems?.map(readProblem) ?? [];
        expect(found).toContainEqual(expect.objectContaining({ path, part: 'operator' }));
      }),
    );
  });
});

test.each<[string, number[], string]>([
  ['rules', [], 'group'],
  ['rules.conditions', [], 'group'],
  ['rules.conditions[1]', [1], 'group'],
  ['rules.conditions[10].conditions[0].value', [10, 0], 'value'],
  ['rules.conditions[0].field', [0], 'field'],
  ['rules.conditions[0].caseSensitive', [0], 'other'],
])('the place %s', (path, numbers, part) => {
  expect(readProblem({ path, message: 'm' }) as unknown).toEqual({ path: numbers, part, message: 'm' });
});

describe('a value carried over to another operator', () => {
  test.each<[Operand, unknown, unknown, boolean]>([
    ['none', 'pro', undefined, true],
    ['scalar', ['pro', 'free'], 'pro', true],
    ['scalar', { days: 3 }, undefined, false],
    ['scalar', '', '', true],
    ['comparable', true, undefined, false],
    ['comparable', [5, 9], 5, true],
    ['text', 5, '5', true],
    ['text', '', '', false],
    ['list', 'pro', ['pro'], true],
    ['list', '', undefined, false],
    ['list', [], [], false],
    ['range', 5, [5, ''], false],
    ['range', [1], [1, ''], false],
    ['range', [1, 2], [1, 2], true],
    ['range', [1, 2, 3], [1, 2], true],
    ['span', { days: 3 }, { days: 3 }, true],
    ['span', { days: '' }, { days: '' }, false],
    ['span', 3, undefined, false],
    ['date', '2026-01-31', '2026-01-31', true],
  ])('%s of %j is %j', (operand, value, fitting, complete) => {
    expect(fitValue(operand, value)).toEqual(fitting as never);
    expect(isComplete(operand, value)).toBe(complete);
  });
});

describe('a typed value', () => {
  const numbers = { types: ['number' as const], values: [{ value: 42, users: 1 }] };
  const texts = {
    types: ['text' as const],
    values: [
      { value: '42', users: 3 },
      { value: true, users: 1 },
    ],
  };
  test.each<[string, Parameters<typeof readScalar>[1], unknown, unknown]>([
    ['42', numbers, undefined, 42],
    ['1.', numbers, undefined, 1],
    ['-0.5', numbers, undefined, -0.5],
    ['1e400', numbers, undefined, '1e400'],
    ['many', numbers, undefined, 'many'],
    ['42', texts, undefined, '42'],
    ['42', texts, 42, 42],
    ['43', texts, 42, '43'],
    ['true', texts, undefined, true],
    ['true', numbers, undefined, 'true'],
    ['007', { types: [], values: [] }, undefined, '007'],
  ])('%s', (text, field, before, value) => {
    expect(readScalar(text, field, before)).toBe(value as never);
  });
});
