import type { Subject } from '../../src/segments/evaluate.ts';
import type { Condition, Rules } from '../../src/segments/rules.ts';
import type { Json } from '../../src/users/attributes.ts';

/**
 * What rules mean, written a second time and as plainly as possible, sharing nothing with the evaluator: no
 * compilation, no short cuts. The property tests hold the two against each other.
 */
export function matchesPlainly(
  node: Rules | Condition,
  user: Subject,
  now: number,
  isMember: (slug: string) => boolean,
): boolean {
  if ('conditions' in node) {
    const answers = node.conditions.map((child) => matchesPlainly(child, user, now, isMember));
    return node.match === 'all' ? !answers.includes(false) : answers.includes(true);
  }
  const opposite = OPPOSITES[node.operator];
  if (opposite !== undefined) {
    return !matchesPlainly({ ...node, operator: opposite }, user, now, isMember);
  }
  if (node.field === 'segment') return [node.value].flat().some((slug) => isMember(slug as string));
  const seen = read(node.field, user);
  return seen !== null && holds(node, seen, now);
}

const OPPOSITES: Record<string, Condition['operator'] | undefined> = {
  neq: 'eq',
  not_contains: 'contains',
  not_in: 'in',
  not_includes: 'includes',
  is_not_set: 'is_set',
  not_within_last: 'within_last',
};

function holds({ field, operator, value, ...rest }: Condition, seen: Json, now: number): boolean {
  const wanted = value as Json;
  const caseSensitive = rest.caseSensitive === true && field !== 'email';
  const composed = [wanted].flat().some((one) => typeof one === 'string' && /\P{ASCII}/u.test(one));
  const fold = (given: string) => {
    const text = composed ? given.normalize('NFC') : given;
    return caseSensitive ? text : text.toLowerCase();
  };
  const isText = typeof seen === 'string' || typeof seen === 'number';
  const text = isText ? fold(String(seen)) : '';
  const part = fold(String(wanted));
  switch (operator) {
    case 'is_set':
      return true;
    case 'is_true':
      return seen === true;
    case 'is_false':
      return seen === false;
    case 'eq':
      return equal(seen, wanted, fold);
    case 'in':
      return (wanted as Json[]).some((one) => equal(seen, one, fold));
    case 'includes':
      return Array.isArray(seen) && seen.some((element) => equal(element, wanted, fold));
    case 'contains':
      return isText && text.includes(part);
    case 'starts_with':
      return isText && text.startsWith(part);
    case 'ends_with':
      return isText && text.endsWith(part);
    case 'matches':
      return isText && new RegExp(wanted as string, caseSensitive ? 'u' : 'iu').test(String(seen));
    case 'gt':
    case 'after':
      return order(seen, wanted) > 0;
    case 'gte':
      return order(seen, wanted) >= 0;
    case 'lt':
    case 'before':
      return order(seen, wanted) < 0;
    case 'lte':
      return order(seen, wanted) <= 0;
    case 'between': {
      const [from, to] = wanted as [Json, Json];
      return order(seen, from) >= 0 && order(seen, to) <= 0;
    }
    case 'within_last': {
      const { days = 0, hours = 0 } = wanted as { days?: number; hours?: number };
      const age = now - moment(seen);
      return age >= 0 && age <= Math.floor((days * 24 + hours) * 3_600_000);
    }
    default:
      throw new Error(`The reference does not know ${operator}`);
  }
}

function equal(seen: Json, wanted: Json, fold: (text: string) => string): boolean {
  if (typeof wanted === 'boolean') return seen === wanted;
  if (typeof wanted === 'number') return number(seen) === wanted;
  if (typeof seen === 'number' && number(wanted) === seen) return true;
  if (!Number.isNaN(isoDate(wanted)) && order(seen, wanted) === 0) return true;
  return (
    (typeof seen === 'string' || typeof seen === 'number') && fold(String(seen)) === fold(String(wanted))
  );
}

/** Below, at or above 0 as the value lies before, at or after the wanted one; NaN where they can't be compared. */
function order(seen: Json, wanted: Json): number {
  const date = isoDate(wanted);
  if (Number.isNaN(date)) return number(seen) - number(wanted);
  const time = moment(seen);
  const isDay = (wanted as string).trim().length === 10;
  return (isDay ? new Date(time).setUTCHours(0, 0, 0, 0) : time) - date;
}

function number(value: Json): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '' || /[xob]|infinity/i.test(value)) return Number.NaN;
  return Number(value);
}

function isoDate(value: Json): number {
  const text = typeof value === 'string' ? value.trim() : '';
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)\.(\d{3})Z)?$/
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined) return Number.NaN;
  const [year, month, ...rest] = parts as [number, number, number];
  return Date.UTC(year, month - 1, ...rest);
}

function moment(value: Json): number {
  const date = isoDate(value);
  if (!Number.isNaN(date)) return date;
  const count = number(value);
  const time = Math.floor(Math.abs(count) < 100_000_000_000 ? count * 1000 : count);
  return new Date(time).getTime();
}

function read(field: string, user: Subject): Json {
  if (!field.startsWith('attributes.')) return user[field as keyof Subject] as Json;
  for (const path of splits(field.split('.').slice(1))) {
    let value: Json | undefined = user.attributes;
    for (const key of path) {
      const isMap: boolean = typeof value === 'object' && value !== null && !Array.isArray(value);
      value = isMap ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
    }
    if (value !== undefined && value !== null) return value;
  }
  return null;
}

/** Every way to read `a.b.c` as keys, those with the longer first keys first: abc · ab c · a bc · a b c. */
function splits(parts: string[]): string[][] {
  if (parts.length === 0) return [[]];
  return parts.flatMap((_, i) => {
    const length = parts.length - i;
    return splits(parts.slice(length)).map((rest) => [parts.slice(0, length).join('.'), ...rest]);
  });
}
