import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { openSealer } from '../../src/settings/secrets.ts';
import { createSettingsService } from '../../src/settings/service.ts';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import {
  API_KEY,
  SECRET,
  SETTINGS,
  sign,
  startTestService,
  type TestService,
  WEBHOOK,
  WRITE_KEY,
} from '../helpers/service.ts';

const DIAGNOSE = `${SETTINGS}/diagnose`;
const DAY_MS = 24 * 3_600_000;

/** What Segment would send: compact JSON, nothing escaped that need not be. */
const EVENT =
  '{"type":"identify","traits":{"email":"ada@example.com","city":"Zürich","url":"https://a.b/<c>"}}';
const BATCH = `[${EVENT},{"type":"track","event":"Opened"}]`;
const hmac = (hash: string, body: string | Uint8Array, encoding: 'hex' | 'base64' | 'base64url') =>
  createHmac(hash, SECRET).update(body).digest(encoding);
const pretty = (indent: number | string) => JSON.stringify(JSON.parse(EVENT), null, indent);
const escaped = EVENT.replace('ü', '\\u00fc');

interface Diagnosis {
  result: string;
  also: string[];
  accepted: boolean;
  message: string;
  secret: { hint: string; expiresAt: string | null } | null;
}

/** Asks for a diagnosis, and the webhook for its opinion: they must agree. No secret may show. */
async function diagnose(t: TestService, body: string, signature: string | null): Promise<Diagnosis> {
  const answer = await t.api('POST', DIAGNOSE, { body, signature });
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: expect.anything() });
  const diagnosis: Diagnosis = answer.body.data;
  expect(diagnosis.accepted).toBe(await taken(t, body, signature));
  expect(diagnosis.message).toMatch(/^[A-Z].{30,}[.]$/s);
  for (const secret of [SECRET, API_KEY, WRITE_KEY])
    expect(JSON.stringify(answer.body)).not.toContain(secret);
  return diagnosis;
}

/** Whether the webhook finds the signature right. */
async function taken(t: TestService, body: string, signature: string | null): Promise<boolean> {
  const headers: Record<string, string> = signature === null ? {} : { 'x-signature': signature };
  const { status } = await fetch(`${t.url}${WEBHOOK}`, { method: 'POST', headers, body });
  return status === 200 || status === 400;
}

type Row = [name: string, body: string, signature: string | null, result: string, message: RegExp];

const ROWS: Row[] = [
  ['right', EVENT, sign(EVENT), 'valid', /right.*current shared secret/],
  ['right, of a body that is not JSON', 'not json', sign('not json'), 'valid', /right/],
  ['right, in upper-case hex', EVENT, sign(EVENT).toUpperCase(), 'valid', /right/],
  ['right, of a whole batch', BATCH, sign(BATCH), 'valid', /right/],
  ['base64', EVENT, hmac('sha1', EVENT, 'base64'), 'base64_signature', /accepted.*hex/],

  ['SHA-256 in hex', EVENT, hmac('sha256', EVENT, 'hex'), 'wrong_hash', /HMAC-SHA256.*SHA-1/s],
  ['SHA-256 in base64', EVENT, hmac('sha256', EVENT, 'base64'), 'wrong_hash', /HMAC-SHA256/],
  ['SHA-256 of GitHub', EVENT, `sha256=${hmac('sha256', EVENT, 'hex')}`, 'wrong_hash', /HMAC-SHA256/],
  ['SHA-512 in hex', EVENT, hmac('sha512', EVENT, 'hex'), 'wrong_hash', /HMAC-SHA512/],
  ['SHA-384 in base64', EVENT, hmac('sha384', EVENT, 'base64'), 'wrong_hash', /HMAC-SHA384/],
  ['MD5', EVENT, hmac('md5', EVENT, 'hex'), 'wrong_hash', /HMAC-MD5/],

  ['sha1= before it', EVENT, `sha1=${sign(EVENT)}`, 'wrong_encoding', /something around.*40 hex/],
  ['HMAC-SHA1: before it', EVENT, `HMAC-SHA1: ${sign(EVENT)}`, 'wrong_encoding', /something around/],
  ['quotes around it', EVENT, `"${sign(EVENT)}"`, 'wrong_encoding', /something around/],
  ['base64 unpadded', EVENT, hmac('sha1', EVENT, 'base64url'), 'wrong_encoding', /base64url/],
  ['base64 of the hex', EVENT, btoa(sign(EVENT)), 'wrong_encoding', /base64 of the hex digits/],

  ['a secret with a line break', EVENT, sign(EVENT, `${SECRET}\n`), 'secret_padded', /white space/],
  ['a secret with a CRLF', EVENT, sign(EVENT, `${SECRET}\r\n`), 'secret_padded', /enter it again/],
  ['a secret between spaces', EVENT, sign(EVENT, ` ${SECRET} `), 'secret_padded', /enter it again/],
  ['a secret after a space', EVENT, sign(EVENT, ` ${SECRET}`), 'secret_padded', /enter it again/],
  ['a secret in quotes', EVENT, sign(EVENT, `"${SECRET}"`), 'secret_padded', /quotes/],
  ['a padded secret and a batch', BATCH, sign(EVENT, `${SECRET} `), 'secret_padded', /first event/],

  ['a line break appended', `${EVENT}\n`, sign(EVENT), 'line_ending_changed', /line break was added/],
  ['a CRLF appended', `${EVENT}\r\n`, sign(EVENT), 'line_ending_changed', /byte for byte/],
  ['a line break removed', EVENT, sign(`${EVENT}\n`), 'line_ending_changed', /removed/],
  ['LF made CRLF', pretty(2).replaceAll('\n', '\r\n'), sign(pretty(2)), 'line_ending_changed', /CRLF/],
  ['CRLF made LF', pretty(2), sign(pretty(2).replaceAll('\n', '\r\n')), 'line_ending_changed', /CRLF/],
  ['LF of plain text made CRLF', 'a\r\nb', sign('a\nb'), 'line_ending_changed', /CRLF/],
  ['a byte order mark prepended', `\ufeff${EVENT}`, sign(EVENT), 'byte_order_mark', /byte order mark/],
  ['a byte order mark removed', EVENT, sign(`\ufeff${EVENT}`), 'byte_order_mark', /byte order mark/],
  ['white space around it', `  ${EVENT} `, sign(EVENT), 'white_space_changed', /white space/],
  ['formatted with 2 spaces', pretty(2), sign(EVENT), 'white_space_changed', /formatted anew/],
  ['formatted with tabs', pretty('\t'), sign(EVENT), 'white_space_changed', /formatted anew/],
  ['formatted by jq', `${pretty(2)}\n`, sign(EVENT), 'white_space_changed', /formatted anew/],
  ['signed formatted, sent compact', EVENT, sign(pretty(4)), 'white_space_changed', /very bytes you send/],
  [
    "Python's spaces",
    '{"a": [1, 2], "b": "x,y:z"}',
    sign('{"a":[1,2],"b":"x,y:z"}'),
    'white_space_changed',
    /.*/,
  ],
  [
    "signed with Python's spaces",
    '{"a":[1,2],"b":"x,y:z"}',
    sign('{"a": [1, 2], "b": "x,y:z"}'),
    'white_space_changed',
    /.*/,
  ],
  ['1.0 between spaces', '{ "a": 1.0 }', sign('{"a":1.0}'), 'white_space_changed', /.*/],
  ['unicode escaped', escaped, sign(EVENT), 'characters_escaped', /u00e9.*parsed and written anew/],
  ['unicode escaped and spaced', escaped.replaceAll('":', '": '), sign(EVENT), 'characters_escaped', /.*/],
  ['unicode unescaped', EVENT, sign(escaped), 'characters_escaped', /.*/],
  ['unicode unescaped, in capitals', EVENT, sign(escaped.replace('fc', 'FC')), 'characters_escaped', /.*/],
  ['slashes escaped by PHP', escaped.replaceAll('/', '\\/'), sign(EVENT), 'characters_escaped', /.*/],
  ['signed by PHP', EVENT, sign(escaped.replaceAll('/', '\\/')), 'characters_escaped', /.*/],
  [
    'signed by Go',
    EVENT,
    sign(EVENT.replace('<', '\\u003c').replace('>', '\\u003e')),
    'characters_escaped',
    /.*/,
  ],
  ['an emoji escaped', '{"a":"\\ud83d\\ude00"}', sign('{"a":"😀"}'), 'characters_escaped', /.*/],
  ['numbers written anew', '{"a":1.0,"b":1e2}', sign('{"a":1,"b":100}'), 'reserialised', /another library/],
  ['a key that is there twice', '{"a":1,"a":2}', sign('{"a":2}'), 'reserialised', /another library/],
  [
    'UTF-8 encoded twice',
    Buffer.from(EVENT).toString('latin1'),
    sign(EVENT),
    'text_encoding_changed',
    /Latin-1/,
  ],
  ['Latin-1', EVENT, sign(Buffer.from(EVENT, 'latin1')), 'text_encoding_changed', /Latin-1/],

  ['none', EVENT, null, 'missing_signature', /removes the header/],
  ['empty', EVENT, '', 'missing_signature', /Enter the shared secret/],
  ['cut short', EVENT, sign(EVENT).slice(0, 39), 'unreadable_signature', /it has 39 characters/],
  ['a word', EVENT, 'undefined', 'unreadable_signature', /40 hex digits/],
  ['another secret', EVENT, sign(EVENT, 'another-shared-secret'), 'other_secret', /has another secret/],
  ['another secret, batch', BATCH, sign(EVENT, 'another-shared-secret'), 'other_secret', /.*/],
  ['another secret, not JSON', '{"a', sign(EVENT, 'another-shared-secret'), 'other_secret', /.*/],
  ['keys sorted', '{"a":1,"b":2}', sign('{"b":2,"a":1}'), 'other_secret', /keys sorted/],
  ['a batch over its second event', BATCH, sign('{"type":"track","event":"Opened"}'), 'other_secret', /.*/],
];

describe('what a signature is', () => {
  let t: TestService;
  beforeAll(async () => {
    t = await startTestService();
  });
  afterAll(() => t.stop());

  test.each(ROWS)('%s', async (_name, body, signature, result, message) => {
    const diagnosis = await diagnose(t, body, signature);
    expect(diagnosis).toMatchObject({ result, message: expect.stringMatching(message) });
    const known = diagnosis.secret !== null;
    const unknown = ['missing_signature', 'unreadable_signature', 'other_secret'].includes(result);
    expect(known).toBe(!unknown);
    if (known) expect(diagnosis.secret).toMatchObject({ hint: '…ests', expiresAt: null });
  });

  test('the first event of a batch: refused, or accepted where the settings say so', async () => {
    const first = await diagnose(t, BATCH, sign(EVENT));
    expect(first).toMatchObject({ result: 'first_event_signature', also: [], accepted: false });
    expect(first.message).toMatch(
      /Switch batching off.*docs\/segment-function\.js.*acceptFirstEventSignature/s,
    );
    await t.api('PATCH', SETTINGS, { inbound: { acceptFirstEventSignature: true } });
    const again = await diagnose(t, BATCH, sign(EVENT));
    expect(again).toMatchObject({ result: 'first_event_signature', also: [], accepted: true });
    const base64 = await diagnose(t, BATCH, hmac('sha1', EVENT, 'base64'));
    expect(base64).toMatchObject({ result: 'first_event_signature', also: ['base64_signature'] });
    // What Segment signs is the event as JSON.stringify writes it, however the batch itself is formatted.
    const formatted = JSON.stringify(JSON.parse(BATCH), null, 2);
    expect(await diagnose(t, formatted, sign(EVENT))).toMatchObject({ accepted: true });
    await t.api('PATCH', SETTINGS, { inbound: { acceptFirstEventSignature: false } });
  });

  test('several things at once are all named, what to mend first in front', async () => {
    const { result, also, message } = await diagnose(t, `${EVENT}\n`, hmac('sha256', EVENT, 'base64'));
    expect([result, also]).toEqual(['wrong_hash', ['line_ending_changed']]);
    expect(message).toMatch(/HMAC-SHA256.*line break was added/s);
  });

  test.each([
    ['the second one right', `${sign('else')}, ${sign(EVENT)}`, ['valid'], /Number 2 of them/],
    ['the first one right, of another hash', `${hmac('sha256', EVENT, 'hex')},x`, ['wrong_hash'], /Number 1/],
    ['none right', `${sign('else')}, ${sign('more')}`, [], /None of them is right/],
  ])('two values, %s', async (_name, signature, also, message) => {
    const diagnosis = await diagnose(t, EVENT, signature);
    expect(diagnosis).toMatchObject({ result: 'two_signatures', also, accepted: false });
    expect(diagnosis.message).toMatch(message);
  });

  test('any JSON formatted in any way is recognised as what it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.constantFrom(1, 2, 3, 8, '\t', ' \n'), async (value, indent) => {
        const sent = JSON.stringify(value);
        const arrived = JSON.stringify(value, null, indent);
        const { result } = await diagnose(t, arrived, sign(sent));
        // A body without anything to format is as it was.
        const expected = arrived === sent ? ['valid'] : ['white_space_changed', 'first_event_signature'];
        expect(expected).toContain(result);
      }),
      { numRuns: 60 },
    );
  });

  test('whatever is sent, the diagnosis agrees with the webhook and never fails', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant(BATCH));
    const signature = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789abcdefghijABCDEF=, +/_-:"') }),
      text.map((body) => sign(body)),
      fc.constantFrom(sign(EVENT), hmac('sha1', BATCH, 'base64')),
    );
    await fc.assert(
      fc.asyncProperty(text, signature, async (body, given) => {
        await diagnose(t, body.toWellFormed(), given.trim());
      }),
      { numRuns: 150 },
    );
  });

  test('a body full of brackets takes no time worth speaking of', async () => {
    for (const body of [
      '['.repeat(500_000),
      `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      `["${'\\"'.repeat(250_000)}`,
      `[{"a":"${'\\"'.repeat(250_000)}`,
      `"${'\\u00fc'.repeat(80_000)}"`,
      `{"a":[${'"é/",'.repeat(100_000)}1]}`,
      `${'\n'.repeat(500_000)}x`,
    ]) {
      const startedAt = performance.now();
      expect((await diagnose(t, body, sign('else'))).result).toBe('other_secret');
      expect(performance.now() - startedAt).toBeLessThan(5000);
    }
  });
});

describe('secrets that were', () => {
  let clock: ManualClock;
  let t: TestService;
  beforeEach(async () => {
    clock = manualClock();
    t = await startTestService({ clock });
  });
  afterEach(() => t.stop());
  const rotate = async (): Promise<string> =>
    (await t.api('POST', `${SETTINGS}/rotate-secret`)).body.data.sharedSecret;

  test('the previous secret is accepted for a day, then it has expired', async () => {
    const fresh = await rotate();
    const until = new Date(clock.now() + DAY_MS).toISOString();
    const previous = await diagnose(t, EVENT, sign(EVENT));
    expect(previous).toMatchObject({
      result: 'previous_secret',
      accepted: true,
      secret: { hint: '…ests', expiresAt: until },
    });
    expect(previous.message).toContain(until);
    clock.advance(DAY_MS);
    const expired = await diagnose(t, EVENT, sign(EVENT));
    expect(expired).toMatchObject({ result: 'expired_secret', also: [], accepted: false });
    expect(expired.message).toContain(until);
    const current = await diagnose(t, EVENT, sign(EVENT, fresh));
    expect(current).toMatchObject({ result: 'valid', secret: { hint: `…${fresh.slice(-4)}` } });
    expect(current.message).not.toContain(fresh);
  });

  test('an expired secret and a changed body are both said', async () => {
    await rotate();
    clock.advance(DAY_MS);
    const { result, also } = await diagnose(t, `${EVENT}\n`, sign(EVENT));
    expect([result, also]).toEqual(['expired_secret', ['line_ending_changed']]);
  });

  test('after a second rotation the first secret is still a previous one', async () => {
    await rotate();
    await rotate();
    expect((await diagnose(t, EVENT, sign(EVENT))).result).toBe('previous_secret');
  });

  test.each([`${SECRET}\n`, ` ${SECRET}`, `"${SECRET}"`])(
    'the stored one has something around it: %j',
    async (sharedSecret) => {
      // Past the API, which earlier versions let spaces through.
      const sealer = openSealer(undefined, t.dataDir);
      const settings = await createSettingsService(t.service.store, sealer, () => clock.now());
      await settings.patch({ inbound: { sharedSecret } });
      await t.restart();
      expect((await diagnose(t, EVENT, sign(EVENT))).result).toBe('secret_padded');
      expect((await diagnose(t, EVENT, sign(EVENT, sharedSecret))).result).toBe('valid');
    },
  );

  test('without any secret there is nothing to compare with', async () => {
    const bare = await startTestService({ secret: false });
    const { body } = await bare.api('POST', DIAGNOSE, { body: EVENT, signature: sign(EVENT) });
    expect(body.data).toMatchObject({ result: 'no_secret', accepted: false, secret: null });
    await bare.stop();
  });
});
