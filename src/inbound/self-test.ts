import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { DomainError } from '../errors.ts';
import { LIBRARY_NAME, MESSAGE_ID_PREFIX } from '../outbound/identity.ts';
import { type SegmentSettings, validSecrets } from '../settings/service.ts';
import { normaliseEmail, type UserRecord } from '../users/user.ts';
import { type Arrival, describeHops, type Hop, type Observed } from './self-test-report.ts';
import { signatureOf } from './signature.ts';

export interface SelfTestDeps {
  /** Where Segment is told to send events. */
  webhookUrl(): string;
  /** Whether that is PUBLIC_URL; otherwise it is this machine's own address. */
  viaPublicUrl: boolean;
  settings(): SegmentSettings;
  findUser(email: string): Promise<UserRecord | null>;
  version: string;
  now(): number;
  /** Longest wait for the whole test, milliseconds. */
  timeoutMs?: number;
}

export interface SelfTestReport {
  ok: boolean;
  url: string;
  via: 'public_url' | 'loopback';
  messageId: string;
  latencyMs: number;
  hops: Hop[];
}

export interface SelfTest {
  /** Is told of every delivery, and takes note of those it has sent itself. */
  arrived(arrival: Arrival): void;
  /**
   * Sends a signed identify the way Segment would and reports every hop. It is one of our own events, which change no
   * user. Throws a DomainError without a shared secret to sign with.
   */
  run(email: string | null): Promise<SelfTestReport>;
}

const TIMEOUT_MS = 10_000;
/** Characters that proxies like to write in another way. */
const CANARY = 'é 企 "/" <&> 1.50';

export function createSelfTest(deps: SelfTestDeps): SelfTest {
  const { webhookUrl, viaPublicUrl, settings, now, timeoutMs = TIMEOUT_MS } = deps;
  const arrivals = new Map<string, Arrival | null>();

  return {
    arrived(arrival) {
      if (arrivals.size === 0) return;
      const body = Buffer.from(arrival.body);
      for (const id of arrivals.keys()) if (body.includes(id)) arrivals.set(id, arrival);
    },

    async run(email) {
      const [secret] = validSecrets(settings(), now());
      if (secret === undefined) {
        throw new DomainError(
          422,
          'shared_secret_missing',
          'There is no shared secret to sign with; set inbound.sharedSecret before',
        );
      }
      const url = reachable(new URL(webhookUrl()));
      const messageId = `${MESSAGE_ID_PREFIX}self-test-${randomUUID()}`;
      const body = JSON.stringify({
        type: 'identify',
        messageId,
        timestamp: new Date(now()).toISOString(),
        traits: email === null ? {} : { email },
        context: { library: { name: LIBRARY_NAME, version: deps.version }, test: CANARY },
      });
      const sent = { body, signature: signatureOf(body, secret.secret).toString('hex'), secret };

      arrivals.set(messageId, null);
      try {
        const startedAt = performance.now();
        const observed = await send(url, sent, AbortSignal.timeout(timeoutMs));
        const latencyMs = Math.round(performance.now() - startedAt);
        const arrival = arrivals.get(messageId) ?? null;
        const hops = describeHops({ ...observed, url, viaPublicUrl, sent, arrival, latencyMs, timeoutMs });
        if (email !== null) hops.push(await userHop(deps, email));
        return {
          ok: hops.every(({ state }) => state !== 'error'),
          url: url.href,
          via: viaPublicUrl ? 'public_url' : 'loopback',
          messageId,
          latencyMs,
          hops,
        };
      } finally {
        arrivals.delete(messageId);
      }
    },
  };
}

/** One can listen on every address of a machine at once, but not everywhere connect to that. */
function reachable(url: URL): URL {
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url;
}

/** The one call the service makes of itself. Never throws. */
async function send(
  url: URL,
  { body, signature }: { body: string; signature: string },
  signal: AbortSignal,
): Promise<Pick<Observed, 'addresses' | 'answer' | 'failure'>> {
  let addresses: string[] = [];
  try {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const found = await orAborted(lookup(host, { all: true }), signal);
    addresses = [...new Set(found.map(({ address }) => address))];
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': signature },
      body,
      redirect: 'manual',
      signal,
    });
    const location = response.headers.get('location');
    const answer = { status: response.status, reason: reasonOf(await response.text()), location };
    return { addresses, answer, failure: null };
  } catch (error) {
    const { name, code } = error as { name?: string; code?: unknown };
    const failure = name === 'TimeoutError' ? 'timeout' : typeof code === 'string' ? code : 'network error';
    return { addresses, answer: null, failure };
  }
}

function reasonOf(text: string): string | null {
  try {
    const { reason } = JSON.parse(text);
    return typeof reason === 'string' ? reason : null;
  } catch {
    return null;
  }
}

const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
  ]);

/** What an identify for this address would come to; the test itself changes nothing. */
async function userHop({ findUser, settings }: SelfTestDeps, given: string): Promise<Hop> {
  const email = normaliseEmail(given);
  if (email === null)
    return {
      hop: 'user',
      state: 'error',
      message: 'This is not an email: invalid_email would be the reason.',
    };
  if ((await findUser(email)) !== null)
    return { hop: 'user', state: 'ok', message: 'A user has this email: traits would be merged into it.' };
  return settings().inbound.createUsers
    ? { hop: 'user', state: 'ok', message: 'No user has this email: one would be created.' }
    : {
        hop: 'user',
        state: 'warning',
        message:
          'No user has this email: its events are ignored with no_match. Create the user, or switch on inbound.createUsers.',
      };
}
