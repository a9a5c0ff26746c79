/** Any JSON value, as an attribute can hold it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What an attribute is edited as. */
export type ValueType = 'text' | 'number' | 'boolean' | 'date' | 'list' | 'json';

const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const isPlainList = (value: Json): value is (string | number)[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  (value.every((item) => typeof item === 'string' && item.trim() !== '' && !/[\r\n]/.test(item)) ||
    value.every((item) => typeof item === 'number'));

export function typeOf(value: Json): ValueType {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return DATE.test(value) ? 'date' : 'text';
  return isPlainList(value) ? 'list' : 'json';
}

/** A value as the text of its editor. */
export function toText(value: Json, type: ValueType): string {
  if (type === 'list' && isPlainList(value)) return value.join('\n');
  if (typeof value === 'string' && type !== 'json') return value;
  return JSON.stringify(value, null, 2);
}

export type Read =
  | { value: Exclude<Json, null> }
  | { problem: 'notNumber' | 'notDate' | 'notJson' | 'isNull' };

/** What a text stands for as a type. `before` says whether a list is one of numbers. */
export function fromText(text: string, type: ValueType, before: Json = null): Read {
  switch (type) {
    case 'text':
      return { value: text };
    case 'number': {
      const number = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
      return Number.isFinite(number) ? { value: number } : { problem: 'notNumber' };
    }
    case 'boolean':
      return { value: text === 'true' };
    case 'date': {
      const date = text.trim();
      const valid = DATE.test(date) && !Number.isNaN(Date.parse(date.replace(' ', 'T')));
      return valid ? { value: date } : { problem: 'notDate' };
    }
    case 'list': {
      const items = text.split(/\r?\n/).map((item) => item.trim());
      const filled = items.filter((item) => item !== '');
      const numeric = isPlainList(before) && typeof before[0] === 'number';
      const numbers = numeric && filled.every((item) => NUMBER.test(item) && Number.isFinite(Number(item)));
      return { value: numbers ? filled.map(Number) : filled };
    }
    case 'json':
      try {
        const value = JSON.parse(text) as Json;
        return value === null ? { problem: 'isNull' } : { value };
      } catch {
        return { problem: 'notJson' };
      }
  }
}

/** The value at a path such as `company.plan`; a key may hold dots itself, and the longest one that has a value wins. */
export function valueAt(object: unknown, path: string): Json | undefined {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
  const own = object as Record<string, Json>;
  const parts = path.split('.');
  for (let n = parts.length; n > 0; n--) {
    const key = parts.slice(0, n).join('.');
    if (!Object.hasOwn(own, key) || own[key] === null) continue;
    if (n === parts.length) return own[key];
    const inner = valueAt(own[key], parts.slice(n).join('.'));
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** A value in one line. */
export function oneLine(value: Json | undefined, words: { yes: string; no: string }): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number')) {
    return value.join(', ');
  }
  return JSON.stringify(value);
}
