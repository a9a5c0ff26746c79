/** Rules as the API has them, and as the rule builder keeps them while they are being made. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export interface Condition {
  field: string;
  operator: string;
  value?: Json;
  caseSensitive?: boolean;
}
export interface Rules {
  match: 'all' | 'any';
  conditions: (Condition | Rules)[];
}
export const isGroup = (node: Condition | Rules): node is Rules => 'conditions' in node;

/** A condition in the builder; what was typed last stays when the operator changes, until it does not fit at all. */
export interface RuleNode {
  id?: string;
  field: string;
  operator: string;
  value: unknown;
  meta?: { caseSensitive?: boolean };
}
export interface GroupNode {
  id?: string;
  combinator: string;
  rules: (RuleNode | GroupNode)[];
}
const isGroupNode = (node: RuleNode | GroupNode): node is GroupNode => 'rules' in node;

/** What an operator takes as its value; null for an operator that is not known. */
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
export type OperandOf = (operator: string) => Operand | null;

/** Each part gets an id, or the builder would take it for another one whenever it is drawn. */
export function toQuery(rules: Rules, id = 'rules'): GroupNode {
  return {
    id,
    combinator: rules.match,
    rules: rules.conditions.map((child, i) => {
      const own = `${id}.${i}`;
      if (isGroup(child)) return toQuery(child, own);
      const { field, operator, value, caseSensitive } = child;
      const rule: RuleNode = { id: own, field, operator, value };
      return caseSensitive === true ? { ...rule, meta: { caseSensitive } } : rule;
    }),
  };
}

/** The rules of a query, with values as their operators take them; a missing one is left out, for the service to refuse. */
export function fromQuery(query: GroupNode, operandOf: OperandOf): Rules {
  return {
    match: query.combinator === 'any' ? 'any' : 'all',
    conditions: query.rules.map((child) => {
      if (isGroupNode(child)) return fromQuery(child, operandOf);
      const condition: Condition = { field: child.field, operator: child.operator };
      const value = fitValue(operandOf(child.operator), child.value);
      if (value !== undefined) condition.value = value;
      if (child.meta?.caseSensitive === true) condition.caseSensitive = true;
      return condition;
    }),
  };
}

type Scalar = string | number | boolean;
const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

/** A value as an operand takes it: one that fits is left alone, another is carried over where something of it fits. */
export function fitValue(operand: Operand | null, value: unknown): Json | undefined {
  switch (operand) {
    case 'none':
      return undefined;
    case 'list':
      if (Array.isArray(value)) return value.filter(isScalar);
      return isScalar(value) && value !== '' ? [value] : undefined;
    case 'range': {
      if (!Array.isArray(value)) return isScalar(value) ? [value, ''] : undefined;
      const [from = '', to = ''] = value.filter(isScalar);
      return [from, to];
    }
    case 'span':
      return isSpan(value) ? value : undefined;
    case null:
      return isJson(value) ? value : undefined;
    default: {
      const first = Array.isArray(value) ? value.find(isScalar) : value;
      if (!isScalar(first)) return undefined;
      if (operand === 'text' || operand === 'pattern') return String(first);
      return operand !== 'scalar' && typeof first === 'boolean' ? undefined : first;
    }
  }
}

const isSpan = (value: unknown): value is { [unit: string]: number | string } =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  ('days' in value || 'hours' in value);
const isJson = (value: unknown): value is Json => value !== undefined && typeof value !== 'function';

/** Whether an operand has all it needs; what it means is for the service to judge. */
export function isComplete(operand: Operand | null, value: unknown): boolean {
  const fitting = fitValue(operand, value);
  switch (operand) {
    case null:
    case 'none':
      return true;
    case 'text':
    case 'pattern':
      return fitting !== undefined && fitting !== '';
    case 'list':
      return Array.isArray(fitting) && fitting.length > 0;
    case 'range':
      return Array.isArray(fitting) && fitting.every((end) => end !== '');
    case 'span':
      return Object.values(fitting ?? { none: '' }).every((amount) => typeof amount === 'number');
    default:
      return fitting !== undefined;
  }
}

/** What is wrong with one part of a rule, and where: the path of child numbers from the root. */
export interface Problem {
  path: number[];
  part: 'group' | 'field' | 'operator' | 'value' | 'other';
  message: string;
}

/** Parts that are still missing, before the service is asked at all. */
export function missingParts(query: GroupNode, operandOf: OperandOf, path: number[] = []): Problem[] {
  if (query.rules.length === 0) return [{ path, part: 'group', message: '' }];
  return query.rules.flatMap((child, i): Problem[] => {
    const at = [...path, i];
    if (isGroupNode(child)) return missingParts(child, operandOf, at);
    if (child.field === '') return [{ path: at, part: 'field', message: '' }];
    if (child.operator === '') return [{ path: at, part: 'operator', message: '' }];
    if (isComplete(operandOf(child.operator), child.value)) return [];
    return [{ path: at, part: 'value', message: '' }];
  });
}

/** Reads the place of a problem as the service gives it: `rules.conditions[1].conditions[0].value`. */
export function readProblem({ path, message }: { path: string; message: string }): Problem {
  const numbers = [...path.matchAll(/\.conditions\[(\d+)\]/g)].map((found) => Number(found[1]));
  const rest = path.replace(/^rules/, '').replace(/\.conditions\[\d+\]/g, '');
  const part =
    rest === '' || rest === '.conditions' || rest === '.match'
      ? 'group'
      : rest === '.field' || rest === '.operator' || rest === '.value'
        ? (rest.slice(1) as Problem['part'])
        : 'other';
  return { path: numbers, part, message };
}

export const countConditions = (query: GroupNode): number =>
  query.rules.reduce((sum, child) => sum + (isGroupNode(child) ? countConditions(child) : 1), 0);
