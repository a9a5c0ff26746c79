import { LIBRARY_NAME, MESSAGE_ID_PREFIX } from '../outbound/identity.ts';
import { isoDate } from '../segments/operands.ts';
import { isObject, type Json, type JsonObject, put } from '../users/attributes.ts';
import type { Change, OutcomeReason } from '../users/change.ts';
import type { Patch } from '../users/patch.ts';
import { normaliseEmail, normaliseExternalId, normaliseName } from '../users/user.ts';

/** Why an event changes nothing, known from the event alone. */
export type EventReason =
  | 'invalid_event'
  | 'invalid_email'
  | 'invalid_timestamp'
  | 'no_email'
  | 'not_identify'
  | 'echo';

/** Every reason an event of an accepted request can be answered with. */
export type InboundReason = EventReason | Exclude<OutcomeReason, 'email_taken'>;

/** The same in words, with what to do where something can be done. */
export const REASON_MESSAGES: Record<InboundReason, string> = {
  applied: 'The traits were merged into the user',
  created: 'A user was created with the traits',
  unchanged: 'The user already has these traits, or newer ones',
  deleted: 'The user was deleted, as the privacy deletion asked',
  no_match:
    'No user has the email of this identify, by which alone it is matched: create the user, correct their email, or switch on "create missing users". For a deletion: no user has this userId',
  no_email: 'The event has no email, and its userId is not linked to a user; add the email to the traits',
  invalid_email: 'The email is not an address; send it as text such as "ada@example.com"',
  invalid_timestamp: 'The timestamp is not an ISO 8601 date; send it as Segment does, or leave it out',
  invalid_event: 'The event is not a JSON object with a "type"',
  not_identify: 'Only identify events carry traits; this one was acknowledged and ignored',
  echo: 'This event was sent by quackback-segment itself and was ignored',
  too_deep: 'An attribute nests too deeply; send at most 64 levels',
  too_many_attributes: 'The user would have more attributes than MAX_USER_ATTRIBUTES allows',
  user_too_large: "The user's attributes would be larger than MAX_USER_BYTES allows",
};

export interface EventOptions {
  createUsers: boolean;
  deleteUsers: boolean;
}

/** What an event asks for: a change, or the reason there is none. `now` is the clock of events without a timestamp. */
export function readEvent(event: unknown, now: number, options: EventOptions): Change | EventReason {
  if (!isObject(event) || typeof event.type !== 'string') return 'invalid_event';
  const externalId = normaliseExternalId(event.userId);
  if (event.type === 'delete' && options.deleteUsers && externalId !== null) {
    return { kind: 'delete', target: { externalId }, cause: 'event' };
  }
  if (event.type !== 'identify') return 'not_identify';
  if (isEcho(event)) return 'echo';

  const context = isObject(event.context) ? event.context : {};
  const traits = isObject(event.traits) ? event.traits : {};
  const contextTraits = isObject(context.traits) ? context.traits : {};
  const addresses = [traits.email, contextTraits.email].filter(isGiven);
  const email = addresses.map(normaliseEmail).find((address) => address !== null) ?? null;
  if (email === null && addresses.length > 0) return 'invalid_email';
  if (email === null && externalId === null) return 'no_email';

  const at = clockOfEvent(event, now);
  if (at === null) return 'invalid_timestamp';
  const attributes: JsonObject = {};
  for (const source of [contextTraits, traits]) {
    for (const key of Object.keys(source)) if (key !== 'email') put(attributes, key, source[key] as Json);
  }

  const patch: Patch = { at, attributes, seenAt: at };
  const name = nameFrom(attributes);
  if (name !== undefined) patch.name = name;
  if (email !== null && externalId !== null) patch.externalId = externalId;
  const target = email !== null ? { email } : { externalId: externalId as string };
  return { kind: 'merge', target, patch, create: options.createUsers, cause: 'event' };
}

function isEcho(event: Record<string, unknown>): boolean {
  const { messageId, context } = event;
  if (typeof messageId === 'string' && messageId.startsWith(MESSAGE_ID_PREFIX)) return true;
  const library = isObject(context) ? context.library : undefined;
  return isObject(library) && library.name === LIBRARY_NAME;
}

/** Segment sets `timestamp` on every event; other senders may leave it out, and then the next best time counts. */
export function clockOfEvent(event: Record<string, unknown>, now: number): number | null {
  for (const field of ['timestamp', 'originalTimestamp', 'receivedAt', 'sentAt']) {
    const value = event[field];
    if (isGiven(value)) return isoDate(value as Json);
  }
  return now;
}

/** The display name the traits give, null where they unset it, undefined where they say nothing of it. */
function nameFrom(traits: JsonObject): string | null | undefined {
  const own = (key: string) => (Object.hasOwn(traits, key) ? traits[key] : undefined);
  if (own('name') === null) return null;
  const parts = [own('firstName'), own('lastName')].map(normaliseName).filter((part) => part !== null);
  return normaliseName(own('name')) ?? normaliseName(parts.join(' ')) ?? undefined;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
