/**
 * Sends the requests of a file at a constant rate, whatever the server does, and measures each from when it was due:
 * a server that stalls is charged for everything that had to wait (no coordinated omission).
 * bun open-loop-process.ts <url> <file> <requests a second> <connections> <first ones that
 * do not count>; the end of its input ends it early.
 */
import type { Socket } from 'bun';
import { answerReader } from './answers.ts';
import { summariseLatencies } from './open-loop.ts';

const [url = '', file = '', ...numbers] = Bun.argv.slice(2);
const [rate = 0, connections = 0, uncounted = 0] = numbers.map(Number);
/** How long answers that are still due are waited for, milliseconds. */
const PATIENCE_MS = 20_000;

const requests = split(await Bun.file(file).bytes());
const latencies: number[] = [];
let start = Number.POSITIVE_INFINITY;
let next = 0;
let last = requests.length;
let answered = 0;
let notOk = 0;
const free: Connection[] = [];

interface Connection {
  socket: Socket<Connection>;
  /** Number of the request under way. */
  number: number;
  /** What the socket has not taken yet. */
  rest: Uint8Array;
  take(chunk: Uint8Array): void;
}

function send(connection: Connection, bytes: Uint8Array) {
  const sent = connection.socket.write(bytes);
  if (sent < 0) fail('A connection was closed');
  connection.rest = bytes.subarray(sent);
}

function sendWhatIsDue() {
  const due = Math.min(last, ((performance.now() - start) * rate) / 1000);
  for (; next < due; next++) {
    // In turns: one that is idle for long is closed by the server.
    const connection = free.shift();
    if (connection === undefined) return;
    connection.number = next;
    send(connection, requests[next] as Uint8Array);
  }
}

const open = () =>
  Bun.connect<Connection>({
    hostname: '127.0.0.1',
    port: Number(new URL(url).port),
    socket: {
      open(socket) {
        const connection: Connection = {
          socket,
          number: 0,
          rest: new Uint8Array(),
          take: answerReader((status) => {
            answered++;
            const due = start + (connection.number * 1000) / rate;
            if (connection.number >= uncounted) latencies.push(performance.now() - due);
            if (status !== 200) notOk++;
            free.push(connection);
            sendWhatIsDue();
          }),
        };
        socket.data = connection;
        free.push(connection);
      },
      data: ({ data }, chunk) => data.take(chunk),
      drain: ({ data }) => send(data, data.rest),
      close: () => fail('The server closed a connection'),
      error: (_socket, error) => fail(error.message),
    },
  });

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(10, at);
    const end = lineEnd + 1 + Number(Buffer.from(bytes.subarray(at, lineEnd)).toString());
    parts.push(bytes.subarray(lineEnd + 1, end));
    at = end;
  }
  return parts;
}

for (let n = 0; n < connections; n++) await open();
void (async () => {
  for await (const _chunk of Bun.stdin.stream());
  last = next;
})();
console.log('READY');
start = performance.now();
let deadline = Number.POSITIVE_INFINITY;
while (answered < last) {
  sendWhatIsDue();
  await Bun.sleep(1);
  if (next >= last && deadline === Number.POSITIVE_INFINITY) deadline = performance.now() + PATIENCE_MS;
  if (performance.now() > deadline) fail(`${last - answered} answers did not come`);
}
console.log(`RESULT ${JSON.stringify({ ...summariseLatencies(latencies), answered, notOk })}`);
process.exit(0);
