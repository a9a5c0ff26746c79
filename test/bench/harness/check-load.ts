import { type SignedEvent, sign } from '../generator/events.ts';
import { SECRET, type ServerProcess, WEBHOOK } from './processes.ts';
import { load } from './wrk.ts';

/** Makes sure that the load is what it claims to be: signed events, each sent once. */
export async function checkLoad(events: Generator<SignedEvent, never>, file: string): Promise<void> {
  const ids = new Set<string>();
  let received = 0;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const body = await request.text();
      if (request.headers.get('x-signature') !== sign(body, SECRET))
        return new Response(null, { status: 401 });
      received++;
      ids.add(JSON.parse(body).messageId);
      return new Response(null);
    },
  });
  const here = { url: `http://127.0.0.1:${server.port}`, cpuSeconds: () => 0 };
  const { requests } = await load({
    server: here,
    connections: 16,
    seconds: 1,
    events,
    expected: 150_000,
    file,
  }).finally(() => server.stop(true));
  if (ids.size !== received || received < requests) {
    throw new Error(
      `The load is not right: ${requests} requests, ${received} received, ${ids.size} distinct`,
    );
  }
}

/** Makes sure that the service knows the users of a stream, and changes exactly what its events change. */
export async function checkAnswers(
  server: ServerProcess,
  events: Generator<SignedEvent, never>,
): Promise<void> {
  for (let n = 0; n < 100; n++) {
    const { body, signature, changes } = events.next().value;
    const headers = { 'content-type': 'application/json', 'x-signature': signature };
    const answer = await fetch(`${server.url}${WEBHOOK}`, { method: 'POST', headers, body });
    const { reason } = (await answer.json()) as { reason?: string };
    if (reason === (changes ? 'applied' : 'unchanged')) continue;
    throw new Error(`The service answered ${answer.status} ${reason} to ${body}`);
  }
}
