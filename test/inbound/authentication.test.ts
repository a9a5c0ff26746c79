import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { request } from 'node:http';
import fc from 'fast-check';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import {
  identify,
  SECRET,
  SETTINGS,
  sign,
  startTestService,
  type TestService,
  WEBHOOK,
} from '../helpers/service.ts';
import { addUser, showUser } from './people.ts';

const DAY_MS = 24 * 3_600_000;
const EVENT = JSON.stringify({
  ...identify('ada@example.com', { plan: 'pro' }),
  timestamp: '2026-05-01T00:00:00Z',
});

let clock: ManualClock;
let t: TestService;
beforeEach(async () => {
  clock = manualClock();
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

const outcome = async (secret: string) => {
  const { status, body } = await t.webhook({ type: 'track' }, { secret });
  return `${status} ${body.reason}`;
};
const rotate = async (): Promise<string> => {
  const { status, body } = await t.api('POST', `${SETTINGS}/rotate-secret`);
  expect(status).toBe(200);
  return body.data.sharedSecret;
};
const ACCEPTED = '200 not_identify';
const REFUSED = '401 bad_signature';

test.each([
  ['hex', sign(EVENT), 200],
  ['upper-case hex', sign(EVENT).toUpperCase(), 200],
  ['base64', Buffer.from(sign(EVENT), 'hex').toString('base64'), 200],
  ['base64url', Buffer.from(sign(EVENT), 'hex').toString('base64url'), 401],
  ['hex cut short', sign(EVENT).slice(0, 39), 401],
  ['hex with a letter too much', `${sign(EVENT)}0`, 401],
  ['letters that are no hex', 'z'.repeat(40), 401],
  ['the signature of another body', sign(`${EVENT} `), 401],
  ['the signature under another secret', sign(EVENT, 'some-other-secret'), 401],
  ['empty', '', 401],
])('X-Signature in %s', async (_name, signature, status) => {
  const id = await addUser(t, 'ada@example.com');
  const answer = await t.webhook(EVENT, { signature });
  expect(answer).toMatchObject({
    status,
    body: { reason: status === 200 ? 'applied' : 'bad_signature', message: expect.any(String) },
  });
  expect((await showUser(t, id)).attributes).toEqual(status === 200 ? { plan: 'pro' } : {});
});

test('the signature covers the bytes as they came, not what they mean', async () => {
  const id = await addUser(t, 'ada@example.com');
  const spaced = JSON.stringify(JSON.parse(EVENT), null, 2);
  expect((await t.webhook(spaced, { signature: sign(EVENT) })).body.reason).toBe('bad_signature');
  expect((await t.webhook(spaced)).body.reason).toBe('applied');
  expect((await showUser(t, id)).attributes).toEqual({ plan: 'pro' });
});

test('any bytes: authentic ones get past the signature, others never, and none breaks the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const send = async (signature: string) => {
        const response = await fetch(`${t.url}${WEBHOOK}`, {
          method: 'POST',
          headers: { 'x-signature': signature },
          body: bytes,
        });
        return { status: response.status, ...((await response.json()) as { reason: string }) };
      };
      expect([200, 400]).toContain((await send(sign(bytes))).status);
      expect(await send(sign(bytes, 'some-other-secret'))).toMatchObject({
        status: 401,
        reason: 'bad_signature',
      });
    }),
  );
});

test.each([
  ['both right', [sign(EVENT), sign(EVENT)]],
  ['the first one right', [sign(EVENT), sign('else')]],
  ['the second one right', [sign('else'), sign(EVENT)]],
])('two X-Signature headers, %s: refused, as nobody knows which one counts', async (_name, signatures) => {
  const id = await addUser(t, 'ada@example.com');
  const { status, text } = await post(signatures);
  expect(status).toBe(401);
  expect(JSON.parse(text)).toMatchObject({ reason: 'bad_signature' });
  expect((await showUser(t, id)).attributes).toEqual({});
});

/** `fetch` would join the headers into one line; this sends each on its own. */
function post(signatures: string[]): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(`${t.url}${WEBHOOK}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': signatures },
    });
    call.on('error', reject);
    call.on('response', async (response) => {
      response.setEncoding('utf8');
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, text });
    });
    call.end(EVENT);
  });
}

describe('rotation', () => {
  test('the old secret stays valid beside the new one for 24 hours, to the millisecond', async () => {
    const fresh = await rotate();
    expect(fresh).not.toBe(SECRET);
    expect([await outcome(SECRET), await outcome(fresh)]).toEqual([ACCEPTED, ACCEPTED]);
    clock.advance(DAY_MS - 1);
    expect([await outcome(SECRET), await outcome(fresh)]).toEqual([ACCEPTED, ACCEPTED]);
    clock.advance(1);
    expect([await outcome(SECRET), await outcome(fresh)]).toEqual([REFUSED, ACCEPTED]);
    expect((await t.api('GET', SETTINGS)).body.data.inbound.sharedSecrets).toHaveLength(1);
  });

  test('both secrets survive a restart', async () => {
    const fresh = await rotate();
    await t.restart();
    expect([await outcome(SECRET), await outcome(fresh)]).toEqual([ACCEPTED, ACCEPTED]);
    clock.advance(DAY_MS);
    await t.restart();
    expect([await outcome(SECRET), await outcome(fresh)]).toEqual([REFUSED, ACCEPTED]);
  });

  test('a second rotation, as by a double click, ends none of them', async () => {
    const second = await rotate();
    const third = await rotate();
    const all = async () => [await outcome(SECRET), await outcome(second), await outcome(third)];
    expect(await all()).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    clock.advance(DAY_MS);
    expect(await all()).toEqual([REFUSED, REFUSED, ACCEPTED]);
  });

  test('a batch signed over its first event is checked against both secrets too', async () => {
    await t.api('PATCH', SETTINGS, { inbound: { acceptFirstEventSignature: true } });
    await rotate();
    const batch = [{ type: 'track' }, { type: 'page' }];
    const signature = sign(JSON.stringify(batch[0]));
    expect((await t.webhook(batch, { signature })).body).toMatchObject({ results: { not_identify: 2 } });
    clock.advance(DAY_MS);
    expect((await t.webhook(batch, { signature })).body.reason).toBe('bad_signature');
  });
});

test('a replaced secret stops at once, and so does one that was being phased out', async () => {
  const fresh = await rotate();
  const replacement = 'the-one-and-only-secret';
  await t.api('PATCH', SETTINGS, { inbound: { sharedSecret: replacement } });
  expect([await outcome(SECRET), await outcome(fresh), await outcome(replacement)]).toEqual([
    REFUSED,
    REFUSED,
    ACCEPTED,
  ]);
});

describe('not now', () => {
  const keep = (reason: string) => ({
    status: 503,
    body: { reason, message: expect.stringContaining('retries') },
  });

  test('without a secret the answer is 503, so that Segment keeps the event', async () => {
    const bare = await startTestService({ secret: false });
    try {
      for (const signature of [undefined, null, 'nonsense']) {
        const answer = await bare.webhook({ type: 'track' }, signature === undefined ? {} : { signature });
        expect(answer).toMatchObject(keep('no_shared_secret'));
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    } finally {
      await bare.stop();
    }
  });

  test('while receiving is switched off the answer is 503, whatever the signature', async () => {
    const id = await addUser(t, 'ada@example.com');
    await t.api('PATCH', SETTINGS, { inbound: { enabled: false } });
    for (const signature of [sign(EVENT), null, 'nonsense']) {
      const answer = await t.webhook(EVENT, { signature });
      expect(answer).toMatchObject(keep('inbound_off'));
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await showUser(t, id)).attributes).toEqual({});
    await t.api('PATCH', SETTINGS, { inbound: { enabled: true } });
    expect((await t.webhook(EVENT)).body.reason).toBe('applied');
  });
});
