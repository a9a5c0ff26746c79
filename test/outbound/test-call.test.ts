import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createSegmentClient } from '../../src/outbound/segment-client.ts';
import { VERSION } from '../../src/version.ts';
import { type Fault, startSegmentStub } from '../helpers/segment-stub.ts';
import { SETTINGS, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import { addUsers, manualSegment, outbound, setOutbound } from './sync.ts';

const TEST = `${SETTINGS}/test-outbound`;
const ADA = 'ada@example.com';

let t: TestService;
beforeEach(async () => {
  t = await startTestService();
});
afterEach(() => t.stop());

async function call(userId = ADA) {
  const { status, body } = await t.api('POST', TEST, { userId });
  expect({ status, body }).toEqual({ status: 200, body: expect.anything() });
  const encoded = Buffer.from(`${WRITE_KEY}:`).toString('base64');
  for (const secret of [WRITE_KEY, encoded]) expect(JSON.stringify(body)).not.toContain(secret);
  return body.data;
}

test('one identify that says nothing about the user, and where to look for it', async () => {
  await setOutbound(t, { writeKey: WRITE_KEY });
  const report = await call();
  expect(report).toEqual({
    handedOver: true,
    status: 200,
    latencyMs: expect.any(Number),
    region: 'us',
    host: new URL(t.stub.url).host,
    messageId: expect.stringMatching(/^qbs-test-/),
    message: expect.stringMatching(/handed over, not accepted.*Debugger.*ada@example\.com.*qbs-test-.*"us"/s),
  });
  expect(t.stub.calls).toMatchObject([{ path: '/identify', status: 200 }]);
  expect(t.stub.accepted()).toEqual([
    {
      type: 'identify',
      userId: ADA,
      traits: {},
      messageId: report.messageId,
      timestamp: expect.any(String),
      context: { active: false, library: { name: 'quackback-segment', version: VERSION } },
    },
  ]);
  // Comes back where the workspace routes that source into the webhook: to be ignored, as everything we send.
  expect((await t.webhook(t.stub.accepted()[0])).body.reason).toBe('echo');
});

test('each call is another message, whoever it is about', async () => {
  await setOutbound(t, { writeKey: WRITE_KEY });
  const ids = [await call(), await call(), await call('user-1')].map(({ messageId }) => messageId);
  expect(new Set(ids).size).toBe(3);
  expect(t.stub.accepted().map(({ userId }) => userId)).toEqual([ADA, ADA, 'user-1']);
});

test('the region is that of the settings', async () => {
  await setOutbound(t, { writeKey: WRITE_KEY, region: 'eu' });
  expect(await call()).toMatchObject({ region: 'eu', message: expect.stringContaining('"eu"') });
  const client = createSegmentClient(undefined, Date.now);
  expect(new URL(client.address('us')).host).toBe('api.segment.io');
  expect(new URL(client.address('eu')).host).toBe('events.eu1.segmentapis.com');
});

test('it changes nothing of the sync, whatever comes of it', async () => {
  await addUsers(t, [ADA]);
  await manualSegment(t, 'VIP', [ADA]);
  await setOutbound(t, { writeKey: WRITE_KEY });
  const before = await outbound(t);
  t.stub.failWith(() => ({ status: 400 }));
  await call();
  t.stub.failWith(() => null);
  await call();
  expect(await outbound(t)).toEqual(before);
  expect((await t.api('GET', '/api/v1/activity/outbound')).body.data).toEqual([]);
});

const FAULTS: [name: string, fault: Fault, status: number | null, message: RegExp][] = [
  ['401', { status: 401 }, 401, /401 Unauthorized: the write key is not one of .*API Keys/],
  ['403', { status: 403 }, 403, /the write key is not one of/],
  ['400', { status: 400 }, 400, /400 Bad Request: the event was refused/],
  ['429', { status: 429, headers: { 'retry-after': '9' } }, 429, /429.*sent again until Segment takes them/],
  ['500', { status: 500 }, 500, /500.*status\.segment\.com\.$/],
  ['404', { status: 404 }, 404, /404.*and SEGMENT_API_URL/],
  ['a redirect', { status: 307, headers: { location: '/v1/x' } }, 307, /307.*and SEGMENT_API_URL/],
  ['a connection cut', 'cut', null, /could not be reached: ECONNRESET.*DNS, firewall/],
];
test.each(FAULTS)('%s is explained', async (_name, fault, status, message) => {
  await setOutbound(t, { writeKey: WRITE_KEY });
  t.stub.failWith(() => fault);
  expect(await call()).toMatchObject({ handedOver: false, status, message: expect.stringMatching(message) });
});

test('a write key Segment does not know', async () => {
  await setOutbound(t, { writeKey: 'the-key-of-nobody' });
  expect(await call()).toMatchObject({ handedOver: false, status: 401 });
  expect(t.stub.profiles().size).toBe(0);
});

test('nothing listens', async () => {
  const gone = startSegmentStub();
  await gone.stop();
  await t.stop();
  t = await startTestService({ env: { SEGMENT_API_URL: gone.url } });
  await setOutbound(t, { writeKey: WRITE_KEY });
  expect(await call()).toMatchObject({
    handedOver: false,
    status: null,
    host: new URL(gone.url).host,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

describe('refused', () => {
  test('without a write key', async () => {
    expect(await t.api('POST', TEST, { userId: ADA })).toMatchObject({
      status: 422,
      body: { error: { code: 'write_key_missing', message: expect.stringContaining('outbound.writeKey') } },
    });
    expect(t.stub.calls).toEqual([]);
  });

  test.each([{}, { userId: '' }, { userId: 7 }, { userId: null }, { userId: 'x'.repeat(321) }])(
    'a userId that is none: %#',
    async (request) => {
      await setOutbound(t, { writeKey: WRITE_KEY });
      const answer = await t.api('POST', TEST, request);
      expect(answer).toMatchObject({
        status: 422,
        body: { error: { code: 'invalid', details: [{ path: 'body.userId' }] } },
      });
      expect(t.stub.calls).toEqual([]);
    },
  );
});
