import { describe, expect, test } from 'bun:test';
import { compileOperator, isOperator, OPERATORS, type OperatorName } from '../../src/segments/operators.ts';
import type { Json } from '../../src/users/attributes.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const HOUR = 3_600_000;
const date = (text: string) => Date.parse(text);
/** What a user can have that no comparison can read; besides these every row names its own misses. */
const UNREADABLE: (Json | undefined)[] = [undefined, null, [], {}, { a: 1 }];

interface Row {
  operator: OperatorName;
  value?: Json;
  matches: (Json | undefined)[];
  misses: (Json | undefined)[];
  caseSensitive?: true;
}
const row = (operator: OperatorName, value: Json, matches: Row['matches'], misses: Row['misses']): Row => ({
  operator,
  value,
  matches,
  misses: [...UNREADABLE, ...misses],
});
const strict = (one: Row): Row => ({ ...one, caseSensitive: true });

const ROWS: Row[] = [
  // Equality: text without regard to case, otherwise by what the value means.
  row(
    'eq',
    'Enterprise',
    ['enterprise', 'ENTERPRISE', 'Enterprise'],
    ['enterprise ', 'enter', '', 0, true, ['enterprise']],
  ),
  strict(row('eq', 'Enterprise', ['Enterprise'], ['enterprise', 'ENTERPRISE'])),
  row('eq', 'ÄÖÜ', ['äöü', 'ÄÖÜ'], ['aou']),
  row('eq', '', [''], [' ', 0, false]),
  row('eq', 42, [42, '42', '42.0', ' 42 ', '4.2e1'], [43, '43', 'forty-two', true, '0x2a', [42]]),
  row('eq', 0, [0, '0', '-0', '0.0'], ['', ' ', false, '00:00']),
  row('eq', '42', [42, '42'], ['42.0', 43, true, [42]]),
  row('eq', '1e3', [1000, '1E3'], ['1000']),
  row('eq', 'Infinity', ['infinity'], [Number.POSITIVE_INFINITY]),
  // é as one character and as two.
  row('eq', 'Caf\u00e9', ['CAFE\u0301', 'caf\u00e9'], ['cafe']),
  row('in', ['x', 'Cafe\u0301'], ['caf\u00e9'], ['cafe']),
  strict(row('contains', '\u00c9t', ['un E\u0301te\u0301'], ['e\u0301t'])),
  row('eq', true, [true], [false, 'true', 1, '1']),
  row('eq', false, [false], [true, 'false', 0, '']),
  row(
    'eq',
    '2026-01-31',
    [
      '2026-01-31',
      '2026-01-31T00:00:00Z',
      '2026-01-31T01:00:00+01:00',
      date('2026-01-31'),
      date('2026-01-31') / 1000,
      `${date('2026-01-31')}`,
      '2026-01-31T23:59:59.999Z',
      '2026-02-01T00:30:00+01:00',
    ],
    ['2026-01-30T23:59:59.999Z', '2026-02-01', '2026-01-31T00:30:00+01:00', 20260131, true],
  ),
  row('eq', '1969-12-31', [-1, '1969-12-31T12:00:00Z'], [0, -86_401]),
  row(
    'eq',
    '2026-01-31T00:00:00Z',
    ['2026-01-31', date('2026-01-31')],
    ['2026-01-31T00:00:00.001Z', '2026-01-30'],
  ),
  row(
    'in',
    ['pro', 'Enterprise', 7, true, '2026-01-31'],
    ['PRO', 'enterprise', 7, '7', true, date('2026-01-31'), '2026-01-31T12:00:00Z'],
    ['2026-02-01', 'free', 8, 1, 'true', false, ['pro']],
  ),
  strict(row('in', ['pro', 'Enterprise'], ['pro', 'Enterprise'], ['PRO', 'enterprise'])),
  row(
    'includes',
    'Admin',
    [['admin'], ['x', 'ADMIN'], [null, 'admin']],
    ['admin', ['adm'], [['admin']], [{}], { admin: true }],
  ),
  strict(row('includes', 'Admin', [['Admin']], [['admin']])),
  row('includes', 7, [[7], ['7'], [1, 7.0]], [7, '7', [8], [true], [[7]]]),
  row('includes', true, [[true]], [true, [1], ['true']]),
  row('includes', '2026-01-31', [[date('2026-01-31')], ['2026-01-31T09:00:00Z']], [date('2026-01-31')]),
  // Order: numbers with numbers, ISO dates with dates.
  row('gt', 10, [11, '11', 10.5, ' 1e2 '], [10, 9, '9', 'eleven', true, '2026-01-31', [11]]),
  row('gte', 10, [10, '10', 11], [9.99, '', 'ten']),
  row('lt', 10, [9, '9', -1, '-1e9'], [10, 11, '', 'nine', false]),
  row('lte', 10, [10, '10', 9], [10.01, 'zero', '']),
  row('gt', '10', [11, '11'], [10, '9']),
  row(
    'gt',
    '2026-01-31',
    ['2026-02-01', date('2026-02-01'), date('2026-02-01') / 1000],
    ['2026-01-31', '2026-01-31T23:59:59.999Z', '2025-12-31', 'z', 'tomorrow', true],
  ),
  row('gt', '2026-01-31T00:00:00Z', ['2026-01-31T00:00:00.001Z'], ['2026-01-31']),
  row('gte', '2026-01-31', ['2026-01-31', '2026-01-31T00:00:00Z'], ['2026-01-30T23:59:59.999Z']),
  row('lt', '2026-01-31', ['2026-01-30', 0], ['2026-01-31', '2026-01-31T00:00:00Z', '']),
  row('lte', '2026-01-31', ['2026-01-31', '2026-01-31T23:59:59.999Z', '2025-01-01'], ['2026-02-01']),
  row('lte', '2026-01-31 00:00', ['2026-01-31', '2026-01-30'], ['2026-01-31T00:00:00.001Z']),
  row('between', [10, 20], [10, 15, 20, '10', '20.0'], [9.99, 20.01, '', 'fifteen', true, [15]]),
  row('between', [20, 10], [], [10, 15, 20]),
  row(
    'between',
    ['2026-01-01', '2026-01-31'],
    ['2026-01-01', '2026-01-31', '2026-01-31T23:59:59.999Z', '2026-01-15T12:00:00Z', date('2026-01-15')],
    ['2025-12-31', '2026-02-01', 'mid-January'],
  ),
  row(
    'before',
    '2026-01-31',
    ['2026-01-30', 0, -5, date('2026-01-30'), '2026-01-31T00:00:00+01:00'],
    ['2026-01-31', '2026-02-01', 'before', true],
  ),
  row(
    'after',
    '2026-01-31',
    ['2026-02-01', date('2026-02-01') / 1000, '2026-01-31T23:00:00-01:00'],
    ['2026-01-31', '2026-01-31T00:00:00-01:00', '2026-01-30', 'after', 0],
  ),
  // Text.
  row('contains', 'Corp', ['corp', 'Acme CORP Ltd', 'x-corporate'], ['cor', '', 7, true, ['corp']]),
  strict(row('contains', 'Corp', ['Acme Corp'], ['acme corp'])),
  row('contains', '4', [42, '42', 1.4], [5, true]),
  row('contains', 7 as Json, [17, '7up'], ['seven']),
  row('starts_with', 'Acme', ['acme', 'ACME Ltd'], [' acme', 'the acme', 'acm', ['acme']]),
  strict(row('starts_with', 'Acme', ['Acme Ltd'], ['acme Ltd'])),
  row(
    'ends_with',
    '@example.com',
    ['ada@example.com', 'ADA@EXAMPLE.COM'],
    ['ada@example.com.au', 'example.com'],
  ),
  strict(row('ends_with', '.com', ['a.com'], ['A.COM'])),
  row('matches', '^a.c$', ['abc', 'ABC'], ['abcd', 'ac', 'xabc', ['abc']]),
  row('matches', 'b+', ['abbc', 'B'], ['ac', '']),
  strict(row('matches', '^a.c$', ['abc'], ['ABC', 'aBC'])),
  row('matches', '^\\d{3}$', [123, '456'], [12, '1234', true]),
  row('matches', '^\\p{L}+$', ['Zoë', '企業'], ['a1', '']),
  row('matches', '^$', [''], ['a', 0]),
  // Presence and truth take no value.
  {
    operator: 'is_set',
    matches: ['', 0, false, true, [], {}, 'x', [null]],
    misses: [undefined, null, Number.POSITIVE_INFINITY],
  },
  { operator: 'is_true', matches: [true], misses: [...UNREADABLE, false, 1, 'true', 'yes', [true]] },
  { operator: 'is_false', matches: [false], misses: [...UNREADABLE, true, 0, 'false', '', [false]] },
  // Time.
  row(
    'within_last',
    { hours: 2 },
    [NOW, NOW - 1, NOW - 2 * HOUR, NOW / 1000, `${NOW}`, '2026-06-01T10:00:00Z', '2026-06-01T13:00:00+01:00'],
    [NOW + 1, NOW - 2 * HOUR - 1, '2026-06-01T09:59:59.999Z', '2026-06-01', 'today', true, 0, [NOW]],
  ),
  row(
    'within_last',
    { days: 30 },
    ['2026-06-01', '2026-05-03', '2026-05-02T12:00:00Z'],
    ['2026-05-02T11:59:59Z', '2026-07-01', '2020-01-01'],
  ),
];

const label = ({ operator, value, caseSensitive }: Row) =>
  `${operator} ${JSON.stringify(value) ?? ''}${caseSensitive === true ? ' with its case' : ''}`;
const TABLE = ROWS.map((one) => [label(one), one] as const);
const holds = (operator: OperatorName, { value, caseSensitive }: Row, seen: Json | undefined) =>
  compileOperator(operator, value ?? null, caseSensitive === true).test(seen, NOW);

const opposites = new Map<string, OperatorName>();
for (const [name, operator] of Object.entries(OPERATORS)) {
  if ('opposite' in operator) opposites.set(operator.opposite, name as OperatorName);
}

test('the table covers every operator that is not the opposite of another, and opposites are opposites', () => {
  const primary = (Object.keys(OPERATORS) as OperatorName[]).filter(
    (name) => !('opposite' in OPERATORS[name]),
  );
  expect([...new Set(ROWS.map(({ operator }) => operator))].sort()).toEqual(primary.sort());
  for (const name of opposites.keys()) expect(primary).toContain(name as OperatorName);
});

test.each(TABLE)('%s', (_label, one) => {
  for (const seen of one.matches) expect([seen, holds(one.operator, one, seen)]).toEqual([seen, true]);
  for (const seen of one.misses) expect([seen, holds(one.operator, one, seen)]).toEqual([seen, false]);
});

describe('the opposite holds exactly where the operator does not, missing attributes included', () => {
  test.each(TABLE.filter(([, { operator }]) => opposites.has(operator)))('of %s', (_label, one) => {
    const opposite = opposites.get(one.operator) as OperatorName;
    for (const seen of one.matches) expect([seen, holds(opposite, one, seen)]).toEqual([seen, false]);
    for (const seen of one.misses) expect([seen, holds(opposite, one, seen)]).toEqual([seen, true]);
  });
});

test('names of operators are own names only', () => {
  for (const name of Object.keys(OPERATORS)) expect(isOperator(name)).toBe(true);
  for (const name of ['', 'EQ', '==', 'constructor', '__proto__', 'toString', null, 1, ['eq'], {}])
    expect(isOperator(name)).toBe(false);
});

test('a pattern runs in linear time, whatever it is', () => {
  const { test: matches } = compileOperator('matches', '^(a+)+$', false);
  const started = performance.now();
  expect(matches(`${'a'.repeat(20_000)}!`, NOW)).toBe(false);
  // Backtracking would take longer than the age of the universe.
  expect(performance.now() - started).toBeLessThan(10_000);
});
