/** One identify call as Segment would get it. */
export interface ToldEvent {
  userId: string;
  traits: Record<string, boolean>;
}

/** A stand-in for Segment's API on loopback: takes every call and hands the events on. */
export function startStandIn(told: (event: ToldEvent) => void) {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const body = (await request.json()) as ToldEvent | { batch: ToldEvent[] };
      for (const event of 'batch' in body ? body.batch : [body]) told(event);
      return Response.json({ success: true });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}
