/** First and longest delay of the exponential backoff, milliseconds: what Segment's own SDK uses. */
const BASE_MS = 500;
const CAP_MS = 60_000;
/** A server may ask for longer than our cap, but not for ever. */
const MAX_ASKED_MS = 3_600_000;

/** What an answer of Segment's API means for the events that were sent. */
export type Verdict = 'taken' | 'refused' | 'unauthorised' | 'retry';

/**
 * Reads an HTTP status. 400, 413 and 422 are about the events themselves; 401 and 403 about the write key; everything
 * else, redirects and 404 of a wrong address included, is worth another try: nothing is ever given up.
 */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'taken';
  if (status === 400 || status === 413 || status === 422) return 'refused';
  if (status === 401 || status === 403) return 'unauthorised';
  return 'retry';
}

/**
 * Milliseconds to wait after the `failures`th failure in a row: exponential with full jitter, and never less than
 * what the server asked for. `random` is in [0, 1).
 */
export function backoffMs(failures: number, askedMs: number | null, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(Math.round(random * ceiling), Math.min(askedMs ?? 0, MAX_ASKED_MS));
}

/** From here on a number of seconds is no span but a moment: 31 years after 1970. */
const MOMENT_S = 1e9;

/**
 * Milliseconds the server asks to wait: `Retry-After` (seconds or a date), else `X-RateLimit-Reset` (seconds from now, or
 * the Unix time of something in between).
 */
export function askedDelayMs(headers: Headers, now: number): number | null {
  for (const name of ['retry-after', 'x-ratelimit-reset']) {
    const value = headers.get(name)?.trim();
    if (value === undefined || value === '') continue;
    if (/^\d+(\.\d+)?$/.test(value)) {
      const ms = Math.ceil(Number(value) * 1000);
      return Number(value) < MOMENT_S ? ms : Math.max(0, ms - now);
    }
    // An HTTP date starts with the day of the week; Date.parse alone would take "-5" for a day in May.
    const date = /^[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(date)) return Math.max(0, date - now);
  }
  return null;
}
