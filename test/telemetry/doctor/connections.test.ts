import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eachPatient, examineEach, nothing } from './fixture.ts';

const d = eachPatient();

/** Something that answers every request, on a free port. */
function startServer(headers: Record<string, string>, body = 'hello'): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    response.end(body);
  });
  d.afterwards(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
const dated = (aheadMs: number) => async () => ({
  SEGMENT_API_URL: await startServer({ date: new Date(Date.now() + aheadMs).toUTCString() }),
});

examineEach(d, [
  [
    'a provider to sign in at that is configured in part',
    async () => ({ OIDC_ISSUER: 'https://id.example.com' }),
    'Configuration',
    'error',
    /OIDC_CLIENT_SECRET.*Set all three/,
  ],
  [
    'a service that does not run',
    async () => {
      await d.stopService();
      return {};
    },
    'Service',
    'warning',
    /does not run.*Start it/,
  ],
  [
    'something else on its port',
    async () => ({ PORT: new URL(await startServer({}, '{"hello":1}')).port }),
    'Service',
    'error',
    /Something else.*200/,
  ],
  ['a Segment that answers', nothing, 'Segment', 'ok', /127\.0\.0\.1:\d+ answers after \d+ ms/],
  [
    'a Segment that is not there, and nothing to send',
    async () => {
      await d.t.stub.stop();
      return {};
    },
    'Segment',
    'warning',
    /ECONNREFUSED.*nothing is to be sent/,
  ],
  [
    'a Segment that is not there, and settings that can not be read',
    async () => {
      await d.t.stub.stop();
      return { SECRET_KEY: 'x'.repeat(40) };
    },
    'Segment',
    'warning',
    /ECONNREFUSED.*whether anything is to be sent is not known/,
  ],
  [
    'a Segment that is not there, and a database of an older version',
    async () => {
      await d.t.stub.stop();
      d.withDatabase((db) => db.run('PRAGMA user_version = 1'));
      return {};
    },
    'Segment',
    'warning',
    /ECONNREFUSED.*whether anything is to be sent is not known/,
  ],
  [
    'a Segment that is not there, and something to send',
    async () => {
      await d.t.connect();
      await d.t.stub.stop();
      return {};
    },
    'Segment',
    'error',
    /ECONNREFUSED/,
  ],
  [
    'a certificate nobody knows',
    async () => {
      await d.t.connect();
      return { SEGMENT_API_URL: d.inFrontOf({ tls: true }) };
    },
    'Segment',
    'error',
    /not trusted.*SELF_SIGNED.*NODE_EXTRA_CA_CERTS/,
  ],
  [
    'TLS with somebody who does not speak it',
    async () => {
      await d.t.connect();
      return { SEGMENT_API_URL: d.t.stub.url.replace('http:', 'https:') };
    },
    'Segment',
    'error',
    /does not speak TLS/,
  ],
  ['a clock that is right', dated(0), 'Clock', 'ok', /agrees/],
  ['a clock that is somewhat slow', dated(20_000), 'Clock', 'warning', /(19|20|21) s behind Segment.*NTP/],
  ['a clock that is far ahead', dated(-3_600_000), 'Clock', 'error', /3(599|600|601) s ahead of Segment/],
  [
    'a time that can not be read',
    async () => ({ SEGMENT_API_URL: await startServer({ date: 'noon' }) }),
    'Clock',
    'warning',
    /Not compared/,
  ],
]);
