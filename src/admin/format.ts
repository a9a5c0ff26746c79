const numbers = new Intl.NumberFormat('en');
const moments = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** 12480 → "12,480". */
export const formatCount = (value: number): string => numbers.format(value);
/** "12,480 people", "1 person". */
export const plural = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
/** The exact local time, for hovering and details. */
export const formatMoment = (iso: string): string => moments.format(new Date(iso));
export const formatDay = (iso: string): string => days.format(new Date(iso));

const UNITS: [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
];

/** 75,000 ms → "1 min"; with `parts` 2 "1 min 15 s". */
export function formatDuration(ms: number, parts = 1): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  const words: string[] = [];
  for (const [seconds, unit] of UNITS) {
    if (words.length === parts) break;
    const n = Math.floor(rest / seconds);
    if (n === 0 && words.length === 0) continue;
    words.push(`${n} ${unit}`);
    rest -= n * seconds;
  }
  if (words.length < parts && (rest > 0 || words.length === 0)) words.push(`${rest} s`);
  return words.join(' ');
}

/** 41.3 → "41 ms", 0.21 → "0.2 ms", 2500 → "2.5 s". */
export function formatLatency(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** 1,536 → "1.5 KiB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
