import { FORM_IN_WORDS } from '../text-forms.ts';

/** The parts of a JSON schema that say what a value may be. */
export interface ValueSchema {
  type?: string;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly ValueSchema[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

/** Says in words what a schema allows, to stand after "must be": "one of us, eu", "a whole number from 1 to 200". */
export function describeAllowed(schema: ValueSchema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) {
    const parts = schema.anyOf.filter((part) => !isTextForm(part)).map(describeAllowed);
    return [...new Set(parts)].join(' or ');
  }
  switch (schema.type) {
    case 'string':
      return describeText(schema);
    case 'integer':
      return `a whole number${range(schema.minimum, schema.maximum)}`;
    case 'number':
      return `a number${range(schema.minimum, schema.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${size(schema.minItems, schema.maxItems, 'items')}`;
    case 'null':
      return 'null';
    default:
      return 'an object';
  }
}

function describeText({ format, pattern, minLength, maxLength }: ValueSchema): string {
  if (format === 'date-time')
    return 'an ISO 8601 date, or a date and time with its zone, such as 2026-01-31T12:00:00Z';
  const matching = pattern === undefined ? '' : (FORM_IN_WORDS[pattern] ?? ` matching ${pattern}`);
  return `text${size(minLength, maxLength, 'characters')}${matching}`;
}

/** The framework adds a textual form to each number and boolean, because a query holds text only: no choice of its own. */
export const isTextForm = ({ type, format }: ValueSchema): boolean =>
  type === 'string' && format !== undefined && ['integer', 'numeric', 'boolean'].includes(format);

function range(from?: number, to?: number): string {
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`;
  return from !== undefined ? `, at least ${from}` : to !== undefined ? `, at most ${to}` : '';
}

function size(from: number | undefined, to: number | undefined, what: string): string {
  if (from !== undefined && to !== undefined) return ` of ${from} to ${to} ${what}`;
  return from !== undefined
    ? ` of at least ${from} ${what}`
    : to !== undefined
      ? ` of at most ${to} ${what}`
      : '';
}
