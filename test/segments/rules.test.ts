import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { OPERATORS, type OperatorName } from '../../src/segments/operators.ts';
import { type Condition, parseRules, type Rules } from '../../src/segments/rules.ts';
import { condition, rules } from './arbitraries.ts';

const problemsOf = (input: unknown) => parseRules(input).problems;
const pathsOf = (input: unknown) => problemsOf(input)?.map(({ path }) => path);
const all = (...conditions: unknown[]) => ({ match: 'all', conditions });
const good = { field: 'attributes.plan', operator: 'eq', value: 'pro' };
const at = 'rules.conditions[0]';

describe('the shape', () => {
  test.each<[string, unknown, string[]]>([
    ['nothing', undefined, ['rules']],
    ['null', null, ['rules']],
    ['text', 'all', ['rules']],
    ['a list', [good], ['rules']],
    ['an empty object', {}, ['rules.match', 'rules.conditions']],
    ['no match', { conditions: [good] }, ['rules.match']],
    ['another match', { match: 'none', conditions: [good] }, ['rules.match']],
    ['a match in capitals', { match: 'ALL', conditions: [good] }, ['rules.match']],
    ['a match that is a method of objects', { match: 'constructor', conditions: [good] }, ['rules.match']],
    ['no conditions', { match: 'all' }, ['rules.conditions']],
    ['conditions that are an object', { match: 'all', conditions: { 0: good } }, ['rules.conditions']],
    ['an empty list of conditions', all(), ['rules.conditions']],
    ['an unknown member', { ...all(good), name: 'x' }, ['rules.name']],
    [
      'a member called __proto__',
      JSON.parse('{"match":"all","conditions":[{"field":"email","operator":"is_set"}],"__proto__":{}}'),
      ['rules.__proto__'],
    ],
    ['a condition that is null', all(null), [at]],
    ['a condition that is text', all('plan eq pro'), [at]],
    ['a condition that is a list', all([good]), [at]],
    ['a condition without anything', all({}), [`${at}.field`, `${at}.operator`]],
    ['an unknown member of a condition', all({ ...good, values: ['pro'] }), [`${at}.values`]],
    ['a nested group without conditions', all({ match: 'any' }), [`${at}.conditions`]],
    ['a nested group without match', all({ conditions: [good] }), [`${at}.match`]],
    ['an empty nested group', all(all()), [`${at}.conditions`]],
    [
      'a condition that is a group as well',
      all({ ...good, match: 'all', conditions: [good] }),
      [`${at}.field`, `${at}.operator`, `${at}.value`],
    ],
    [
      'several at once, each with its place',
      all(good, { ...good, field: 'plan' }, all(good, { ...good, operator: '=' })),
      ['rules.conditions[1].field', 'rules.conditions[2].conditions[1].operator'],
    ],
  ])('%s', (_name, input, paths) => {
    expect(pathsOf(input)).toEqual(paths);
    expect(parseRules(input).rules).toBeNull();
  });
});

test.each<[unknown]>([
  [undefined],
  [null],
  [''],
  [7],
  [['email']],
  ['plan'],
  ['Email'],
  ['attributes'],
  ['attributes.'],
  ['attributes.email'],
  ['attribute.plan'],
  ['id'],
  ['constructor'],
  ['__proto__'],
  ['toString'],
  [`attributes.${'x'.repeat(1025)}`],
])('the field %j is unknown', (field) => {
  expect(pathsOf(all({ ...good, field }))).toEqual([`${at}.field`]);
});
test.each([
  'email',
  'name',
  'externalId',
  'createdAt',
  'lastSeenAt',
  'attributes.plan',
  'attributes.a.b.c',
  'attributes.__proto__',
  'attributes. ',
  'attributes..',
  `attributes.${'x'.repeat(1024)}`,
])('the field %s is known', (field) => {
  expect(problemsOf(all({ field, operator: 'is_set' }))).toBeNull();
});

test.each([
  undefined,
  null,
  '',
  '=',
  'EQ',
  'equals',
  'constructor',
  'toString',
  '__proto__',
  'hasOwnProperty',
  7,
])('the operator %p is unknown', (operator) => {
  expect(problemsOf(all({ ...good, operator }))).toEqual([
    { path: `${at}.operator`, message: `must be one of ${Object.keys(OPERATORS).join(', ')}` },
  ]);
});

const long = 'x'.repeat(1025);
/** For each kind of operand: values that are refused. */
const WRONG: Record<(typeof OPERATORS)[OperatorName]['operand'], unknown[]> = {
  none: ['x', 0, false, {}, []],
  scalar: [undefined, null, {}, [], ['pro'], long, Number.NaN, Number.POSITIVE_INFINITY],
  comparable: [undefined, null, '', 'many', true, {}, [], [1], '2026-13-01', 'yesterday', Number.NaN],
  text: [undefined, null, '', 7, true, {}, ['x'], long],
  pattern: [undefined, null, '', 7, ['a'], long, '(', '[a', 'a{2,1}', '*', '(?=lookahead)', '\\1'],
  list: [undefined, null, 'pro', {}, [], [null], [['pro']], [{}], ['ok', long], Array(1001).fill('x')],
  range: [
    undefined,
    null,
    5,
    '1-5',
    [],
    [1],
    [1, 2, 3],
    [1, '2026-01-01'],
    ['a', 'b'],
    [null, 5],
    { from: 1, to: 2 },
    [10, 1],
    ['10', 9],
    ['2026-02-01', '2026-01-31'],
    ['2026-02-01T00:00:00Z', '2026-01-31'],
  ],
  date: [undefined, null, '', 7, 1_767_225_600_000, 'yesterday', '2026-13-01', {}, ['2026-01-01']],
  span: [
    undefined,
    null,
    7,
    '7 days',
    [],
    {},
    { days: 0 },
    { days: -1 },
    { days: '7' },
    { days: null },
    { weeks: 1 },
    { days: 1, hours: 1 },
    { days: 36_526 },
    { hours: 36_525 * 24 + 1 },
    { days: Number.NaN },
  ],
};
test.each(Object.keys(OPERATORS) as OperatorName[])('%s refuses values of another kind', (operator) => {
  for (const value of WRONG[OPERATORS[operator].operand]) {
    expect([value, pathsOf(all({ field: 'attributes.it', operator, value }))]).toEqual([
      value,
      [`${at}.value`],
    ]);
  }
});

describe('the value is checked at its limits', () => {
  test.each<[OperatorName, unknown]>([
    ['eq', 'x'.repeat(1024)],
    ['eq', ''],
    ['eq', false],
    ['in', Array(1000).fill('x')],
    ['contains', 'x'.repeat(1024)],
    ['gt', '10'],
    ['between', [1, '2']],
    ['between', [1, 1]],
    ['between', ['2026-01-31', '2026-01-31']],
    // A day lasts until its end.
    ['between', ['2026-01-31T12:00:00Z', '2026-01-31']],
    ['within_last', { days: 36_525 }],
    ['within_last', { hours: 0.5 }],
    ['is_set', undefined],
    ['is_set', null],
  ])('%s takes it', (operator, value) => {
    expect(problemsOf(all({ field: 'attributes.it', operator, value }))).toBeNull();
  });

  test.each([
    ['caseSensitive', 'yes'],
    ['caseSensitive', 1],
    ['caseSensitive', null],
  ])('%s can not be %j', (member, value) => {
    expect(pathsOf(all({ ...good, [member]: value }))).toEqual([`${at}.${member}`]);
  });
});

describe('the field segment', () => {
  test.each<[OperatorName, unknown]>([
    ['eq', 'vip'],
    ['neq', 'vip'],
    ['in', ['vip', 'eu']],
    ['not_in', ['vip']],
  ])('takes %s %j', (operator, value) => {
    expect(problemsOf(all({ field: 'segment', operator, value }))).toBeNull();
  });
  test.each<[OperatorName, unknown]>([
    ['eq', 7],
    ['eq', true],
    ['eq', null],
    ['neq', ['vip']],
    ['in', 'vip'],
    ['in', []],
    ['in', ['vip', 7]],
    ['not_in', [null]],
  ])('does not take %s %j', (operator, value) => {
    expect(pathsOf(all({ field: 'segment', operator, value }))).toEqual([`${at}.value`]);
  });
  test('takes no operators that compare in another way', () => {
    const others = (Object.keys(OPERATORS) as OperatorName[]).filter(
      (name) => !['eq', 'neq', 'in', 'not_in'].includes(name),
    );
    for (const operator of others)
      expect(pathsOf(all({ field: 'segment', operator, value: 'vip' }))).toEqual([`${at}.operator`]);
  });
});

describe('limits', () => {
  const nested = (levels: number): object => (levels === 1 ? all(good) : all(nested(levels - 1)));

  test('groups nest at most 5 deep', () => {
    expect(problemsOf(nested(5))).toBeNull();
    expect(pathsOf(nested(6))).toEqual([`rules${'.conditions[0]'.repeat(5)}`]);
    expect(pathsOf(nested(5000))).toEqual([`rules${'.conditions[0]'.repeat(5)}`]);
  });

  test('a segment has at most 200 conditions, counted over all groups', () => {
    const group = all(...Array(100).fill(good));
    expect(problemsOf(all(group, group))).toBeNull();
    expect(problemsOf(all(group, group, good))).toEqual([
      { path: 'rules.conditions[2]', message: 'a segment has at most 200 conditions' },
    ]);
    expect(problemsOf(all(...Array(50_000).fill(good)))).toHaveLength(1);
  });
});

test('anything at all is either refused with places, or kept as it is', () => {
  const almost = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, fc.jsonValue({ maxDepth: 1 }), condition, tie('group')),
    group: fc.record(
      {
        match: fc.constantFrom('all', 'any', 'all', 'some'),
        conditions: fc.oneof(fc.array(tie('node'), { maxLength: 3 }), fc.jsonValue({ maxDepth: 1 })),
      },
      { requiredKeys: [] },
    ),
  })).node;
  fc.assert(
    fc.property(almost, (input) => {
      const parsed = parseRules(input);
      if (parsed.problems === null) return expect(parsed.rules).toEqual(input as Rules);
      expect(parsed.problems).not.toBeEmpty();
      for (const { path, message } of parsed.problems) {
        expect(path).toMatch(/^rules(\.conditions\[\d+\])*(\..*)?$/s);
        expect(message).not.toBeEmpty();
      }
    }),
    { numRuns: 1000 },
  );
});

test('one thing wrong anywhere in good rules is refused, and its path leads to it', () => {
  /** Every group and condition with its path. */
  const nodes = (node: Rules | Condition, path: string): [string, Rules | Condition][] => [
    [path, node],
    ...('conditions' in node
      ? node.conditions.flatMap((child, i) => nodes(child, `${path}.conditions[${i}]`))
      : []),
  ];
  fc.assert(
    fc.property(rules(), fc.nat(), (rule, pick) => {
      const copy: Rules = structuredClone(rule);
      const places = nodes(copy, 'rules');
      const [path, node] = places[pick % places.length] as [string, Rules | Condition];
      Object.assign(node, 'conditions' in node ? { match: 'most' } : { field: 'nowhere' });
      expect(pathsOf(copy)).toEqual([`${path}.${'conditions' in node ? 'match' : 'field'}`]);
    }),
  );
});

test('members that say nothing are dropped', () => {
  const input = all({ field: 'email', operator: 'is_set', value: null, caseSensitive: false });
  expect(parseRules(input).rules).toEqual({
    match: 'all',
    conditions: [{ field: 'email', operator: 'is_set' }],
  });
});
