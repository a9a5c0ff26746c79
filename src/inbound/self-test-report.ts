import { diagnose } from './diagnose.ts';
import { messageOf } from './service.ts';

/** A delivery as it came to the webhook, and what was answered. */
export interface Arrival {
  body: Uint8Array;
  signature: string | null;
  reason: string;
}

/** Everything that was seen of one self-test. */
export interface Observed {
  url: URL;
  viaPublicUrl: boolean;
  sent: { body: string; signature: string; secret: { secret: string; expiresAt: number | null } };
  /** Of the name in the address; empty where it has none. */
  addresses: string[];
  answer: { status: number; reason: string | null; location: string | null } | null;
  /** An error code, or "timeout"; null where there is an answer. */
  failure: string | null;
  arrival: Arrival | null;
  latencyMs: number;
  timeoutMs: number;
}

export const HOPS = [
  'address',
  'connection',
  'tls',
  'answer',
  'body',
  'signature',
  'outcome',
  'user',
] as const;
/** One stretch of the way from Segment to the users, and how it went. */
export interface Hop {
  hop: (typeof HOPS)[number];
  state: 'ok' | 'warning' | 'error' | 'skipped';
  message: string;
}

/** Segment gives up waiting after so long, milliseconds. */
const SEGMENT_WAITS_MS = 5000;

/** Says of every hop how it went; after one that failed for good, the later ones are skipped. */
export function describeHops(observed: Observed): Hop[] {
  const hops: Hop[] = [];
  for (const [hop, describe] of STEPS) {
    const broken = observed.arrival === null && hops.some(({ state }) => state === 'error');
    hops.push({ hop, ...(broken ? NOT_REACHED : describe(observed)) });
  }
  return hops;
}

type Finding = Omit<Hop, 'hop'>;
const ok = (message: string): Finding => ({ state: 'ok', message });
const warning = (message: string): Finding => ({ state: 'warning', message });
const error = (message: string): Finding => ({ state: 'error', message });
const NOT_REACHED: Finding = { state: 'skipped', message: 'Not reached.' };

const STEPS: [Hop['hop'], (observed: Observed) => Finding][] = [
  ['address', ofAddress],
  ['connection', ofConnection],
  ['tls', ofTls],
  ['answer', ofAnswer],
  ['body', ofBody],
  ['signature', ofSignature],
  ['outcome', ofOutcome],
];

function ofAddress({ url, addresses, failure }: Observed): Finding {
  if (addresses.length > 0) return ok(`${url.hostname} is ${addresses.join(', ')}.`);
  return error(
    `${url.hostname} has no address (${failure}): correct PUBLIC_URL, or the entry in the DNS this machine asks.`,
  );
}

function ofConnection({ url, failure, arrival, timeoutMs }: Observed): Finding {
  if (failure === null || isTlsFailure(failure, url) || arrival !== null) return ok(`${url.host} answers.`);
  if (failure === 'timeout')
    return error(
      `${url.host} did not answer within ${timeoutMs / 1000} s: a firewall may be dropping packets, or the proxy there can't reach this service.`,
    );
  if (failure === 'ECONNREFUSED')
    return error(`Nothing listens at ${url.host}: start the proxy there, or correct PUBLIC_URL.`);
  return error(
    `The connection to ${url.host} broke (${failure}): see the log of the proxy there. Some networks can't reach their own public address from inside; then try from outside.`,
  );
}

function ofTls({ url, failure, viaPublicUrl }: Observed): Finding {
  if (url.protocol === 'http:') {
    return viaPublicUrl
      ? warning(
          'PUBLIC_URL begins with http://, so events travel in the clear: put a proxy with TLS in front.',
        )
      : {
          state: 'skipped',
          message: 'Not used on this machine; set PUBLIC_URL to test the way Segment takes.',
        };
  }
  if (failure === 'EPROTO')
    return error(`${url.host} does not speak TLS: enable it there, or correct PUBLIC_URL.`);
  if (failure !== null && isTlsFailure(failure, url))
    return error(
      `The certificate of ${url.host} is not trusted (${failure}): Segment refuses it, too. Install one that is valid for this name, with its chain.`,
    );
  return ok('The certificate is trusted.');
}

/** Error codes of TLS: those of certificates name what is wrong with them. */
const isTlsFailure = (code: string, { protocol }: URL): boolean =>
  protocol === 'https:' && /CERT|ISSUER|SIGNATURE|_TLS_|_SSL_|EPROTO/.test(code);

function ofAnswer({ answer, failure, latencyMs, arrival }: Observed): Finding {
  if (answer === null)
    return error(
      `The request arrived, but its answer did not come back (${failure}): see the log of the proxy.`,
    );
  const { status, reason, location } = answer;
  if (status >= 300 && status < 400)
    return error(
      `${status}, a redirect to ${location ?? 'nowhere'}: Segment does not follow it. Set PUBLIC_URL, and the address in Segment, to where it leads.`,
    );
  if (reason === null)
    return error(
      `${status}, and not from this service: something in between answers in its place, or does not route ${status === 404 ? 'this path' : 'here'}.`,
    );
  if (status >= 400) return error(`${status} ${reason}: ${messageOf(reason)}.`);
  const slow = latencyMs > SEGMENT_WAITS_MS ? ', and Segment gives up after 5 s' : '';
  if (slow !== '') return warning(`${status} after ${latencyMs} ms${slow}.`);
  return arrival === null
    ? warning(`${status} ${reason}, but from another copy of the service: this one has not seen the request.`)
    : ok(`${status} after ${latencyMs} ms.`);
}

function ofBody({ sent, arrival }: Observed): Finding {
  if (arrival === null) return NOT_REACHED;
  if (Buffer.from(sent.body).equals(arrival.body)) return ok('It arrived as it was sent, byte for byte.');
  const { message } = diagnose({
    body: arrival.body,
    complete: true,
    signature: sent.signature,
    secrets: [sent.secret],
    acceptFirstEventSignature: false,
    now: 0,
  });
  return error(`It was changed on the way. ${message}`);
}

function ofSignature({ sent, arrival }: Observed): Finding {
  if (arrival === null) return NOT_REACHED;
  if (arrival.signature === sent.signature) return ok('X-Signature arrived as it was sent.');
  return arrival.signature === null
    ? error('X-Signature was removed on the way: have the proxy pass this header on.')
    : error('X-Signature was changed on the way: have the proxy pass this header on as it is.');
}

function ofOutcome({ arrival }: Observed): Finding {
  if (arrival === null) return NOT_REACHED;
  return arrival.reason === 'echo'
    ? ok('echo: the signature was right, and the event was recognised as a test that changes no user.')
    : error(`${arrival.reason}: ${messageOf(arrival.reason)}.`);
}
