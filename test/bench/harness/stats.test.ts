import { expect, test } from 'bun:test';
import { quantile, summary } from './stats.ts';

test.each([
  [[5], { median: 5, min: 5, max: 5 }],
  [[3, 1], { median: 2, min: 1, max: 3 }],
  [[9, 1, 4], { median: 4, min: 1, max: 9 }],
  [[10, 2, 4, 100], { median: 7, min: 2, max: 100 }],
])('the median and spread of %p', (values, expected) => {
  expect(summary(values)).toEqual(expected);
});

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
test.each([
  [0, 1],
  [0.5, 51],
  [0.99, 100],
  [1, 100],
])('the quantile %p of 1 to 100', (q, expected) => {
  expect(quantile(hundred, q)).toBe(expected);
});
