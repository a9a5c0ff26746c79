import { RE2JS } from 're2js';
import type { Json } from '../users/attributes.ts';
import {
  asNumber,
  asText,
  asTime,
  datePeriod,
  hasForms,
  isPresent,
  type Period,
  type Span,
  spanMs,
  startOfDay,
} from './operands.ts';

/** Whether the value seen (undefined or null where the user lacks it) satisfies the condition at `now`. */
export type Test = (seen: Json | undefined, now: number) => boolean;
/** The next moment, in Unix milliseconds, at which the answer for this value changes by itself; Infinity for never. */
export type NextFlip = (seen: Json | undefined, now: number) => number;

/** What an operator takes as its `value`. */
export type Operand =
  | 'none'
  | 'scalar'
  | 'comparable'
  | 'text'
  | 'pattern'
  | 'list'
  | 'range'
  | 'date'
  | 'span';
/** Types of attribute an operator makes sense for: what the rule builder offers. */
export type ValueType = 'text' | 'number' | 'boolean' | 'date' | 'list';

export interface Operator {
  /** How the operator reads in a sentence. */
  title: string;
  /** How it reads for a type where the title would sound wrong. */
  titles?: Partial<Record<ValueType, string>>;
  description: string;
  operand: Operand;
  fits: readonly ValueType[];
  /** For a type where another operator does the same in better words: that one, which the rule builder offers instead. */
  sameAs?: Partial<Record<ValueType, string>>;
  /** The operator this one is the exact opposite of; then there is no `test`. */
  opposite?: string;
  test?: (value: Json, caseSensitive: boolean) => Test;
  nextFlip?: (value: Json) => NextFlip;
}

const ANY: readonly ValueType[] = ['text', 'number', 'boolean', 'date', 'list'];
const SCALAR: readonly ValueType[] = ['text', 'number', 'boolean', 'date'];

/**
 * Every operator, once. Validation, evaluation, the OpenAPI schema, the rule builder and the table in
 * `docs/rules.md` all come from here. Opposites hold for users that lack the attribute.
 */
export const OPERATORS = {
  eq: {
    title: 'is',
    description:
      'Equal. Text ignores case; numbers, numeric text and ISO dates compare by what they mean, and a day is all of it.',
    operand: 'scalar',
    fits: SCALAR,
    test: equals,
  },
  neq: {
    title: 'is not',
    description: 'Not equal, or the attribute is missing.',
    operand: 'scalar',
    fits: SCALAR,
    opposite: 'eq',
  },
  gt: {
    title: 'is more than',
    titles: { date: 'is after' },
    sameAs: { date: 'after' },
    description: 'Greater than a number, or later than an ISO date; a day is over then.',
    operand: 'comparable',
    fits: ['number', 'date'],
    test: (value) => compares(value, later),
  },
  gte: {
    title: 'is at least',
    titles: { date: 'is on or after' },
    description: 'Greater than or equal to a number, or at or after an ISO date.',
    operand: 'comparable',
    fits: ['number', 'date'],
    test: (value) => compares(value, (seen, { first }) => seen >= first),
  },
  lt: {
    title: 'is less than',
    titles: { date: 'is before' },
    sameAs: { date: 'before' },
    description: 'Less than a number, or earlier than an ISO date.',
    operand: 'comparable',
    fits: ['number', 'date'],
    test: (value) => compares(value, earlier),
  },
  lte: {
    title: 'is at most',
    titles: { date: 'is on or before' },
    description: 'Less than or equal to a number, or at or before an ISO date; a day is all of it.',
    operand: 'comparable',
    fits: ['number', 'date'],
    test: (value) => compares(value, (seen, { last }) => seen <= last),
  },
  between: {
    title: 'is between',
    description: 'From the first to the second number or ISO date, both included: a day to its end.',
    operand: 'range',
    fits: ['number', 'date'],
    test: (value) => {
      const [from, to] = value as [Json, Json];
      const above = compares(from, (seen, { first }) => seen >= first);
      const below = compares(to, (seen, { last }) => seen <= last);
      return (seen, now) => above(seen, now) && below(seen, now);
    },
  },
  contains: {
    title: 'contains',
    description: 'The text has the given text in it.',
    operand: 'text',
    fits: ['text'],
    test: (value, caseSensitive) => texts(value, caseSensitive, (seen, wanted) => seen.includes(wanted)),
  },
  not_contains: {
    title: 'does not contain',
    description: 'The text does not have the given text in it, or the attribute is missing.',
    operand: 'text',
    fits: ['text'],
    opposite: 'contains',
  },
  starts_with: {
    title: 'starts with',
    description: 'The text begins with the given text.',
    operand: 'text',
    fits: ['text'],
    test: (value, caseSensitive) => texts(value, caseSensitive, (seen, wanted) => seen.startsWith(wanted)),
  },
  ends_with: {
    title: 'ends with',
    description: 'The text ends with the given text.',
    operand: 'text',
    fits: ['text'],
    test: (value, caseSensitive) => texts(value, caseSensitive, (seen, wanted) => seen.endsWith(wanted)),
  },
  matches: {
    title: 'matches the pattern',
    description:
      'The text has a part that matches the regular expression (RE2 syntax, which runs in linear time).',
    operand: 'pattern',
    fits: ['text'],
    test: (value, caseSensitive) => {
      const pattern = compilePattern(value as string, caseSensitive);
      return (seen) => {
        const text = asText(seen, true);
        return text !== null && pattern.test(text);
      };
    },
  },
  in: {
    title: 'is one of',
    description: 'Equal to at least one value of the list.',
    operand: 'list',
    fits: SCALAR,
    test: (value, caseSensitive) => equalsOne(value as Json[], caseSensitive),
  },
  not_in: {
    title: 'is none of',
    description: 'Equal to no value of the list, or the attribute is missing.',
    operand: 'list',
    fits: SCALAR,
    opposite: 'in',
  },
  includes: {
    title: 'includes',
    description: 'The array has an element equal to the value.',
    operand: 'scalar',
    fits: ['list'],
    test: (value, caseSensitive) => {
      const test = equals(value, caseSensitive);
      return (seen, now) => Array.isArray(seen) && seen.some((element) => test(element, now));
    },
  },
  not_includes: {
    title: 'does not include',
    description: 'The array has no element equal to the value, or there is no array.',
    operand: 'scalar',
    fits: ['list'],
    opposite: 'includes',
  },
  is_set: {
    title: 'has any value',
    description: 'The attribute is there and not null.',
    operand: 'none',
    fits: ANY,
    test: () => isPresent,
  },
  is_not_set: {
    title: 'has no value',
    description: 'The attribute is missing or null.',
    operand: 'none',
    fits: ANY,
    opposite: 'is_set',
  },
  is_true: {
    title: 'is true',
    description: 'The attribute is the boolean true.',
    operand: 'none',
    fits: ['boolean'],
    test: () => (seen) => seen === true,
  },
  is_false: {
    title: 'is false',
    description: 'The attribute is the boolean false.',
    operand: 'none',
    fits: ['boolean'],
    test: () => (seen) => seen === false,
  },
  before: {
    title: 'is before',
    description: 'The date (ISO 8601, Unix seconds or milliseconds) is earlier than the given ISO date.',
    operand: 'date',
    fits: ['date'],
    test: (value) => compares(value, earlier),
  },
  after: {
    title: 'is after',
    description:
      'The date (ISO 8601, Unix seconds or milliseconds) is later than the given ISO date; a day is over then.',
    operand: 'date',
    fits: ['date'],
    test: (value) => compares(value, later),
  },
  within_last: {
    title: 'is in the last',
    description:
      'The date lies in the span up to now, such as {"days": 30} or {"hours": 12}. Users leave by themselves.',
    operand: 'span',
    fits: ['date'],
    test: (value) => {
      const span = spanMs(value as Span);
      return (seen, now) => {
        const time = asTime(seen);
        return time !== null && time <= now && now - time <= span;
      };
    },
    nextFlip: (value) => {
      const span = spanMs(value as Span);
      return (seen, now) => {
        const time = asTime(seen);
        if (time === null || now - time > span) return Number.POSITIVE_INFINITY;
        return time > now ? time : time + span + 1;
      };
    },
  },
  not_within_last: {
    title: 'is not in the last',
    description: 'The date does not lie in the span up to now, or the attribute is missing.',
    operand: 'span',
    fits: ['date'],
    opposite: 'within_last',
  },
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof OPERATORS;

export const isOperator = (name: unknown): name is OperatorName =>
  typeof name === 'string' && Object.hasOwn(OPERATORS, name);

/** Compiles one operator with its value; an opposite is compiled from what it negates. */
export function compileOperator(
  name: OperatorName,
  value: Json,
  caseSensitive: boolean,
): { test: Test; nextFlip: NextFlip | null } {
  const operator: Operator = OPERATORS[name];
  if (operator.opposite !== undefined) {
    const { test, nextFlip } = compileOperator(operator.opposite as OperatorName, value, caseSensitive);
    return { test: (seen, now) => !test(seen, now), nextFlip };
  }
  if (operator.test === undefined) throw new Error(`Operator ${name} has neither a test nor an opposite`);
  return { test: operator.test(value, caseSensitive), nextFlip: operator.nextFlip?.(value) ?? null };
}

/** Compiles a linear-time regular expression; throws where the syntax is not RE2's. */
export const compilePattern = (source: string, caseSensitive: boolean): RE2JS =>
  RE2JS.compile(source, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);

function equals(value: Json, caseSensitive: boolean): Test {
  return equalsOne([value], caseSensitive);
}

/** Whether a value is equal to one of a list: by text, as a number or as a date, and booleans to themselves alone. */
function equalsOne(values: readonly Json[], caseSensitive: boolean): Test {
  const booleans = new Set(values.filter((value) => typeof value === 'boolean'));
  const numbers = new Set(values.filter((value) => typeof value === 'number'));
  const strings = values.filter((value) => typeof value === 'string');
  const composed = strings.some(hasForms);
  const texts = new Set(strings.map((text) => asText(text, caseSensitive, composed)));
  const periods = strings.map(datePeriod).filter((period) => period !== null);
  const moments = new Set(periods.filter(({ first, last }) => first === last).map(({ first }) => first));
  const days = new Set(periods.filter(({ first, last }) => first < last).map(({ first }) => first));
  // A text given for a number equals that number, and no other way of writing it.
  const numberTexts = new Set(strings.map(asNumber).filter((number) => number !== null));
  return (seen) => {
    if (typeof seen === 'boolean') return booleans.has(seen);
    const text = texts.size === 0 ? null : asText(seen, caseSensitive, composed);
    if (text !== null && texts.has(text)) return true;
    if (typeof seen === 'number' && numberTexts.has(seen)) return true;
    const number = numbers.size === 0 ? null : asNumber(seen);
    if (number !== null && numbers.has(number)) return true;
    const time = periods.length === 0 ? null : asTime(seen);
    return time !== null && (moments.has(time) || (days.size > 0 && days.has(startOfDay(time))));
  };
}

/** A number is compared as a period of one number, a moment as one of a millisecond. */
function compares(value: Json, holds: (seen: number, wanted: Period) => boolean): Test {
  const period = datePeriod(value);
  if (period !== null) {
    return (seen) => {
      const time = asTime(seen);
      return time !== null && holds(time, period);
    };
  }
  const number = asNumber(value);
  if (number === null) return () => false;
  const only = { first: number, last: number };
  return (seen) => {
    const other = asNumber(seen);
    return other !== null && holds(other, only);
  };
}
const later = (seen: number, { last }: Period) => seen > last;
const earlier = (seen: number, { first }: Period) => seen < first;

function texts(value: Json, caseSensitive: boolean, holds: (seen: string, wanted: string) => boolean): Test {
  const composed = typeof value === 'string' && hasForms(value);
  const wanted = asText(value, caseSensitive, composed);
  return (seen) => {
    const text = asText(seen, caseSensitive, composed);
    return text !== null && wanted !== null && holds(text, wanted);
  };
}
