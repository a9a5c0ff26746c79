import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { asNumber, asText, asTime, isoDate, type Span, spanMs } from '../../src/segments/operands.ts';
import type { Json } from '../../src/users/attributes.ts';

/** Values that mean no number, no date and no text to any operand. */
const NOTHING: (Json | undefined)[] = [undefined, null, true, false, [], [1], {}, { a: 1 }];
const JAN = Date.UTC(2026, 0, 31);

describe('as a number', () => {
  test.each<[Json, number]>([
    [42, 42],
    [-0.5, -0.5],
    ['42', 42],
    ['-0.5', -0.5],
    ['+7', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1.5E-2', 0.015],
    [' 42\n', 42],
    ['007', 7],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('%j is %d', (value, number) => {
    expect(asNumber(value)).toBe(number);
  });
  test('and everything else is none', () => {
    const others: (Json | undefined)[] = [
      ...NOTHING,
      '',
      ' ',
      'abc',
      '1,000',
      '1 000',
      '0x10',
      '0b1',
      '1_000',
      'Infinity',
      '-Infinity',
      'NaN',
      '1e',
      '.',
      '1e999',
      '--1',
      '１',
      '2026-01-31',
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ];
    for (const value of others) expect([value, asNumber(value)]).toEqual([value, null]);
  });
});

describe('as an ISO date', () => {
  test('written as JavaScript writes it, is what JavaScript reads, and one digit astray is no date or another one', () => {
    const digits = [...'0123456789'];
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        fc.nat(22),
        fc.constantFrom(...digits),
        (date, at, digit) => {
          const text = date.toISOString();
          expect(isoDate(text)).toBe(date.getTime());
          const astray = text.slice(0, at) + digit + text.slice(at + 1);
          const read = Date.parse(astray);
          // JavaScript reads a day that its month does not have as one of the next month.
          const real = !Number.isNaN(read) && new Date(read).getUTCDate() === Number(astray.slice(8, 10));
          expect([astray, isoDate(astray)]).toEqual([astray, real ? read : null]);
        },
      ),
    );
  });

  test.each<[string, number]>([
    ['2026-01-31', JAN],
    ['2026-01-31T00:00:00Z', JAN],
    ['2026-01-31T00:00:00', JAN],
    ['2026-01-31 00:00:00', JAN],
    ['2026-01-31T00:00', JAN],
    ['2026-01-31T00:00:00.000Z', JAN],
    ['2026-01-31T02:00:00+02:00', JAN],
    ['2026-01-31T02:00:00+0200', JAN],
    ['2026-01-30 18:30:00-05:30', JAN],
    ['2026-01-31t00:00:00z', JAN],
    [' 2026-01-31 ', JAN],
    ['2026-01-31T00:00:00.5Z', JAN + 500],
    ['2026-01-31T00:00:00.123456789Z', JAN + 123],
    ['1969-12-31T23:59:59Z', -1000],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ])('%s', (text, time) => {
    expect(isoDate(text)).toBe(time);
    expect(asTime(text)).toBe(time);
  });
  test('and everything else is none', () => {
    const others: (Json | undefined)[] = [
      ...NOTHING,
      0,
      JAN,
      '',
      '2026',
      '2026-01',
      '2026-1-31',
      '26-01-31',
      '31.01.2026',
      '01/31/2026',
      '2026-13-01',
      '2026-01-32',
      '2026-01-31T25:00:00Z',
      '2026-01-31T',
      '2026-01-31Z',
      '2026-01-31T00Z',
      'yesterday',
      'now',
      'Jan 31, 2026',
      `${JAN}`,
      '+020260-01-31T00:00:00Z',
      '2026-01-31T00:00:00.1234567890Z',
      '2026-01-31T00:00:00 Z',
    ];
    for (const value of others) expect([value, isoDate(value)]).toEqual([value, null]);
  });
  test('every moment, written as JavaScript does, is that moment', () => {
    const date = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (moment) => {
        expect(isoDate(moment.toISOString())).toBe(moment.getTime());
      }),
    );
  });
});

describe('as a time', () => {
  test.each<[string, Json, number]>([
    ['seconds', JAN / 1000, JAN],
    ['milliseconds', JAN, JAN],
    ['seconds as text', `${JAN / 1000}`, JAN],
    ['milliseconds as text', `${JAN}`, JAN],
    ['the epoch', 0, 0],
    ['seconds before the epoch', -1, -1000],
    ['the last second', 1e11 - 1, (1e11 - 1) * 1000],
    ['the first millisecond', 1e11, 1e11],
    ['parts of a second', JAN / 1000 + 0.25, JAN + 250],
    ['parts of a millisecond count down to a whole one', JAN + 0.75, JAN],
  ])('a number of %s', (_name, value, time) => {
    expect(asTime(value)).toBe(time);
  });
  test('and everything else is none', () => {
    const others = [...NOTHING, '', 'soon', 1e17, -1e17, 8.64e15 + 1, Number.POSITIVE_INFINITY];
    for (const value of others) expect([value, asTime(value)]).toEqual([value, null]);
  });
  test('is always a whole number of milliseconds that a date can hold', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ noNaN: true }), fc.double({ min: -1e13, max: 1e13, noNaN: true })),
        (value) => {
          const time = asTime(value);
          fc.pre(time !== null);
          expect(Number.isInteger(time)).toBe(true);
          expect(Number.isNaN(new Date(time as number).getTime())).toBe(false);
        },
      ),
    );
  });
});

test.each<[Json, string]>([
  ['Text', 'text'],
  ['ÄÖÜ', 'äöü'],
  ['', ''],
  [42, '42'],
  [0.1, '0.1'],
])('%j as text is %j', (value, text) => {
  expect(asText(value, false)).toBe(text);
  expect(asText(value, true)).toBe(String(value));
});
test('other values are no text', () => {
  for (const value of [...NOTHING, Number.POSITIVE_INFINITY]) {
    expect([value, asText(value, false), asText(value, true)]).toEqual([value, null, null]);
  }
});

test.each<[Span, number]>([
  [{ days: 1 }, 86_400_000],
  [{ hours: 1 }, 3_600_000],
  [{ days: 0.5 }, 43_200_000],
  [{ hours: 1e-7 }, 0],
  [{ days: 36_525 }, 3_155_760_000_000],
])('%j in milliseconds', (span, ms) => {
  expect(spanMs(span)).toBe(ms);
});
