import { describe, expect, test } from 'bun:test';
import { clientOf, networkOf } from '../../src/auth/client.ts';
import { isOwnOrigin } from '../../src/auth/origin.ts';

const PEER = '10.0.0.9';

describe('the client behind so many proxies', () => {
  test.each<[hops: number, forwarded: string | null, ip: string | null]>([
    [0, null, PEER],
    [0, '203.0.113.7', PEER],
    [1, null, PEER],
    [1, '203.0.113.7', '203.0.113.7'],
    // What stands further left came with the request.
    [1, '127.0.0.1, 203.0.113.7', '203.0.113.7'],
    [2, '127.0.0.1, 203.0.113.7, 10.0.0.1', '203.0.113.7'],
    [2, '203.0.113.7', '203.0.113.7'],
    [1, '203.0.113.7:4711', '203.0.113.7'],
    [1, '[2001:db8::7]:4711', '2001:db8::7'],
    [1, '2001:db8::7', '2001:db8::7'],
    [1, '::ffff:203.0.113.7', '203.0.113.7'],
    [1, 'unknown', PEER],
    [1, '', PEER],
    [1, '203.0.113.7,', PEER],
    [1, '<script>', PEER],
  ])('%i, %p: %s', (hops, forwarded, ip) => {
    const headers = new Headers(forwarded === null ? {} : { 'x-forwarded-for': forwarded });
    expect(clientOf(headers, PEER, hops).ip).toBe(ip);
  });

  test.each<[hops: number, proto: string | null, https: boolean]>([
    [0, 'https', false],
    [1, null, false],
    [1, 'https', true],
    [1, 'HTTPS', true],
    [1, 'http', false],
    [1, 'https, http', false],
    [2, 'https, http', true],
  ])('%i, %p: https %p', (hops, proto, https) => {
    const headers = new Headers(proto === null ? {} : { 'x-forwarded-proto': proto });
    expect(clientOf(headers, PEER, hops).https).toBe(https);
  });

  test('nobody knows', () => expect(clientOf(new Headers(), null, 0).ip).toBeNull());
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:0:1::7', '2001:db8:0:1'],
  ['2001:0db8:0000:0001:ffff:ffff:ffff:ffff', '2001:db8:0:1'],
  ['2001:db8::7', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('%s counts as %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

describe('whether a request is from a page of ours', () => {
  const loopback = { publicUrl: null, https: false };
  const behindTls = { publicUrl: null, https: true };
  const configured = { publicUrl: 'https://segment.example.com/base/', https: false };
  const host = 'localhost:3000';
  const outside = 'segment.example.com';

  test.each<
    [what: string, own: typeof configured | typeof loopback, headers: Record<string, string>, ours: boolean]
  >([
    ['the host it came by', loopback, { host, origin: 'http://localhost:3000' }, true],
    [
      'the same host behind TLS we know nothing of',
      loopback,
      { host, origin: 'https://localhost:3000' },
      true,
    ],
    ['another port', loopback, { host, origin: 'http://localhost:3001' }, false],
    ['another name of this machine', loopback, { host, origin: 'http://127.0.0.1:3000' }, false],
    ['another site', loopback, { host, origin: 'https://evil.example' }, false],
    [
      'a site whose name begins alike',
      loopback,
      { host, origin: 'http://localhost:3000.evil.example' },
      false,
    ],
    ['nowhere', loopback, { host, origin: 'null' }, false],
    ['no origin at all', loopback, { host }, false],
    ['no origin, yet the browser vouches', loopback, { host, 'sec-fetch-site': 'same-origin' }, true],
    ['no origin, from another site', loopback, { host, 'sec-fetch-site': 'cross-site' }, false],
    ['no origin, from a sister site', loopback, { host, 'sec-fetch-site': 'same-site' }, false],
    [
      'our origin, but the browser disagrees',
      loopback,
      { host, origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' },
      false,
    ],
    ['TLS', behindTls, { host: outside, origin: `https://${outside}` }, true],
    ['no TLS where there is some', behindTls, { host: outside, origin: `http://${outside}` }, false],
    ['PUBLIC_URL', configured, { host: 'app:3000', origin: `https://${outside}` }, true],
    ['PUBLIC_URL without TLS', configured, { host: outside, origin: `http://${outside}` }, false],
    ['PUBLIC_URL at another port', configured, { host: outside, origin: `https://${outside}:8443` }, false],
    ['loopback beside PUBLIC_URL', configured, { host, origin: 'http://localhost:3000' }, true],
    ['a host that is none', loopback, { host: 'a b', origin: 'http://a b' }, false],
  ])('%s', (_what, own, headers, ours) => {
    expect(isOwnOrigin(new Headers(headers), own)).toBe(ours);
  });
});
