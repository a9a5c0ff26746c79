import { createHash } from 'node:crypto';
import type { Level, Telling } from '../store/store.ts';
import { LIBRARY_NAME, MESSAGE_ID_PREFIX } from './identity.ts';

/** Segment takes 32 KB an event, 500 KB and 2,500 events a batch; these stay below with a margin. */
const MAX_EVENT_BYTES = 30_000;
const MAX_BATCH_BYTES = 450_000;
export const MAX_BATCH_EVENTS = 2000;

/** One identify call, ready to send, and the levels it carries. */
export interface Message {
  /** The event as JSON. */
  json: string;
  bytes: number;
  levels: Level[];
}

/** What makes messages of this installation and version recognisable. */
export interface Sender {
  /** Random, made with the database: the same ids in another database are other messages. */
  instance: string;
  version: string;
}

/** The identify calls for one outbound id: one, or as many as its traits need to stay within Segment's event size. */
export function messagesFor({ outboundId, levels }: Telling, sender: Sender): Message[] {
  // The last level of a key is the one that holds, as it would be at Segment.
  const latest = [...new Map(levels.map((level) => [level.traitKey, level])).values()];
  const message = build(outboundId, latest, levels, sender);
  if (message.bytes <= MAX_EVENT_BYTES || latest.length === 1) return [message];
  const half = Math.ceil(latest.length / 2);
  const halves = [latest.slice(0, half), latest.slice(half)];
  return halves.flatMap((part) => messagesFor({ outboundId, levels: part }, sender));
}

function build(outboundId: string, latest: Level[], levels: Level[], { instance, version }: Sender): Message {
  const changedAt = Math.max(...latest.map((level) => level.changedAt));
  const json = JSON.stringify({
    type: 'identify',
    userId: outboundId,
    traits: Object.fromEntries(latest.map(({ traitKey, value }) => [traitKey, value])),
    messageId: messageId(outboundId, latest, instance),
    timestamp: new Date(changedAt).toISOString(),
    context: { active: false, library: { name: LIBRARY_NAME, version } },
  });
  return { json, bytes: Buffer.byteLength(json), levels };
}

/** The same for the same changes, so that Segment can drop one that is sent twice; another for any other change. */
function messageId(outboundId: string, levels: Level[], instance: string): string {
  const parts = levels.map(({ traitKey, value, changedAt, ...level }) => {
    const row = level.kind === 'membership' ? [level.userId, level.segmentId, level.version] : [level.id];
    return JSON.stringify([level.kind, ...row, traitKey, value, changedAt]);
  });
  const hash = createHash('sha256').update([instance, outboundId, ...parts.sort()].join('\n'));
  return `${MESSAGE_ID_PREFIX}${hash.digest('base64url').slice(0, 32)}`;
}

/** Splits messages, in order, into calls that stay within Segment's batch limits. */
export function intoCalls(messages: readonly Message[]): Message[][] {
  const calls: Message[][] = [];
  let call: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (
      call.length > 0 &&
      (bytes + message.bytes + 1 > MAX_BATCH_BYTES || call.length === MAX_BATCH_EVENTS)
    ) {
      calls.push(call);
      call = [];
      bytes = 0;
    }
    call.push(message);
    bytes += message.bytes + 1;
  }
  if (call.length > 0) calls.push(call);
  return calls;
}
