import { afterEach, beforeEach, expect, test } from 'bun:test';
import pino from 'pino';
import { SETTINGS, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import { addUsers, manualSegment, outboundIs } from './sync.ts';

/** What Segment says about what it refuses, and where that is to be read. */

const ADA = 'ada@example.com';
const ENCODED = Buffer.from(`${WRITE_KEY}:`).toString('base64');

let answer: { status: number; body: string };
let segment: ReturnType<typeof Bun.serve>;
let t: TestService;
let log: string;
beforeEach(async () => {
  segment = Bun.serve({ port: 0, fetch: () => new Response(answer.body, { status: answer.status }) });
  log = '';
  t = await startTestService({
    env: { SEGMENT_API_URL: `${segment.url}v1` },
    log: pino(
      {
        level: 'debug',
      },
      {
        write: (line: string) => {
          log += line;
        },
      },
    ),
  });
  await addUsers(t, [ADA]);
  await manualSegment(t, 'VIP', [ADA]);
});
afterEach(async () => {
  await t.stop();
  await segment.stop(true);
});

const json = (value: unknown) => JSON.stringify(value);
const LONG = 'x'.repeat(100_000);
const ANSWERS: [name: string, status: number, body: string, error: string][] = [
  ['JSON with an error', 400, json({ error: 'nope' }), '400 Bad Request: nope'],
  [
    'JSON with a message',
    400,
    json({ success: false, message: 'userId too long' }),
    '400 Bad Request: userId too long',
  ],
  ['JSON with both, nested', 422, json({ error: { message: 'no' } }), '422 Unprocessable Entity: no'],
  ['JSON that only says no', 400, json({ success: false }), '400 Bad Request'],
  ['other JSON', 413, json(['too', 'large']), '413 Payload Too Large: ["too","large"]'],
  ['a bare null', 400, 'null', '400 Bad Request: null'],
  ['text', 400, 'malformed\r\n\tJSON\u0000\u001b[31m \u2028!', '400 Bad Request: malformed JSON [31m !'],
  ['nothing', 400, '', '400 Bad Request'],
  ['very much', 400, LONG, `400 Bad Request: ${LONG.slice(0, 200)}`],
  ['the write key', 400, `key ${WRITE_KEY}, ${ENCODED}`, '400 Bad Request: key …, …'],
  ['a wrong write key', 401, json({ message: `${WRITE_KEY}?` }), '401 Unauthorized: …?'],
  // What is cut off at the end of what is read would not be known as the key any more.
  [
    'the write key at the end of what is read',
    400,
    `${' '.repeat(4096 - WRITE_KEY.length + 1)}${WRITE_KEY}${LONG}`,
    '400 Bad Request',
  ],
  ['a page for a wrong address', 404, '<h1>Not here</h1>', '404 Not Found: <h1>Not here</h1>'],
  ['an error of its own', 500, 'stack trace', '500 Internal Server Error'],
];
test.each(ANSWERS)('%s', async (_name, status, body, error) => {
  answer = { status, body };
  await t.connect();
  for (;;) {
    const { lastError } = (await t.api('GET', SETTINGS)).body.data.outbound;
    if (lastError === null) continue;
    expect(lastError).toMatchObject({ status, message: `Segment answered ${error}` });
    break;
  }
  const [call] = await calls();
  expect(call).toMatchObject({ status, error: `Segment answered ${error}` });
  const { body: report } = await t.api('POST', `${SETTINGS}/test-outbound`, { userId: ADA });
  expect(report.data.message).toStartWith(`Segment answered ${error}`);
  const everything = [log, json(await calls()), json(report)].join();
  for (const secret of [WRITE_KEY, ENCODED]) expect(everything).not.toContain(secret);
});

test('is what a parked change says for itself', async () => {
  answer = { status: 400, body: json({ error: 'nope' }) };
  await t.connect();
  await outboundIs(t, { parked: 1, pending: 0 });
  expect(await calls()).toMatchObject([
    { outcome: 'parked', error: 'Segment answered 400 Bad Request: nope' },
  ]);
});

async function calls() {
  for (;;) {
    const { data } = (await t.api('GET', '/api/v1/activity/outbound')).body;
    if (data.length > 0) return data;
  }
}
