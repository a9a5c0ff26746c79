import { afterEach, beforeEach, expect, test } from 'bun:test';
import { identify, startTestService, type TestService, WEBHOOK } from '../helpers/service.ts';
import { manualSegment, outboundIs } from '../outbound/sync.ts';
import { captureLog, type Line } from './log-lines.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts';

let receiver: OtlpReceiver;
let lines: Line[];
let t: TestService;
beforeEach(async () => {
  receiver = startOtlpReceiver();
  const captured = captureLog('info');
  lines = captured.lines;
  t = await startTestService({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, log: captured.log });
});
afterEach(async () => {
  await t.stop();
  await receiver.stop();
});

/** What the service has to say until now: it sends the rest when it stops. */
async function spansOf(name: string | RegExp): Promise<ReceivedSpan[]> {
  await t.restart();
  return receiver.spans.filter((span) => span.name.match(name) !== null);
}

test('a delivery, its commit and the call that follows from it', async () => {
  await t.api('POST', '/api/v1/users/identify', { email: 'ada@example.com' });
  await t.planSegment('Pro', 'pro');
  await t.connect();
  const { headers } = await t.webhook(identify('ada@example.com', { plan: 'pro' }));
  await t.stub.waitFor((stub) => stub.accepted().length === 1);
  await outboundIs(t, { pending: 0 });

  const [delivery, ...others] = await spansOf(/webhook/);
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({
    name: `POST ${WEBHOOK}`,
    kind: 2,
    attributes: {
      'http.request.method': 'POST',
      'http.route': WEBHOOK,
      'http.response.status_code': 200,
      'quackback.reason': 'applied',
      'quackback.events': 1,
      'quackback.request_id': headers.get('x-request-id'),
    },
  });
  expect(delivery?.status.code ?? 0).toBe(0);
  const commit = receiver.spans.find(({ parentSpanId }) => parentSpanId === delivery?.spanId);
  expect(commit).toMatchObject({
    name: 'group commit',
    traceId: delivery?.traceId,
    attributes: { 'quackback.changes': 1, 'quackback.memberships_changed': 1 },
  });
  // A span begins at a full millisecond and lasts exactly, so two ends compare to a millisecond.
  const within = (inner: ReceivedSpan, outer: ReceivedSpan) =>
    BigInt(inner.startTimeUnixNano) >= BigInt(outer.startTimeUnixNano) &&
    BigInt(inner.endTimeUnixNano) <= BigInt(outer.endTimeUnixNano) + 1_000_000n;
  expect(within(commit as ReceivedSpan, delivery as ReceivedSpan)).toBe(true);
  expect(receiver.spans.filter(({ name }) => name === 'POST /identify')).toMatchObject([
    {
      kind: 3,
      attributes: { 'http.response.status_code': 200, 'quackback.events': 1, 'quackback.verdict': 'taken' },
    },
  ]);

  expect(receiver.resource).toMatchObject({ 'service.name': 'quackback-segment' });
  expect(new Set(receiver.requests.map(({ path }) => path))).toEqual(new Set(['/v1/traces']));
  const sent = receiver.requests.map(({ text }) => text).join('');
  expect(sent).not.toMatch(/ada@|"pro"|a-shared-secret|stub-write-key/);
});

test('deliveries that share a commit: one is its parent, the others are linked', async () => {
  const emails = Array.from({ length: 20 }, (_, i) => `u${i}@example.com`);
  await Promise.all(emails.map((email) => t.webhook(identify(email, {}))));
  const deliveries = await spansOf(/webhook/);
  expect(deliveries).toHaveLength(20);
  const commits = receiver.spans.filter(({ name }) => name === 'group commit');
  const told = commits.flatMap(({ parentSpanId, links = [] }) => [
    ...(parentSpanId ? [parentSpanId] : []),
    ...links.map(({ spanId }) => spanId),
  ]);
  expect(told.sort()).toEqual(deliveries.map(({ spanId }) => spanId).sort());
});

test.each([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '0af7651916cd43dd8448eb211c80319c'],
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00', '0af7651916cd43dd8448eb211c80319c'],
  ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', null],
  ['nonsense', null],
])('traceparent %s of a proxy', async (traceparent, traceId) => {
  await t.webhook(identify('ada@example.com', {}), { headers: { traceparent } });
  const [delivery] = await spansOf(/webhook/);
  if (traceId === null) expect(delivery?.parentSpanId || null).toBeNull();
  else expect(delivery).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
});

test('what goes wrong is marked as an error', async () => {
  await manualSegment(t, 'VIP');
  await t.webhook({}, { secret: 'not-the-shared-secret' });
  await t.api('POST', '/api/v1/users/identify', { email: 'ada@example.com' });
  await t.api('POST', '/api/v1/segments/vip/members', { emails: ['ada@example.com'] });
  t.stub.failWith(() => ({ status: 500 }));
  await t.connect();
  await outboundIs(t, { status: 'backing_off' });
  const [call] = await spansOf(/identify$/);
  expect(call).toMatchObject({
    status: { code: 2 },
    attributes: { 'http.response.status_code': 500, 'quackback.verdict': 'retry' },
  });
  // The sender's mistake is no error of ours.
  const refused = receiver.spans.find(({ attributes }) => attributes['quackback.reason'] === 'bad_signature');
  expect(refused?.attributes['http.response.status_code']).toBe(401);
  expect(refused?.status.code ?? 0).toBe(0);
});

test.each([
  [
    'a collector that refuses them',
    async () => receiver.answerWith(400),
    { msg: 'Traces could not be sent and are lost', status: 400, batches: 1 },
  ],
  ['no collector', async () => receiver.stop(), { msg: 'The last traces could not be sent in time' }],
])('%s: nothing else suffers, and the log says so', async (_name, given, said) => {
  await given();
  expect((await t.webhook(identify('ada@example.com', {}))).status).toBe(200);
  await t.restart();
  expect(lines).toMatchObject([{ level: 40, ...said }]);
});

test('without the variable there are none', async () => {
  const other = await startTestService();
  await other.webhook(identify('ada@example.com', {}));
  await other.stop();
  expect(receiver.requests).toEqual([]);
});
