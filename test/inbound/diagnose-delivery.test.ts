import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import {
  type Answer,
  identify,
  SECRET,
  SETTINGS,
  sign,
  startTestService,
  type TestService,
  WEBHOOK,
} from '../helpers/service.ts';

const HOUR_MS = 3_600_000;
const EVENT = JSON.stringify(identify('ada@example.com', { city: 'Zürich' }));

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock();
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

/** Sends these bytes with this signature, and answers the id of the delivery. */
async function deliver(body: string | Uint8Array<ArrayBuffer>, signature: string | null): Promise<number> {
  const headers: Record<string, string> = signature === null ? {} : { 'x-signature': signature };
  await fetch(`${t.url}${WEBHOOK}`, { method: 'POST', headers, body });
  return (await t.api('GET', '/api/v1/activity/inbound?limit=1')).body.data[0].id;
}
const diagnose = (deliveryId: unknown): Promise<Answer> =>
  t.api('POST', `${SETTINGS}/diagnose`, { deliveryId });

const long = 'x'.repeat(20_000);
const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));

test.each([
  ['changed on the way', `${EVENT}\n`, sign(EVENT), 'line_ending_changed', /line break/],
  ['of another secret', EVENT, sign(EVENT, 'another-shared-secret'), 'other_secret', /another secret/],
  ['without a signature', EVENT, null, 'missing_signature', /There is no signature/],
  ['a byte order mark added', bytes([0xef, 0xbb, 0xbf], EVENT), sign(EVENT), 'byte_order_mark', /mark/],
  ['right, and no JSON', '{', sign('{'), 'valid', /another reason, invalid_json: The body is not JSON/],
  ['right, and no event', '7', sign('7'), 'valid', /another reason, invalid_event/],
  ['a batch signed over its first event', `[${EVENT}]`, sign(EVENT), 'first_event_signature', /first event/],
  [
    'a long batch signed over its first event',
    `[${EVENT},{"type":"track","properties":{"a":"${long}"}}]`,
    sign(EVENT),
    'first_event_signature',
    /acceptFirstEventSignature/,
  ],
  ['too long to be kept whole', `{"a":"${long}"}`, sign('else'), 'body_incomplete', /not the whole body/],
  ['too long, though right', `{"a":"${long}`, sign(`{"a":"${long}`), 'body_incomplete', /as they came/],
  ['bytes that are no text', bytes('{"a":"', [0xff], '"}'), sign('else'), 'body_incomplete', /not the whole/],
])('%s', async (_name, body, signature, result, message) => {
  const { status, body: answer } = await diagnose(await deliver(body, signature));
  expect(status).toBe(200);
  expect(answer.data).toMatchObject({ result, message: expect.stringMatching(message) });
  expect(JSON.stringify(answer)).not.toContain(SECRET);
});

test('a delivery that came before the secret was right', async () => {
  const id = await deliver(EVENT, sign(EVENT, 'the-next-shared-secret'));
  expect((await diagnose(id)).body.data.result).toBe('other_secret');
  await t.api('PATCH', SETTINGS, { inbound: { sharedSecret: 'the-next-shared-secret' } });
  const { data } = (await diagnose(id)).body;
  expect(data).toMatchObject({ result: 'valid', accepted: true, secret: { hint: '…cret' } });
  expect(data.message).toContain('others at that time');
});

describe('what can not be diagnosed', () => {
  const notKept = {
    status: 422,
    body: { error: { code: 'body_not_kept', message: expect.stringContaining('REJECTED_BODY_HOURS') } },
  };

  test('a delivery that was accepted: its body is not kept', async () => {
    expect(await diagnose(await deliver(EVENT, sign(EVENT)))).toMatchObject(notKept);
  });

  test('a delivery whose time is over', async () => {
    const id = await deliver(EVENT, sign('else'));
    clock.advance(73 * HOUR_MS);
    // The next turn of the task that forgets; it comes round every ten minutes.
    for (;;) {
      const answer = await diagnose(id);
      if (answer.status === 200) continue;
      expect(answer).toMatchObject(notKept);
      break;
    }
  });

  test('any delivery, where bodies are not to be kept', async () => {
    await t.stop();
    t = await startTestService({ env: { REJECTED_BODY_HOURS: '0' } });
    expect(await diagnose(await deliver(EVENT, sign('else')))).toMatchObject(notKept);
  });

  test('a delivery that is not there', async () => {
    const id = await deliver(EVENT, sign('else'));
    for (const other of [id + 1, 999_999, Number.MAX_SAFE_INTEGER]) {
      const answer = await diagnose(other);
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
      expect(answer.body.error.message).toContain('delivery');
    }
  });

  test.each([
    [{}, 'body'],
    [{ signature: sign(EVENT) }, 'body'],
    [{ body: EVENT, signature: sign(EVENT), deliveryId: 1 }, 'body'],
    [{ deliveryId: 0 }, 'body.deliveryId'],
    [{ deliveryId: 'first' }, 'body.deliveryId'],
    [{ body: 7 }, 'body.body'],
    [{ body: 'x'.repeat(600_000), signature: '' }, 'body.body'],
    [{ body: EVENT, signature: ['a'] }, 'body.signature'],
  ])('a request that makes no sense: %#', async (request, path) => {
    const answer = await t.api('POST', `${SETTINGS}/diagnose`, request);
    expect(answer).toMatchObject({ status: 422, body: { error: { code: 'invalid', details: [{ path }] } } });
  });
});
