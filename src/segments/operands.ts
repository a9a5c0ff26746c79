import type { Json } from '../users/attributes.ts';

/**
 * What a rule's value and a user's value mean when they are compared. A value that can't be read as the wanted type
 * is null and never matches.
 */
export function asNumber(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Unix milliseconds of an ISO 8601 date; one without a zone is UTC. Null for anything else. */
export function isoDate(value: Json | undefined): number | null {
  if (typeof value !== 'string') return null;
  // Most texts are no dates, and most dates are written as JavaScript writes them: neither needs a regular expression.
  if (value.length < 10) return null;
  return writtenDate(value) ?? anyDate(value);
}

/** From the first to the last millisecond (or number), both included. */
export interface Period {
  first: number;
  last: number;
}
const DAY_MS = 86_400_000;
export const startOfDay = (time: number): number => Math.floor(time / DAY_MS) * DAY_MS;

/** What the date of a rule stands for: a day without a time is all of that day, in UTC. Null for what is no date. */
export function datePeriod(value: Json): Period | null {
  const first = isoDate(value);
  if (first === null) return null;
  return { first, last: (value as string).trim().length === 10 ? first + DAY_MS - 1 : first };
}

function anyDate(value: string): number | null {
  const text = value.trim();
  if (!ISO_DATE.test(text) || !isDayOfMonth(text)) return null;
  const zoned = /[T ]/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? `${text}Z` : text;
  const time = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(time) ? null : time;
}

/** A date as `toISOString` writes it; null for any other text. */
function writtenDate(text: string): number | null {
  if (text.length !== 24 || text.charCodeAt(23) !== 90 || text.charCodeAt(10) !== 84) return null;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return null;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58 || text.charCodeAt(19) !== 46) return null;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const ms = twoDigits(text, 20) * 10 + (twoDigits(text, 21) % 10);
  // What is no digit is NaN, which fails every comparison.
  const usual = year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && isDayOfMonth(text);
  if (!(usual && hour <= 23 && minute <= 59 && second <= 59 && ms >= 0)) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDayOfMonth(date: string): boolean {
  const day = Number(date.slice(8, 10));
  return (
    day <= 28 || day <= new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate()
  );
}

/** Below this many, a number is Unix seconds (until the year 5138), above it milliseconds (since March 1973). */
const SECONDS_LIMIT = 1e11;

/** Unix milliseconds of an ISO 8601 date, Unix seconds or Unix milliseconds (numeric strings too). */
export function asTime(value: Json | undefined): number | null {
  const iso = isoDate(value);
  if (iso !== null) return iso;
  const number = asNumber(value);
  if (number === null) return null;
  // Whole milliseconds, like the clock: the moment at which an answer changes must be exact.
  const time = Math.floor(Math.abs(number) < SECONDS_LIMIT ? number * 1000 : number);
  return Math.abs(time) <= 8.64e15 ? time : null;
}

/** The text of a string or number, with accents composed where that is asked for; null for other types. */
export function asText(value: Json | undefined, caseSensitive: boolean, composed = false): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (typeof value !== 'string') return null;
  const text = composed ? value.normalize('NFC') : value;
  return caseSensitive ? text : text.toLowerCase();
}

/** Whether a text may be written in several ways that look the same: é is one character, or e and an accent. */
export const hasForms = (text: string): boolean => /\P{ASCII}/u.test(text);

/** Whether there is a value. A number too large for JSON (1e999 in an event) is stored as null, and so it counts as none. */
export const isPresent = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && (typeof value !== 'number' || Number.isFinite(value));

export type Span = { days: number } | { hours: number };

/** The length of a span in whole milliseconds. */
export const spanMs = (span: Span): number =>
  Math.floor('days' in span ? span.days * DAY_MS : span.hours * 3_600_000);
