import fc from 'fast-check';
import type { Subject } from '../../src/segments/evaluate.ts';
import {
  OPERATORS,
  type Operand,
  type Operator,
  type OperatorName,
  type ValueType,
} from '../../src/segments/operators.ts';
import { type Condition, type Rules, SEGMENT_OPERATORS } from '../../src/segments/rules.ts';
import type { Json, JsonObject } from '../../src/users/attributes.ts';

export const NOW = Date.parse('2026-06-01T12:00:00Z');
const DAY = 86_400_000;

const text = fc.constantFrom(
  'pro',
  'PRO',
  'Pro Plan',
  '',
  ' ',
  'ada@example.com',
  '10',
  '9',
  '1e1',
  '-0',
  'true',
  'null',
  'ß',
  'İ',
  'é',
  '🔥',
);
const number = fc.oneof(
  fc.constantFrom(0, 1, 9, 10, 10.5, -3, 1e21),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
/** Moments about now in every spelling; fractions of a millisecond included. */
const moment = fc
  .oneof(
    fc.integer({ min: -40, max: 40 }).map((days) => NOW + days * DAY),
    fc.integer({ min: NOW - 40 * DAY, max: NOW + 40 * DAY }),
  )
  .chain((time) =>
    fc.constantFrom<Json>(
      time,
      time + 0.4,
      time / 1000,
      String(time),
      new Date(time).toISOString(),
      new Date(time).toISOString().slice(0, 10),
    ),
  );
const isoDate = moment.filter((value): value is string => typeof value === 'string' && value.includes('-'));
const scalar: fc.Arbitrary<Json> = fc.oneof(text, number, fc.boolean(), moment);

/** Any value an attribute can have, most of them such that some rule matches. As JSON has it: without -0. */
export const value: fc.Arbitrary<Json> = fc
  .oneof(
    { weight: 5, arbitrary: scalar },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> },
  )
  .map((one) => JSON.parse(JSON.stringify(one)));

const map = (keys: string[], values: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...keys), values), {
      selector: ([key]) => key,
      maxLength: keys.length,
    })
    .map((entries) =>
      JSON.parse(`{${entries.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`)}}`),
    );
const nested = map(['b', 'c', 'b.c', 'plan'], fc.oneof(value, map(['c', 'plan'], value)));

export const subject: fc.Arbitrary<Subject> = fc.record({
  email: fc.constantFrom('ada@example.com', 'bob@example.com'),
  name: fc.constantFrom(null, 'Ada', 'pro'),
  externalId: fc.constantFrom(null, '10', 'user-1'),
  createdAt: fc.integer({ min: NOW - 40 * DAY, max: NOW }),
  lastSeenAt: fc.option(fc.integer({ min: NOW - 40 * DAY, max: NOW })),
  attributes: fc
    .tuple(
      map(
        ['plan', 'n', 'tags', 'a', 'a.b', 'a.b.c', '__proto__', 'constructor', ''],
        fc.oneof(value, value, nested),
      ),
      moment,
    )
    .map(([attributes, when]) => ({ ...attributes, when })),
});

const FIELDS = [
  'email',
  'name',
  'externalId',
  'createdAt',
  'lastSeenAt',
  'attributes.plan',
  'attributes.n',
  'attributes.when',
  'attributes.tags',
  'attributes.a',
  'attributes.a.b',
  'attributes.a.b.c',
  'attributes.a.plan',
  'attributes.__proto__',
  'attributes.__proto__.plan',
  'attributes.constructor',
  'attributes.constructor.name',
  'attributes..b',
  'attributes.missing',
];

const amount = fc.oneof(
  fc.constantFrom(1, 7, 30, 0.5, 0.000001),
  fc.double({ min: 0.001, max: 40, noNaN: true }),
);
/** The lower one first, or the rule is refused. */
const ordered = <T extends string | number>(one: fc.Arbitrary<T>) =>
  fc.tuple(one, one).map((pair) => pair.sort((a, b) => rank(a) - rank(b)));
const rank = (value: string | number) => (typeof value === 'number' ? value : Date.parse(value));
const OPERANDS: Record<Operand, fc.Arbitrary<Json | undefined>> = {
  none: fc.constant(undefined),
  scalar,
  text: text.filter((one) => one !== ''),
  pattern: fc.constantFrom('^pro', 'o$', 'a|b', '[0-9]+', '.', '^$'),
  list: fc.array(scalar, { minLength: 1, maxLength: 4 }),
  comparable: fc.oneof(number, isoDate, fc.constantFrom('10', '-2.5')),
  date: isoDate,
  range: fc.oneof(ordered(number), ordered(isoDate)),
  span: fc.oneof(
    amount.map((days) => ({ days })),
    amount.map((hours) => ({ hours })),
  ),
};

/** Built-in dates are compared with dates alone. */
const DATE_OPERANDS: Partial<typeof OPERANDS> = {
  scalar: isoDate,
  comparable: isoDate,
  list: fc.array(isoDate, { minLength: 1, maxLength: 4 }),
  range: ordered(isoDate),
};
const BUILT_IN: Record<string, ValueType> = {
  email: 'text',
  name: 'text',
  externalId: 'text',
  createdAt: 'date',
  lastSeenAt: 'date',
};

const conditionOf = (operators: OperatorName[], fields: string[]): fc.Arbitrary<Condition> => {
  const pairs = fields.flatMap((field) =>
    operators
      .filter(
        (name) =>
          !(field in BUILT_IN) || (OPERATORS[name] as Operator).fits.includes(BUILT_IN[field] as ValueType),
      )
      .map((operator) => ({ field, operator })),
  );
  return fc.constantFrom(...pairs).chain(({ field, operator }) => {
    const { operand } = OPERATORS[operator];
    const dates = BUILT_IN[field] === 'date' ? DATE_OPERANDS[operand] : undefined;
    return fc
      .record({
        field: fc.constant(field),
        operator: fc.constant(operator),
        value: dates ?? OPERANDS[operand],
        caseSensitive: fc.constantFrom(undefined, true as const),
      })
      .map((one) => JSON.parse(JSON.stringify(one)));
  });
};
const slug = (slugs: string[]): fc.Arbitrary<Condition> =>
  fc
    .record({
      field: fc.constant('segment'),
      operator: fc.constantFrom(...SEGMENT_OPERATORS),
      value: fc.constantFrom(...slugs),
    })
    .map((one) => (OPERATORS[one.operator].operand === 'list' ? { ...one, value: [one.value] } : one));

const ALL_OPERATORS = Object.keys(OPERATORS) as OperatorName[];
const TIME_OPERATORS: OperatorName[] = ['within_last', 'not_within_last', 'before', 'is_set'];

export const condition = conditionOf(ALL_OPERATORS, FIELDS);
/** Groups in groups; `slugs` are the segments they may refer to. */
export const rules = (slugs: string[] = []): fc.Arbitrary<Rules> =>
  groups(fc.oneof(condition, ...(slugs.length > 0 ? [slug(slugs)] : [])));
/** Groups of conditions most of which will change their answer by themselves. */
export const timeRules = groups(
  conditionOf(TIME_OPERATORS, ['createdAt', 'lastSeenAt', 'attributes.when', 'attributes.n']),
);

function groups(leaf: fc.Arbitrary<Condition>): fc.Arbitrary<Rules> {
  const { group } = fc.letrec<{ group: Rules; child: Condition | Rules }>((tie) => ({
    group: fc.record({
      match: fc.constantFrom('all' as const, 'any' as const),
      conditions: fc.array(tie('child'), { minLength: 1, maxLength: 4 }),
    }),
    child: fc.oneof({ depthSize: 'small', maxDepth: 3, withCrossShrink: true }, leaf, tie('group')),
  }));
  return group;
}
