import { isObject, type Json } from '../users/attributes.ts';
import { asNumber, datePeriod, isoDate } from './operands.ts';
import { compilePattern, isOperator, OPERATORS, type OperatorName, type ValueType } from './operators.ts';

export interface Condition {
  field: string;
  operator: OperatorName;
  value?: Json;
  caseSensitive?: boolean;
}
/** A rule set: all or any of its conditions, each of them a comparison or a nested group. */
export interface Rules {
  match: 'all' | 'any';
  conditions: (Condition | Rules)[];
}

/** What is wrong with a rule set, and where: `rules.conditions[1].operator`. */
export interface RuleProblem {
  path: string;
  message: string;
}

export const isGroup = (node: Condition | Rules): node is Rules => 'conditions' in node;

/** Fields besides `attributes.<path>`, with what they hold. */
export const FIELDS = {
  email: 'text',
  name: 'text',
  externalId: 'text',
  createdAt: 'date',
  lastSeenAt: 'date',
  segment: 'segment',
} as const;
export type FieldName = keyof typeof FIELDS;
/** How the rule builder calls them, and what they are. */
export const FIELD_TEXTS: Record<FieldName, { title: string; description: string }> = {
  email: { title: 'Email', description: 'The address, in lower case' },
  name: { title: 'Name', description: 'The display name' },
  externalId: { title: 'User id', description: "The id in your product: Segment's userId" },
  createdAt: { title: 'Created', description: 'When the person was added here' },
  lastSeenAt: { title: 'Last seen', description: 'The latest time of an identify event' },
  segment: { title: 'Segment', description: 'Whether the person is in another segment' },
};

/** Operators for the field `segment`, whose value is the slug of a segment or a list of them. */
export const SEGMENT_OPERATORS: readonly OperatorName[] = ['eq', 'neq', 'in', 'not_in'];

export const MAX_DEPTH = 5;
export const MAX_CONDITIONS = 200;
const MAX_TEXT = 1024;
export const MAX_LIST = 1000;
const MAX_SPAN_DAYS = 36_525;

export type ParsedRules = { rules: Rules; problems: null } | { rules: null; problems: RuleProblem[] };

/** Checks a rule set from outside; every problem is reported with its path, and nothing unknown is accepted. */
export function parseRules(input: unknown): ParsedRules {
  const problems: RuleProblem[] = [];
  let conditions = 0;

  function group(node: unknown, path: string, depth: number): Rules | null {
    const refuse = (at: string, message: string) => {
      problems.push({ path: at, message });
      return null;
    };
    if (!isObject(node)) return refuse(path, 'must be an object {"match", "conditions"}');
    if (depth > MAX_DEPTH) return refuse(path, `groups nest at most ${MAX_DEPTH} deep`);
    unknownKeys(node, ['match', 'conditions'], path);
    const match = node.match;
    if (match !== 'all' && match !== 'any') refuse(`${path}.match`, 'must be "all" or "any"');
    const children = node.conditions;
    if (!Array.isArray(children)) return refuse(`${path}.conditions`, 'must be a list of conditions');
    if (children.length === 0) return refuse(`${path}.conditions`, 'add at least one condition');
    const parsed = children.map((child, i) => {
      const at = `${path}.conditions[${i}]`;
      return isObject(child) && ('conditions' in child || 'match' in child)
        ? group(child, at, depth + 1)
        : condition(child, at);
    });
    return { match: match as Rules['match'], conditions: parsed.filter((child) => child !== null) };
  }

  function condition(node: unknown, path: string): Condition | null {
    conditions++;
    if (conditions === MAX_CONDITIONS + 1) {
      problems.push({ path, message: `a segment has at most ${MAX_CONDITIONS} conditions` });
    }
    if (!isObject(node)) {
      problems.push({ path, message: 'must be an object {"field", "operator", "value"}' });
      return null;
    }
    unknownKeys(node, ['field', 'operator', 'value', 'caseSensitive'], path);
    const { field, operator, caseSensitive } = node as Partial<Condition>;
    const fieldProblem = checkField(field);
    if (fieldProblem !== null) problems.push({ path: `${path}.field`, message: fieldProblem });
    if (!isOperator(operator)) {
      const known = Object.keys(OPERATORS).join(', ');
      problems.push({ path: `${path}.operator`, message: `must be one of ${known}` });
      return null;
    }
    if (caseSensitive !== undefined && typeof caseSensitive !== 'boolean') {
      problems.push({ path: `${path}.caseSensitive`, message: 'must be true or false' });
    }
    const type =
      typeof field === 'string' && Object.hasOwn(FIELDS, field) ? FIELDS[field as FieldName] : null;
    const fitting = type === null ? null : operatorsFor(type);
    if (fitting !== null && !fitting.includes(operator)) {
      const message = `the field "${field}" takes ${fitting.join(', ')}`;
      problems.push({ path: `${path}.operator`, message });
      return null;
    }
    const value = (node as { value?: unknown }).value;
    const valueProblem =
      checkOperand(operator, value, caseSensitive === true, type === 'segment') ??
      (type === 'date' ? checkDates(operator, value) : null);
    if (valueProblem !== null) problems.push({ path: `${path}.value`, message: valueProblem });
    const parsed: Condition = { field: field as string, operator };
    if (OPERATORS[operator].operand !== 'none') parsed.value = value as Json;
    if (caseSensitive === true) parsed.caseSensitive = true;
    return parsed;
  }

  function unknownKeys(node: Record<string, unknown>, known: string[], path: string) {
    for (const key of Object.keys(node)) {
      if (!known.includes(key)) problems.push({ path: `${path}.${key}`, message: 'is not known here' });
    }
  }

  const rules = group(input, 'rules', 1);
  return problems.length === 0 && rules !== null ? { rules, problems: null } : { rules: null, problems };
}

/** The slugs of the segments that rules refer to, each with where it stands first. */
export function segmentReferences(rules: Rules): Map<string, string> {
  const references = new Map<string, string>();
  const add = (slug: unknown, path: string) => {
    if (typeof slug === 'string' && !references.has(slug)) references.set(slug, path);
  };
  const visit = ({ conditions }: Rules, path: string) => {
    for (const [i, node] of conditions.entries()) {
      const at = `${path}.conditions[${i}]`;
      if (isGroup(node)) visit(node, at);
      else if (node.field !== 'segment') continue;
      else if (Array.isArray(node.value)) for (const slug of node.value) add(slug, `${at}.value`);
      else add(node.value ?? null, `${at}.value`);
    }
  };
  visit(rules, 'rules');
  return references;
}

/** The operators a built-in field takes. */
export const operatorsFor = (type: (typeof FIELDS)[FieldName]): readonly OperatorName[] =>
  type === 'segment'
    ? SEGMENT_OPERATORS
    : (Object.keys(OPERATORS) as OperatorName[]).filter((name) =>
        (OPERATORS[name].fits as readonly ValueType[]).includes(type),
      );

/** Built-in dates compare with dates alone: a number would be neither seconds nor milliseconds for certain. */
function checkDates(operator: OperatorName, value: unknown): string | null {
  const { operand } = OPERATORS[operator];
  if (operand === 'none' || operand === 'span') return null;
  const values = Array.isArray(value) ? value : [value];
  return values.every((one) => isoDate(one as Json) !== null)
    ? null
    : 'must be an ISO date such as "2026-01-31"';
}

function checkField(field: unknown): string | null {
  if (typeof field !== 'string') return 'must be text';
  if (Object.hasOwn(FIELDS, field)) return null;
  // The address is no attribute, however it arrives, so this would never match.
  if (field === 'attributes.email') return 'must be email: the address is no attribute';
  const path = field.startsWith('attributes.') ? field.slice('attributes.'.length) : '';
  if (path !== '' && path.length <= MAX_TEXT) return null;
  return `must be ${Object.keys(FIELDS).join(', ')} or attributes.<key>`;
}

function checkOperand(
  operator: OperatorName,
  value: unknown,
  caseSensitive: boolean,
  segmentField: boolean,
): string | null {
  switch (OPERATORS[operator].operand) {
    case 'none':
      return value === undefined || value === null ? null : `${operator} takes no value`;
    case 'scalar':
      if (segmentField && typeof value !== 'string') return 'must be the slug of a segment';
      return isScalar(value) ? null : `must be text of up to ${MAX_TEXT} characters, a number, true or false`;
    case 'text':
      return isText(value) && value !== '' ? null : `must be text of 1 to ${MAX_TEXT} characters`;
    case 'pattern': {
      if (!isText(value) || value === '') return `must be a pattern of 1 to ${MAX_TEXT} characters`;
      try {
        compilePattern(value, caseSensitive);
        return null;
      } catch (error) {
        return `is not a valid RE2 pattern: ${(error as Error).message}`;
      }
    }
    case 'list': {
      const fits = segmentField ? (one: unknown) => typeof one === 'string' : isScalar;
      return Array.isArray(value) && value.length > 0 && value.length <= MAX_LIST && value.every(fits)
        ? null
        : `must be a list of 1 to ${MAX_LIST} ${segmentField ? 'segment slugs' : `texts of up to ${MAX_TEXT} characters, numbers or booleans`}`;
    }
    case 'comparable':
      return isComparable(value) ? null : 'must be a number or an ISO date such as "2026-01-31"';
    case 'date':
      return isoDate(value as Json) !== null ? null : 'must be an ISO date such as "2026-01-31"';
    case 'range':
      if (!Array.isArray(value) || value.length !== 2 || !sameKind(value[0], value[1]))
        return 'must be [from, to]: two numbers or two ISO dates';
      return isBackwards(value[0], value[1]) ? 'ends before it begins: put the lower value first' : null;
    case 'span':
      return isSpan(value)
        ? null
        : `must be {"days": n} or {"hours": n}, above 0, at most ${MAX_SPAN_DAYS} days`;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT;
const isScalar = (value: unknown) =>
  isText(value) || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
const isComparable = (value: unknown) =>
  isoDate(value as Json) !== null || (isScalar(value) && asNumber(value as Json) !== null);
const sameKind = (a: unknown, b: unknown) =>
  isComparable(a) && isComparable(b) && (isoDate(a as Json) === null) === (isoDate(b as Json) === null);
const isBackwards = (from: Json, to: Json) =>
  (datePeriod(from)?.first ?? (asNumber(from) as number)) >
  (datePeriod(to)?.last ?? (asNumber(to) as number));
function isSpan(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 1) return false;
  const { days, hours } = value as { days?: unknown; hours?: unknown };
  const length = days ?? (typeof hours === 'number' ? hours / 24 : null);
  return typeof length === 'number' && length > 0 && length <= MAX_SPAN_DAYS;
}
