import { eachPatient, examineEach, nothing } from './fixture.ts';

const d = eachPatient();

examineEach(d, [
  ['no PUBLIC_URL', nothing, 'Public address', 'warning', /PUBLIC_URL is not set/],
  [
    'a way without TLS',
    async () => ({ PUBLIC_URL: `${d.t.url}/` }),
    'Public address',
    'warning',
    /in the clear/,
  ],
  [
    'a path below the address of something else',
    async () => ({ PUBLIC_URL: d.inFrontOf({ below: '/feedback' }) }),
    'Admin area',
    'warning',
    /works at the root of an address alone/,
  ],
  [
    'a proxy that redirects',
    async () => ({
      PUBLIC_URL: d.inFrontOf({ answer: () => Response.redirect('https://www.example.com/', 301) }),
    }),
    'Public address',
    'error',
    /redirects to https:\/\/www\.example\.com\//,
  ],
  [
    'a proxy that answers by itself',
    async () => ({ PUBLIC_URL: d.inFrontOf({ answer: () => new Response('Bad gateway', { status: 502 }) }) }),
    'Public address',
    'error',
    /answers 502, and not as this service/,
  ],
  [
    'nobody there',
    async () => ({ PUBLIC_URL: 'http://127.0.0.1:1' }),
    'Public address',
    'error',
    /127\.0\.0\.1:1 can not be reached/,
  ],
  [
    'a certificate nobody trusts',
    async () => ({ PUBLIC_URL: d.inFrontOf({ tls: true }) }),
    'Public address',
    'error',
    /not trusted/,
  ],
  [
    'a proxy with nothing behind it',
    async () => {
      await d.stopService();
      return { PUBLIC_URL: d.inFrontOf({ answer: () => new Response('', { status: 502 }) }) };
    },
    'Public address',
    'warning',
    /leads to no running service/,
  ],
  [
    'a proxy that removes the signature',
    async () => ({ PUBLIC_URL: d.inFrontOf({ headers: { 'x-signature': null } }) }),
    'Proxy',
    'error',
    /X-Signature is removed/,
  ],
  [
    'a proxy that changes the signature',
    async () => ({ PUBLIC_URL: d.inFrontOf({ headers: { 'x-signature': 'other' } }) }),
    'Proxy',
    'error',
    /X-Signature is changed/,
  ],
  [
    'a proxy that names another protocol',
    async () => ({ PUBLIC_URL: d.inFrontOf({ headers: { 'x-forwarded-proto': 'https' } }) }),
    'Proxy',
    'warning',
    /says https, but PUBLIC_URL begins with http:/,
  ],
  ['no proxy', async () => ({ PUBLIC_URL: d.t.url }), 'Proxy', 'ok', /as it was sent; no X-Forwarded header/],
]);
