import { expect, test } from 'bun:test';
import { describeHops, type Observed } from '../../src/inbound/self-test-report.ts';

/** What no test can bring about on one machine: certificates of every kind, and slow answers. */
const body = '{"type":"identify"}';
const signature = '4c2b7d1b0d0f0c4ad4ab8e9de3d9a4d7b7f9e3c1';
const secret = { secret: 'a-shared-secret-for-tests', expiresAt: null };
const well: Observed = {
  url: new URL('https://segment.example.com/api/integrations/segment/webhook'),
  viaPublicUrl: true,
  sent: { body, signature, secret },
  addresses: ['203.0.113.7', '2001:db8::7'],
  answer: { status: 200, reason: 'echo', location: null },
  failure: null,
  arrival: { body: Buffer.from(body), signature, reason: 'echo' },
  latencyMs: 12,
  timeoutMs: 10_000,
};
const hop = (observed: Observed, name: string) => describeHops(observed).find(({ hop }) => hop === name);

test('through a certificate that is trusted, all is well', () => {
  const hops = describeHops(well);
  expect(hops.map(({ state }) => state)).toEqual(Array(7).fill('ok'));
  expect(hops.map(({ message }) => message)).toMatchObject({
    0: 'segment.example.com is 203.0.113.7, 2001:db8::7.',
    2: 'The certificate is trusted.',
    3: '200 after 12 ms.',
  });
});

test.each([
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'not trusted'],
  ['CERT_HAS_EXPIRED', 'not trusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'not trusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'not trusted'],
  ['EPROTO', 'does not speak TLS'],
])('%s is about TLS, not about the connection', (failure, message) => {
  const observed = { ...well, answer: null, arrival: null, failure };
  expect(hop(observed, 'connection')?.state).toBe('ok');
  expect(hop(observed, 'tls')).toMatchObject({ state: 'error', message: expect.stringContaining(message) });
  expect(hop(observed, 'answer')?.state).toBe('skipped');
});

test.each([
  [5000, 'ok'],
  [5001, 'warning'],
])('an answer after %d ms: %s', (latencyMs, state) => {
  expect(hop({ ...well, latencyMs }, 'answer')).toMatchObject({
    state,
    message: expect.stringContaining(`${latencyMs} ms`),
  });
});

test('an answer that did not come in time, of a request that arrived', () => {
  const observed = { ...well, answer: null, failure: 'timeout' };
  expect(hop(observed, 'connection')?.state).toBe('ok');
  expect(hop(observed, 'answer')).toMatchObject({
    state: 'error',
    message: expect.stringContaining('timeout'),
  });
  expect(hop(observed, 'outcome')?.state).toBe('ok');
});
