import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { manualClock } from '../helpers/manual-clock.ts';
import { sign, startTestService, type TestService, WEBHOOK } from '../helpers/service.ts';
import { adaEvent, deliver } from './deliveries.ts';
import { addUser, showUser } from './people.ts';

const LIMIT = 64 * 1024;

let t: TestService;
let ada: string;
let n = 0;
beforeAll(async () => {
  t = await startTestService({ clock: manualClock(), env: { MAX_BODY_BYTES: String(LIMIT) } });
  ada = await addUser(t, 'ada@example.com');
});
afterAll(() => t.stop());
beforeEach(() => {
  n++;
});

/** An event that would set a trait to a number of this test alone, filled up with white space to so many bytes. */
const eventOf = (bytes: number) =>
  adaEvent(`"n":${n}`, `"timestamp":"2026-05-01T00:00:${String(n).padStart(2, '0')}.000Z"`).padEnd(bytes);
const nowSet = async () => (await showUser(t, ada)).attributes.n;

const inChunks = (body: string) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      const bytes = Buffer.from(body);
      for (let from = 0; from < bytes.length; from += 10_000)
        controller.enqueue(bytes.subarray(from, from + 10_000));
      controller.close();
    },
  });

test.each([
  ['with a length', (body: string) => deliver(t, body)],
  ['in chunks', (body: string) => deliver(t, inChunks(body), { 'x-signature': sign(body) })],
])('a body %s may have MAX_BODY_BYTES and not one byte more', async (_name, send) => {
  const answer = await send(eventOf(LIMIT + 1));
  expect(answer).toMatchObject({
    status: 413,
    body: { reason: 'too_large', message: expect.stringContaining('MAX_BODY_BYTES') },
  });
  expect(await nowSet()).not.toBe(n);
  expect((await send(eventOf(LIMIT))).body.reason).toBe('applied');
  expect(await nowSet()).toBe(n);
});

test('a request that announces too much is refused before any of it is sent', async () => {
  const socket = await open(`Content-Length: ${10 ** 12}\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(String(answer)).toStartWith('HTTP/1.1 413 ');
});

const body = () => eventOf(1000);
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

test.each([
  ['with a length', () => `Content-Length: ${body().length}\r\n`, () => body().slice(0, 500)],
  [
    'with a length, just before its last byte',
    () => `Content-Length: ${body().length}\r\n`,
    () => body().slice(0, -1),
  ],
  ['in chunks, within one', () => 'Transfer-Encoding: chunked\r\n', () => chunk(body()).slice(0, 500)],
  ['in chunks, before the last one', () => 'Transfer-Encoding: chunked\r\n', () => chunk(body())],
])('an upload %s that breaks off changes nothing and hurts nobody', async (_name, framing, part) => {
  for (const hangUp of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    const socket = await open(`${framing()}X-Signature: ${sign(body())}\r\n`);
    let received = '';
    socket.on('data', (data) => {
      received += data;
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await new Promise<void>((resolve) => socket.write(part(), () => resolve()));
    hangUp(socket);
    await closed;
    // Nobody is left to read an answer; should there be one, it is no success and no failure of ours.
    expect(received).not.toMatch(/^HTTP\/1.1 [25]/);
    expect(await nowSet()).not.toBe(n);
  }
  // Segment sends it again.
  expect((await deliver(t, body())).body.reason).toBe('applied');
  expect(await nowSet()).toBe(n);
});

async function open(headers: string): Promise<Socket> {
  const { hostname, port } = new URL(t.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(
    `POST ${WEBHOOK} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n`,
  );
  return socket;
}
