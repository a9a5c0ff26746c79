import type { Delivery } from '../activity/activity.ts';
import { isObject } from '../users/attributes.ts';
import { clockOfEvent } from './event.ts';
import type { Answer } from './service.ts';

/** Most bytes kept of the body of a rejected delivery. */
const MAX_KEPT_BODY = 16 * 1024;
/** Longest text kept of an event's type, id or user. */
const MAX_TEXT = 320;

export interface Arrival {
  at: number;
  latencyMs: number;
  /** Null where the body was not read to its end. */
  body: Uint8Array | null;
  signature: string | null;
  /** Whether bodies of rejected deliveries are kept. */
  keepBodies: boolean;
}

/** What the activity says of a delivery. */
export function describeDelivery({ status, body: answer, about }: Answer, arrival: Arrival): Delivery {
  const rejected = status >= 400 && status < 500;
  const text = rejected && arrival.body !== null && arrival.keepBodies ? kept(arrival.body) : null;
  const batch = about !== undefined && about.event === null;
  const event = batch ? null : (about?.event ?? parsed(text));
  return {
    at: arrival.at,
    reason: answer.reason,
    events: about?.events ?? 1,
    results: answer.results ?? null,
    eventType: batch ? 'batch' : textOf(event, 'type'),
    messageId: textOf(event, 'messageId'),
    user: emailOf(event) ?? textOf(event, 'userId'),
    eventAt: sentAt(event, arrival.at),
    latencyMs: Math.round(arrival.latencyMs * 1000) / 1000,
    signature: text === null ? null : (arrival.signature?.slice(0, MAX_TEXT) ?? null),
    body: text,
  };
}

/** What an event says it sets has this clock, unless it comes from the future: then the time of its arrival counts. */
function sentAt(event: unknown, arrivedAt: number): number | null {
  const at = isObject(event) ? clockOfEvent(event, arrivedAt) : null;
  return at === null || at >= arrivedAt ? null : at;
}

/** Its byte order mark is kept, because the signature covers it. */
const kept = (body: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(0, MAX_KEPT_BODY));

/** Whether a body that was kept is surely the whole of what came, byte for byte. */
export const isWhole = (body: string): boolean =>
  Buffer.byteLength(body) < MAX_KEPT_BODY && !body.includes('\ufffd');

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return null;
  }
}

function textOf(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === 'string' || typeof found === 'number' ? String(found).slice(0, MAX_TEXT) : null;
}

function emailOf(event: unknown): string | null {
  const { traits, context } = (event ?? {}) as { traits?: unknown; context?: { traits?: unknown } | null };
  return textOf(traits, 'email') ?? textOf(context?.traits, 'email');
}
