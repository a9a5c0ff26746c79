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
      const body = single
        ? only.json
        : `{"batch":[${messages.map(({ json }) => json).join(',')}],"sentAt":"${sentAt}"}`;
      try {
        const response = await fetch(`${address(region)}/${single ? 'identify' : 'batch'}`, {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
            'content-type': 'application/json',
          },
          body,
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        // Read to its end, so that the connection can be used again.
        await response.arrayBuffer();
        const verdict = verdictOf(response.status);
        return {
          verdict,
          status: response.status,
          error:
            verdict === 'taken' ? null : `Segment answered ${response.status} ${response.statusText}`.trim(),
          askedMs: verdict === 'taken' ? null : askedDelayMs(response.headers, now()),
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
