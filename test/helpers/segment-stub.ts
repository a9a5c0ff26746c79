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
  /** What the stand-in answered. */
  status: number;
}
/** An answer in place of the ordinary one, or 'hang' to never answer and 'drop' to take the events and lose the answer. */
export type Fault = { status: number; headers?: Record<string, string> } | 'hang' | 'drop';

export interface SegmentStub {
  /** For SEGMENT_API_URL. */
  url: string;
  calls: ReceivedCall[];
  /** The events of all calls answered with 200, in order. */
  accepted(): ReceivedEvent[];
  /** What Segment would hold: the last value of each trait by user id. */
  profiles(): Map<string, Record<string, unknown>>;
  /** Answers a call with a fault, by the events it carries; null answers as usual. */
  failWith(decide: (events: ReceivedEvent[], path: string) => Fault | null): void;
  /** Resolves when a call has been answered after which the condition holds. */
  waitFor(condition: (stub: SegmentStub) => boolean): Promise<void>;
  stop(): Promise<void>;
}

const MAX_EVENT_BYTES = 32 * 1024;
const MAX_BATCH_BYTES = 500 * 1024;
const MAX_BATCH_EVENTS = 2500;

export function startSegmentStub({ writeKey = 'stub-write-key', port = 0 } = {}): SegmentStub {
  const calls: ReceivedCall[] = [];
  let decide: (events: ReceivedEvent[], path: string) => Fault | null = () => null;
  let waiting: { condition: (stub: SegmentStub) => boolean; resolve: () => void }[] = [];
  const seenIds = new Set<string>();
  const profiles = new Map<string, Record<string, unknown>>();
  const expected = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;

  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    idleTimeout: 60,
    async fetch(request) {
      const path = new URL(request.url).pathname;
      const text = await request.text();
      const authorization = request.headers.get('authorization');
      const events = read(path, text);
      const fault = events === null ? null : decide(events, path);
      const status = events === null ? 400 : statusOf(fault, path, text, events, authorization);
      const call = { path, authorization, bytes: Buffer.byteLength(text), events: events ?? [], status };
      calls.push(call);
      if (status === 200) take(call.events);
      announce();
      if (fault === 'hang') return new Promise<Response>(() => {});
      if (fault === 'drop') return Response.error();
      const headers = fault === null ? undefined : fault.headers;
      return Response.json({ success: status === 200 }, { status, headers });
    },
    error: () => new Response(null, { status: 502 }),
  });

  function statusOf(
    fault: Fault | null,
    path: string,
    text: string,
    events: ReceivedEvent[],
    authorization: string | null,
  ) {
    if (fault === 'hang' || fault === 'drop') return fault === 'drop' ? 200 : 0;
    if (fault !== null) return fault.status;
    if (authorization !== expected) return 401;
    const tooLarge = events.some((event) => Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES);
    const batch = path === '/batch' && (text.length > MAX_BATCH_BYTES || events.length > MAX_BATCH_EVENTS);
    const malformed = events.some((event) => event.type !== 'identify' || typeof event.userId !== 'string');
    return tooLarge || batch || malformed ? 400 : 200;
  }

  /** Keeps the last value of each trait; an event with a known messageId is a duplicate and dropped, as Segment does. */
  function take(events: ReceivedEvent[]) {
    for (const { messageId, userId, traits } of events) {
      if (seenIds.has(messageId)) continue;
      seenIds.add(messageId);
      profiles.set(userId, { ...profiles.get(userId), ...traits });
    }
  }

  function announce() {
    const done = waiting.filter(({ condition }) => condition(stub));
    waiting = waiting.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve();
  }

  const stub: SegmentStub = {
    url: `http://127.0.0.1:${server.port}`,
    calls,
    accepted: () => calls.filter(({ status }) => status === 200).flatMap(({ events }) => events),
    profiles: () => profiles,
    failWith(next) {
      decide = next;
    },
    waitFor: (condition) =>
      condition(stub)
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ condition, resolve });
          }),
    stop: () => server.stop(true),
  };
  return stub;
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
