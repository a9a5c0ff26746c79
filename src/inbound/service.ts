import { type SegmentSettings, validSecrets } from '../settings/service.ts';
import type { Change, Writer } from '../users/change.ts';
import { Overloaded } from './batcher.ts';
import { type EventReason, type InboundReason, REASON_MESSAGES, readEvent } from './event.ts';
import { firstEventOf } from './first-event.ts';
import { decodeSignature, verifySignature } from './signature.ts';

/** Why a whole request is refused. */
export type RefusalReason =
  | 'inbound_off'
  | 'no_shared_secret'
  | 'missing_signature'
  | 'bad_signature'
  | 'first_event_signature_refused'
  | 'invalid_json'
  | 'invalid_event'
  | 'too_many_events'
  | 'too_large'
  | 'incomplete'
  | 'overloaded'
  | 'store_failed';

/** The webhook's answer: HTTP status and JSON body. */
export interface Answer {
  status: 200 | 400 | 401 | 413 | 503;
  body: {
    reason: InboundReason | RefusalReason | 'batch';
    message: string;
    results?: Partial<Record<InboundReason, number>>;
  };
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  /** For the activity, never part of the answer: how many events came, and the one that was no batch. */
  about?: { events: number; event: unknown };
  /** For the log alone: what kept the events from being stored. */
  cause?: unknown;
}

export interface InboundDeps {
  settings(): SegmentSettings;
  writer: Writer;
  now(): number;
}

/** Segment sends at most 4,000 events a batch. */
const MAX_EVENTS = 4000;

/** Takes one delivery: the raw bytes as they came and the `X-Signature` header. */
export async function receive(
  deps: InboundDeps,
  body: Uint8Array,
  signature: string | null,
): Promise<Answer> {
  const settings = deps.settings();
  const now = deps.now();
  if (!settings.inbound.enabled) return refuse('inbound_off');
  const secrets = validSecrets(settings, now);
  if (secrets.length === 0) return refuse('no_shared_secret');
  if (signature === null) return refuse('missing_signature');

  const claimed = decodeSignature(signature);
  const authentic = claimed !== null && verifySignature(body, claimed, secrets) !== null;
  if (!authentic) {
    const first = claimed === null ? null : firstEventOf(body);
    if (claimed === null || first === null || verifySignature(first, claimed, secrets) === null) {
      return refuse('bad_signature');
    }
    if (!settings.inbound.acceptFirstEventSignature) return refuse('first_event_signature_refused');
  }
  const parsed = parse(body);
  if (parsed === undefined) return refuse('invalid_json');
  const batch = Array.isArray(parsed);
  if (!batch && (typeof parsed !== 'object' || parsed === null)) return refuse('invalid_event');
  const events: unknown[] = batch ? parsed : [parsed];
  if (events.length > MAX_EVENTS) return refuse('too_many_events');

  const read = events.map((event) => readEvent(event, now, settings.inbound));
  const outcomes = await commit(deps, read);
  const about = { events: events.length, event: batch ? null : parsed };
  if (!Array.isArray(outcomes)) return { ...outcomes, about };
  if (batch) {
    const results: Partial<Record<InboundReason, number>> = {};
    for (const reason of outcomes) results[reason] = (results[reason] ?? 0) + 1;
    return { status: 200, body: { reason: 'batch', message: `${events.length} events`, results }, about };
  }
  const [reason] = outcomes;
  if (reason === undefined || reason === 'invalid_event') return refuse('invalid_event');
  return { status: 200, body: { reason, message: REASON_MESSAGES[reason] }, about };
}

const utf8 = new TextDecoder();

/** The JSON value of the body, undefined when it is none. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return undefined;
  }
}

/** Commits the changes and answers a reason for each event, or the refusal where nothing was stored. */
async function commit(
  { writer }: InboundDeps,
  read: (Change | EventReason)[],
): Promise<InboundReason[] | Answer> {
  const changes = read.filter((one) => typeof one !== 'string');
  try {
    const outcomes = (await writer.submit(changes)).values();
    return read.map((one) => {
      if (typeof one === 'string') return one;
      const { reason } = outcomes.next().value as { reason: InboundReason };
      // With a userId alone there was no email to match: say what would help.
      return reason === 'no_match' && one.kind === 'merge' && 'externalId' in one.target
        ? 'no_email'
        : reason;
    });
  } catch (error) {
    return error instanceof Overloaded ? refuse('overloaded') : { ...refuse('store_failed'), cause: error };
  }
}

const REFUSALS: Record<RefusalReason, Omit<Answer, 'body'> & { message: string }> = {
  inbound_off: {
    status: 503,
    retryAfter: 300,
    message:
      'Receiving from Segment is switched off; switch it on in the settings, Segment keeps the event and retries',
  },
  no_shared_secret: {
    status: 503,
    retryAfter: 60,
    message: 'No shared secret is set yet; set one in the settings, Segment keeps the event and retries',
  },
  missing_signature: {
    status: 401,
    message:
      "The request has no X-Signature header; enter the shared secret in Segment's destination settings",
  },
  bad_signature: {
    status: 401,
    message:
      'X-Signature is not the HMAC-SHA1 of this body; check that both sides have the same shared secret',
  },
  first_event_signature_refused: {
    status: 401,
    message:
      'The signature covers only the first event of the batch, so the rest is unauthenticated; switch batching off in Segment, or accept first-event signatures in the settings',
  },
  invalid_json: { status: 400, message: 'The body is not JSON' },
  invalid_event: { status: 400, message: 'The body is not an event: a JSON object with a "type"' },
  too_many_events: { status: 400, message: `A batch holds at most ${MAX_EVENTS} events; send smaller ones` },
  too_large: {
    status: 413,
    message: 'The body is larger than MAX_BODY_BYTES allows; lower the batch size in Segment',
  },
  incomplete: { status: 400, message: 'The connection ended before the whole body arrived' },
  overloaded: {
    status: 503,
    retryAfter: 2,
    message: 'Too many events are waiting to be stored; send this one again',
  },
  store_failed: { status: 503, retryAfter: 10, message: 'The event could not be stored; send it again' },
};

/** The answer to a request that is refused whole. */
export function refuse(reason: RefusalReason): Answer {
  const { message, ...answer } = REFUSALS[reason];
  return { ...answer, body: { reason, message } };
}

/** What a reason means and what to do, for whoever looks into the activity. */
export function messageOf(reason: string): string {
  if (reason === 'batch') return 'A batch; its events are counted by reason';
  if (Object.hasOwn(REFUSALS, reason)) return REFUSALS[reason as RefusalReason].message;
  return Object.hasOwn(REASON_MESSAGES, reason) ? REASON_MESSAGES[reason as InboundReason] : reason;
}

/** Every reason a delivery can end with, and the HTTP status it is answered with. */
export const statusByReason = (): Map<string, number> =>
  new Map([
    ['batch', 200],
    ...Object.keys(REASON_MESSAGES).map((reason): [string, number] => [reason, 200]),
    ...Object.entries(REFUSALS).map(([reason, { status }]): [string, number] => [reason, status]),
  ]);
