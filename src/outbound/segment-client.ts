import { wordsOf } from './answer.ts';
import type { Message } from './message.ts';
import { askedDelayMs, type Verdict, verdictOf } from './retry.ts';

/** Segment's Tracking API of each region (Segment's documentation, "HTTP API Source"). */
const REGION_URLS = { us: 'https://api.segment.io/v1', eu: 'https://events.eu1.segmentapis.com/v1' };

/** Longest wait for an answer, milliseconds: what Segment's own SDK uses. */
const TIMEOUT_MS = 10_000;

export interface Destination {
  writeKey: string;
  region: 'us' | 'eu';
}

export interface CallResult {
  verdict: Verdict;
  /** HTTP status; null where no answer came. */
  status: number | null;
  /** What went wrong, in words without secrets; null where nothing did. */
  error: string | null;
  /** How long the server asks to wait, milliseconds. */
  askedMs: number | null;
}

export interface SegmentClient {
  /** The address calls of a region go to, without a slash at the end. */
  address(region: Destination['region']): string;
  /** Sends one message to /identify, several to /batch. Never throws. */
  send(messages: readonly Message[], destination: Destination, signal: AbortSignal): Promise<CallResult>;
}

/** The only part of the service that calls Segment. `apiUrl` overrides the region's address. */
export function createSegmentClient(apiUrl: string | undefined, now: () => number): SegmentClient {
  const address = (region: Destination['region']) => (apiUrl ?? REGION_URLS[region]).replace(/\/+$/, '');
  return {
    address,
    async send(messages, { writeKey, region }, signal) {
      const [only] = messages;
      const single = messages.length === 1 && only !== undefined;
      const sentAt = new Date(now()).toISOString();
      const credentials = Buffer.from(`${writeKey}:`).toString('base64');
      const body = single
        ? only.json
        : `{"batch":[${messages.map(({ json }) => json).join(',')}],"sentAt":"${sentAt}"}`;
      try {
        const response = await fetch(`${address(region)}/${single ? 'identify' : 'batch'}`, {
          method: 'POST',
          headers: {
            authorization: `Basic ${credentials}`,
            'content-type': 'application/json',
          },
          body,
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        const said = await wordsOf(response, [writeKey, credentials]);
        const { status, statusText, headers } = response;
        const verdict = verdictOf(status);
        if (verdict === 'taken') return { verdict, status, error: null, askedMs: null };
        // A server's own trouble is told by its status; a refusal of what was sent has to be explained.
        const reason = status >= 400 && status < 500 && said !== '' ? `: ${said}` : '';
        return {
          verdict,
          status,
          error: `Segment answered ${status} ${statusText}`.trim() + reason,
          askedMs: askedDelayMs(headers, now()),
        };
      } catch (error) {
        const timedOut = error instanceof Error && error.name === 'TimeoutError';
        const reason = timedOut
          ? `no answer within ${TIMEOUT_MS / 1000} s`
          : ((error as { code?: string }).code ?? 'network error');
        return {
          verdict: 'retry',
          status: null,
          error: `Segment could not be reached: ${reason}`,
          askedMs: null,
        };
      }
    },
  };
}

/** How an address of Segment's API answers, whoever asks. */
export interface Reachability {
  /** An error code such as ENOTFOUND or CERT_HAS_EXPIRED, or "timeout"; null where there is an answer. */
  failure: string | null;
  latencyMs: number;
  /** How far this machine's clock is ahead of Segment's, milliseconds, to about a second; null where that is not told. */
  clockAheadMs: number | null;
}

/** Finds out whether an address can be reached, without sending anything. Never throws. */
export async function reach(address: string, now: () => number): Promise<Reachability> {
  const startedAt = now();
  try {
    const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const endedAt = now();
    await response.arrayBuffer();
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header has whole seconds, so half a second later is the likeliest moment.
    const clockAheadMs = Number.isNaN(date) ? null : (startedAt + endedAt) / 2 - (date + 500);
    return { failure: null, latencyMs: endedAt - startedAt, clockAheadMs };
  } catch (error) {
    const { name, code } = error as { name?: string; code?: unknown };
    const failure = name === 'TimeoutError' ? 'timeout' : typeof code === 'string' ? code : 'network error';
    return { failure, latencyMs: now() - startedAt, clockAheadMs: null };
  }
}
