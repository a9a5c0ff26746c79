import { until } from './children.ts';

/** Takes what is sent to Segment, answers at once, and counts. */
export interface Sink {
  url: string;
  /** Events so far. */
  count(): number;
  /** From now until `events` more have come: how many a second, from the end of the first call on. */
  rate(events: number, withinMs: number): Promise<number>;
  stop(): Promise<void>;
}

const EVENT = '"type":"identify"';

export function startSink(): Sink {
  let count = 0;
  let arrived: () => void = () => {};
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const body = Buffer.from(await request.arrayBuffer());
      for (let at = body.indexOf(EVENT); at !== -1; at = body.indexOf(EVENT, at + EVENT.length)) count++;
      arrived();
      return Response.json({ success: true });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    count: () => count,
    async rate(events, withinMs) {
      const goal = count + events;
      let first: { at: number; count: number } | null = null;
      let last = 0;
      arrived = () => {
        const at = performance.now();
        if (first === null) first = { at, count };
        else if (last === 0 && count >= goal) last = (1000 * (count - first.count)) / (at - first.at);
      };
      await until(`${events} events`, () => last > 0, withinMs, 2);
      arrived = () => {};
      return last;
    },
    stop: () => server.stop(true),
  };
}
