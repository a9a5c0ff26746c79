import type { Measure } from './scenario.ts';
import { asSummary } from './stats.ts';

/** Whether a measure is as expected; null where nothing was expected of it. */
export function verdictOf({ value, expected }: Measure): 'ok' | 'missed' | null {
  if (expected === undefined) return null;
  const { median, min, max } = asSummary(value);
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, always = false } = expected;
  const [low, high] = always ? [min, max] : [median, median];
  // Written so that a NaN is a miss.
  return low >= least && high <= most ? 'ok' : 'missed';
}

/** "≥ 50 %", or nothing. */
export function expectationText({ expected, unit }: Measure): string {
  if (expected === undefined) return '';
  const parts = [
    ...(expected.least === undefined ? [] : [`≥ ${show(expected.least)}`]),
    ...(expected.most === undefined ? [] : [`≤ ${show(expected.most)}`]),
  ];
  return `${parts.join(', ')} ${unit}${expected.always === true ? ', always' : ''}`;
}

/** Three significant digits, and all the digits of a large number. */
export function show(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** "12 – 34": the spread of the repetitions, or nothing where there was one. */
export function spreadText(value: Measure['value']): string {
  return typeof value === 'number' ? '' : `${show(value.min)} – ${show(value.max)}`;
}
