import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLoad, startOpenLoad } from './open-loop.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quackback-segment-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function* numbered(): Generator<{ body: string; signature: string }, never> {
  for (let n = 0; ; n++) yield { body: `"é${n}"`, signature: String(n) };
}

/** A server that keeps its first answer back for so long, and answers the others with a status. */
function serve(stallMs: number, status = 200) {
  const bodies: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const first = bodies.length === 0;
      bodies.push(await request.json());
      if (first) await Bun.sleep(stallMs);
      return Response.json({ some: 'answer' }, { status });
    },
  });
  return { bodies, url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

const load = { rate: 1000, seconds: 0.2, connections: 8, events: numbered() };

test('each request is sent once, and a stall counts for all that were due meanwhile', async () => {
  const server = serve(400);
  const events = numbered();
  const options = { ...load, server, events, connections: 1, file: join(dir, 'stall') };
  const { answered, p50, max } = await openLoad(options).finally(server.stop);
  expect(server.bodies).toEqual(Array.from({ length: 200 }, (_, n) => `é${n}`));
  expect(answered).toBe(200);
  // The last one was due 200 ms before the first answer, and every other one earlier.
  expect(p50).toBeGreaterThan(200);
  expect(max).toBeGreaterThanOrEqual(400);
});

test('it can be ended early', async () => {
  const server = serve(0);
  const { finish } = await startOpenLoad({ ...load, server, seconds: 60, file: join(dir, 'early') });
  const { answered } = await finish().finally(server.stop);
  expect(answered).toBe(server.bodies.length);
  expect(answered).toBeLessThan(60_000);
});

test('an answer that is not a 200 is an error', async () => {
  const server = serve(0, 503);
  const failing = openLoad({ ...load, server, file: join(dir, 'failing') }).finally(server.stop);
  expect(failing).rejects.toThrow('200 of 200 answers were not a 200');
});
