import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { askedDelayMs, backoffMs, verdictOf } from '../../src/outbound/retry.ts';

const VERDICTS = {
  taken: [200, 201, 202, 204],
  refused: [400, 413, 422],
  unauthorised: [401, 403],
  retry: [301, 302, 307, 308, 404, 405, 408, 410, 415, 423, 425, 429, 460, 500, 501, 502, 503, 504, 505, 599],
} as const;
test.each(Object.entries(VERDICTS))('%s', (verdict, statuses) => {
  const verdicts = statuses.map((status) => `${status} ${verdictOf(status)}`);
  expect(verdicts).toEqual(statuses.map((status) => `${status} ${verdict}`));
});

test('a status nobody has thought of is never success and never gives a change up', () => {
  const known: number[] = Object.values(VERDICTS).flat();
  const unknown = fc
    .integer({ min: 100, max: 999 })
    .filter((s) => (s < 200 || s > 299) && !known.includes(s));
  fc.assert(fc.property(unknown, (status) => verdictOf(status) === 'retry'));
});

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const failures = fc.integer({ min: 1, max: 100_000 });

test('backoff stays within half a second doubling up to a minute', () => {
  fc.assert(
    fc.property(failures, random, (failed, chance) => {
      const wait = backoffMs(failed, null, chance);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(Math.min(60_000, 500 * 2 ** (failed - 1)));
      expect(Number.isInteger(wait)).toBe(true);
    }),
  );
});

test('jitter is full: the whole range is used, and its ceiling grows to the cap', () => {
  const highest = [1, 2, 3, 7, 8, 1000].map((failed) => backoffMs(failed, null, 0.999_999_9));
  expect(highest).toEqual([500, 1000, 2000, 32_000, 60_000, 60_000]);
  expect(backoffMs(1000, null, 0)).toBe(0);
  expect(backoffMs(1000, null, 0.5)).toBe(30_000);
});

test('never earlier than the server asks, and never later than an hour because of it', () => {
  fc.assert(
    fc.property(failures, random, fc.nat({ max: 10 ** 12 }), (failed, chance, asked) => {
      const wait = backoffMs(failed, asked, chance);
      expect(wait).toBeGreaterThanOrEqual(Math.min(asked, 3_600_000));
      expect(wait).toBe(Math.max(backoffMs(failed, null, chance), Math.min(asked, 3_600_000)));
    }),
  );
});

const NOW = Date.parse('2026-06-01T12:00:00Z');
const ASKED: [name: string, headers: Record<string, string>, asked: number | null][] = [
  ['nothing', {}, null],
  ['seconds', { 'retry-after': '30' }, 30_000],
  ['zero seconds', { 'retry-after': '0' }, 0],
  ['parts of a second, rounded up', { 'retry-after': '1.0001' }, 1001],
  ['white space around seconds', { 'retry-after': ' 7 ' }, 7000],
  ['a date', { 'retry-after': 'Mon, 01 Jun 2026 12:00:45 GMT' }, 45_000],
  ['a date gone by', { 'retry-after': 'Mon, 01 Jun 2026 11:00:00 GMT' }, 0],
  ['a negative number', { 'retry-after': '-5' }, null],
  ['a signed number', { 'retry-after': '+5' }, null],
  ['numbers that only look like a date', { 'retry-after': '1,5' }, null],
  ['garbage', { 'retry-after': 'soon' }, null],
  ['hexadecimal', { 'retry-after': '0x10' }, null],
  ['an exponent', { 'retry-after': '1e3' }, null],
  ['an empty value', { 'retry-after': '' }, null],
  ['the reset of the rate limit, in seconds', { 'x-ratelimit-reset': '12' }, 12_000],
  ['the reset as a moment', { 'x-ratelimit-reset': `${NOW / 1000 + 12}` }, 12_000],
  ['the reset as a moment that is over', { 'x-ratelimit-reset': `${NOW / 1000 - 12}` }, 0],
  ['both: Retry-After counts', { 'retry-after': '30', 'x-ratelimit-reset': '12' }, 30_000],
  ['garbage, then the reset', { 'retry-after': 'soon', 'x-ratelimit-reset': '12' }, 12_000],
  ['a negative number, then the reset', { 'retry-after': '-5', 'x-ratelimit-reset': '12' }, 12_000],
];
test.each(ASKED)('Retry-After: %s', (_name, headers, asked) => {
  expect(askedDelayMs(new Headers(headers), NOW)).toBe(asked);
});

test('whatever a server sends, the wait is a number of milliseconds or none', () => {
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789-+.,: eGMT') }),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(value, (text) => {
      const asked = askedDelayMs(new Headers({ 'retry-after': text }), NOW);
      if (asked !== null) {
        expect(asked).toBeGreaterThanOrEqual(0);
        expect(Number.isNaN(asked)).toBe(false);
        expect(Number.isFinite(backoffMs(1, asked, 0))).toBe(true);
      }
    }),
  );
});
