import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { outputOf, spawn } from './children.ts';
import { type ServerProcess, WEBHOOK } from './processes.ts';

/** What one run of wrk measured; latencies in milliseconds. */
export interface Load {
  requests: number;
  perSecond: number;
  p50: number;
  p99: number;
  max: number;
  /** Processor time of the server for one request, microseconds. */
  cpu: number;
}

/** The body of a request and its X-Signature. */
export interface SignedBody {
  body: string;
  signature: string;
}

export interface LoadOptions {
  server: Pick<ServerProcess, 'url' | 'cpuSeconds'>;
  connections: number;
  seconds: number;
  /** What nobody has sent yet; as much as needed is taken. */
  events: Generator<SignedBody, never>;
  /** How many requests a second to be ready for. */
  expected: number;
  /** Where the requests may be written. */
  file: string;
}

export function requireWrk(): void {
  if (Bun.which('wrk') !== null) return;
  throw new Error(
    'This needs wrk, which makes the HTTP load, a package of most systems: apt-get install wrk',
  );
}

/** Puts load on the webhook with requests made before: each is sent once, and every answer has to be a 200. */
export async function load({
  server,
  connections,
  seconds,
  events,
  expected,
  file,
}: LoadOptions): Promise<Load> {
  const { url } = server;
  await writeRequests(file, events, url, Math.ceil(expected * seconds) + connections);
  const cpuBefore = server.cpuSeconds();
  // One thread: on a small machine wrk has to leave the other core to the server.
  const script = join(import.meta.dir, 'requests.lua');
  const child = spawn([
    ...['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'],
    ...['-s', script, url, '--', file],
  ]);
  const output = await outputOf(child, (seconds + 60) * 1000);
  const json = /^RESULT (.*)$/m.exec(output)?.[1];
  if (json === undefined) throw new Error(`wrk said nothing of its results:\n${output}`);
  const { requests, seconds: took, p50, p99, max, exhausted, ...errors } = JSON.parse(json);
  if (exhausted > 0) throw new Exhausted();
  if (Object.values(errors).some((n) => n !== 0)) throw new Error(`Not every answer was a 200: ${json}`);
  const cpu = ((server.cpuSeconds() - cpuBefore) * 1e6) / requests;
  return { requests, perSecond: requests / took, p50, p99, max, cpu };
}

/** The server was faster than expected: the requests did not last. */
export class Exhausted extends Error {
  override message = 'The requests did not last for the time of the load';
}

/** The same, ready for more each time the requests don't last; `from` is what to expect at first. */
export function loader(from: number) {
  let expected = from;
  return async (options: Omit<LoadOptions, 'expected'>): Promise<Load> => {
    for (;;) {
      try {
        const result = await load({ ...options, expected });
        expected = Math.max(from, result.perSecond * 1.3);
        return result;
      } catch (error) {
        if (!(error instanceof Exhausted)) throw error;
        expected *= 2;
      }
    }
  };
}

/** Each request in full, after a line with its length, so that the load costs hardly anything while it runs. */
export async function writeRequests(
  path: string,
  events: Generator<SignedBody, never>,
  url: string,
  count: number,
) {
  const { host } = new URL(url);
  const file = await open(path, 'w');
  let chunk = '';
  for (let n = 0; n < count; n++) {
    const { body, signature } = events.next().value;
    const length = Buffer.byteLength(body);
    const head = `POST ${WEBHOOK} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nUser-Agent: Segment (Actions)\r\nX-Signature: ${signature}\r\nContent-Length: ${length}\r\n\r\n`;
    chunk += `${head.length + length}\n${head}${body}`;
    if (chunk.length < 1 << 20 && n < count - 1) continue;
    await file.write(chunk);
    chunk = '';
  }
  await file.close();
}
