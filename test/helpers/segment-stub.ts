import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for Segment's Tracking API that enforces its documented limits and can be told to fail. */

export interface ReceivedEvent {
  type: string;
  userId: string;
  traits: Record<string, unknown>;
  messageId: string;
  timestamp: string;
  context: { active: boolean; library: { name: string; version: string } };
}
export interface ReceivedCall {
  path: string;
  authorization: string | null;
  bytes: number;
  events: ReceivedEvent[];
  /** What the stand-in answered; 0 where no answer was sent at all. */
  status: number;
  /** Whether the events count: an answer of 200 alone does not say so, and a lost answer does not deny it. */
  taken: boolean;
}
/**
 * An answer in place of the ordinary one. 'hang' never answers, 'cut' breaks the connection before anything is taken,
 * 'drop' takes the events and loses the answer.
 */
export type Fault = { status: number; headers?: Record<string, string> } | 'hang' | 'cut' | 'drop';
/** Decides on a fault by the events of a call; null answers as usual. A promise keeps the caller waiting. */
export type Decide = (events: ReceivedEvent[], path: string) => Fault | null | Promise<Fault | null>;

export interface SegmentStub {
  /** For SEGMENT_API_URL. */
  url: string;
  calls: ReceivedCall[];
  /** The events of all calls that were taken, in order, duplicates included. */
  accepted(): ReceivedEvent[];
  /** What Segment would hold in the source of a write key: the last value of each trait by user id. */
  profiles(writeKey?: string): Map<string, Record<string, unknown>>;
  /** Makes another write key valid: another source, with profiles of its own. */
  accept(writeKey: string): void;
  failWith(decide: Decide): void;
  /** Resolves when a call has been answered after which the condition holds. */
  waitFor(condition: (stub: SegmentStub) => boolean): Promise<void>;
  stop(): Promise<void>;
}

// Decimal kilobytes: the stricter reading of what Segment documents.
const MAX_EVENT_BYTES = 32_000;
const MAX_BATCH_BYTES = 500_000;
const MAX_BATCH_EVENTS = 2500;

export function startSegmentStub({ writeKey = 'stub-write-key', port = 0 } = {}): SegmentStub {
  const calls: ReceivedCall[] = [];
  const sources = new Map([[writeKey, createSource()]]);
  let decide: Decide = () => null;
  let waiting: { condition: (stub: SegmentStub) => boolean; resolve: () => void }[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const text = await textOf(request);
    const path = request.url?.startsWith('/v1/') ? request.url.slice('/v1'.length) : '';
    const events = request.method === 'POST' ? read(path, text) : null;
    const fault = events === null ? null : await decide(events, path);
    const source = sources.get(writeKeyOf(request.headers.authorization) ?? '');
    const bytes = Buffer.byteLength(text);
    const json = request.headers['content-type']?.startsWith('application/json') ?? false;
    const call = { path, authorization: request.headers.authorization ?? null, bytes, events: events ?? [] };

    let status = 200;
    if (path !== '/identify' && path !== '/batch') status = 404;
    else if (fault === 'hang' || fault === 'cut') status = 0;
    else if (fault !== null && fault !== 'drop') status = fault.status;
    else if (source === undefined) status = 401;
    else if (events === null || !json || !acceptable(events, path, bytes)) status = 400;
    // Segment answers 200 to a batch of too many events, and then takes none of them.
    const taken = status === 200 && call.events.length <= MAX_BATCH_EVENTS;
    calls.push({ ...call, status, taken });
    if (taken) source?.take(call.events);

    if (fault === 'cut' || fault === 'drop') request.socket.destroy();
    else if (fault !== 'hang') {
      response.writeHead(status, { 'content-type': 'application/json', ...fault?.headers });
      response.end(JSON.stringify({ success: status === 200 }));
    }
    announce();
  }

  function announce() {
    const done = waiting.filter(({ condition }) => condition(stub));
    waiting = waiting.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve();
  }

  const server = createServer((request, response) => {
    // A caller that went away in the middle of its request has told us nothing.
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.listen(port, '127.0.0.1');

  const stub: SegmentStub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    accepted: () => calls.filter(({ taken }) => taken).flatMap(({ events }) => events),
    profiles: (key = writeKey) => sources.get(key)?.profiles ?? new Map(),
    accept(key) {
      sources.set(key, createSource());
    },
    failWith(next) {
      decide = next;
    },
    waitFor: (condition) =>
      condition(stub)
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ condition, resolve });
          }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return stub;
}

/** Keeps the last value of each trait; an event with a known messageId is a duplicate and dropped, as Segment does. */
function createSource() {
  const seenIds = new Set<string>();
  const profiles = new Map<string, Record<string, unknown>>();
  return {
    profiles,
    take(events: ReceivedEvent[]) {
      for (const { messageId, userId, traits } of events) {
        if (seenIds.has(messageId)) continue;
        seenIds.add(messageId);
        profiles.set(userId, { ...profiles.get(userId), ...traits });
      }
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function read(path: string, text: string): ReceivedEvent[] | null {
  try {
    const body = JSON.parse(text);
    if (path === '/identify') return [body];
    return path === '/batch' && Array.isArray(body.batch) ? body.batch : null;
  } catch {
    return null;
  }
}

/** Whether Segment takes the call as a whole: one bad event refuses all of them. */
function acceptable(events: ReceivedEvent[], path: string, bytes: number): boolean {
  if (path === '/batch' && bytes > MAX_BATCH_BYTES) return false;
  return events.every(
    (event) =>
      event.type === 'identify' &&
      typeof event.userId === 'string' &&
      event.userId !== '' &&
      typeof event.messageId === 'string' &&
      event.messageId.length <= 100 &&
      Buffer.byteLength(JSON.stringify(event)) <= MAX_EVENT_BYTES,
  );
}

/** The user name of Basic authentication; Segment wants an empty password, and the colon before it. */
function writeKeyOf(authorization: string | undefined): string | null {
  const encoded = /^Basic (\S+)$/.exec(authorization ?? '')?.[1];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  return text.endsWith(':') ? text.slice(0, -1) : null;
}
