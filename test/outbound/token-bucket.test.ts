import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createTokenBucket } from '../../src/outbound/token-bucket.ts';

const START = 1_780_000_000_000;

test('starts with one second worth and refills evenly', () => {
  const bucket = createTokenBucket();
  const taken = [0, 0, 50, 50, 99, 1099, 1099, 60_000].map((ms) => bucket.take(1000, 100, START + ms));
  expect(taken).toEqual([100, 0, 5, 0, 4, 100, 0, 100]);
});

test('what was given back can be taken again, but never fills it above one second', () => {
  const bucket = createTokenBucket();
  expect(bucket.take(100, 100, START)).toBe(100);
  bucket.giveBack(40);
  expect(bucket.take(100, 100, START)).toBe(40);
  bucket.giveBack(1_000_000);
  expect(bucket.take(1_000_000, 100, START)).toBe(100);
});

test('without a limit everything passes, and a limit set later holds at once', () => {
  const bucket = createTokenBucket();
  expect(bucket.take(2000, null, START)).toBe(2000);
  bucket.giveBack(2000);
  expect(bucket.take(2000, 10, START)).toBe(10);
  expect(bucket.take(2000, 10, START)).toBe(0);
});

test('fractions of a token add up instead of being lost', () => {
  const bucket = createTokenBucket();
  bucket.take(1, 1, START);
  let taken = 0;
  for (let ms = 1; ms <= 10_000; ms++) taken += bucket.take(1, 1, START + ms);
  expect(taken).toBeGreaterThanOrEqual(9);
  expect(taken).toBeLessThanOrEqual(10);
});

const step = fc.record({
  wait: fc.integer({ min: -500, max: 3000 }),
  wanted: fc.integer({ min: 1, max: 3000 }),
  unusedShare: fc.double({ min: 0, max: 1, noNaN: true }),
});
test('no window of time ever sees more than its rate and one second worth', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(step, { minLength: 1, maxLength: 60 }),
      (rate, steps) => {
        const bucket = createTokenBucket();
        const used: { at: number; n: number }[] = [];
        let now = START;
        let elapsed = 0;
        for (const { wait, wanted, unusedShare } of steps) {
          // A clock set back earns nothing.
          now += wait;
          elapsed += Math.max(0, wait);
          const taken = bucket.take(wanted, rate, now);
          expect(taken).toBeGreaterThanOrEqual(0);
          expect(taken).toBeLessThanOrEqual(wanted);
          const unused = Math.floor(taken * unusedShare);
          bucket.giveBack(unused);
          used.push({ at: elapsed, n: taken - unused });
        }
        used.forEach((first, i) => {
          let sum = 0;
          for (const { at, n } of used.slice(i)) {
            sum += n;
            expect(sum).toBeLessThanOrEqual(rate + ((at - first.at) * rate) / 1000 + 1e-6);
          }
        });
      },
    ),
  );
});
