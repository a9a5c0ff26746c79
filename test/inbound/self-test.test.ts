import { afterEach, describe, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { createSelfTest } from '../../src/inbound/self-test.ts';
import {
  API_KEY,
  SECRET,
  SETTINGS,
  startTestService,
  type TestService,
  WEBHOOK,
} from '../helpers/service.ts';
import { addUser, countUsers, showUser } from './people.ts';
import { type Handle, type ReverseProxy, SELF_SIGNED, startProxy } from './proxy.ts';

const TEST = `${SETTINGS}/test-inbound`;

interface Report {
  ok: boolean;
  url: string;
  via: string;
  messageId: string;
  latencyMs: number;
  hops: { hop: string; state: string; message: string }[];
}

let running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.toReversed()) await one.stop();
  running = [];
});

async function start(env: Record<string, string> = {}, secret = true): Promise<TestService> {
  const t = await startTestService({ env, secret });
  running.push(t);
  return t;
}
/** The service behind a proxy, which is its PUBLIC_URL. */
async function behind(handle: Handle, tls: Parameters<typeof startProxy>[1] = null): Promise<TestService> {
  const proxy: ReverseProxy = await startProxy(handle, tls);
  running.push(proxy);
  const t = await start({ PUBLIC_URL: proxy.url });
  proxy.target = t.url;
  return t;
}

async function run(t: TestService, body?: object): Promise<Report> {
  const answer = await t.api('POST', TEST, body);
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: expect.anything() });
  for (const secret of [SECRET, API_KEY]) expect(JSON.stringify(answer.body)).not.toContain(secret);
  return answer.body.data;
}
const states = ({ hops }: Report) => Object.fromEntries(hops.map(({ hop, state }) => [hop, state]));
const says = ({ hops }: Report, name: string) => hops.find(({ hop }) => hop === name)?.message ?? '';

const ALL_OK = {
  address: 'ok',
  connection: 'ok',
  tls: 'warning',
  answer: 'ok',
  body: 'ok',
  signature: 'ok',
  outcome: 'ok',
};
const skipped = (...hops: string[]) => Object.fromEntries(hops.map((hop) => [hop, 'skipped']));
const LATER = skipped('body', 'signature', 'outcome');

describe('all well', () => {
  test('without PUBLIC_URL, on this machine', async () => {
    const t = await start();
    const report = await run(t);
    expect(report).toMatchObject({ ok: true, via: 'loopback', url: `${t.url}${WEBHOOK}` });
    expect(states(report)).toEqual({ ...ALL_OK, tls: 'skipped' });
    expect(report.messageId).toStartWith('qbs-self-test-');
    expect(says(report, 'outcome')).toContain('changes no user');
  });

  test('listening on every address of the machine', async () => {
    const t = await start({ HOST: '0.0.0.0' });
    const report = await run(t);
    expect(report).toMatchObject({ ok: true, via: 'loopback' });
    expect(report.url).toStartWith('http://127.0.0.1:');
  });

  test('through a proxy that passes everything on', async () => {
    const t = await behind(({ forward }) => forward());
    const report = await run(t);
    expect(report).toMatchObject({ ok: true, via: 'public_url' });
    expect(states(report)).toEqual(ALL_OK);
    expect(says(report, 'tls')).toContain('http://');
    expect(says(report, 'address')).toContain('127.0.0.1');
  });

  test('several at a time do not mix', async () => {
    let turn = 0;
    const t = await behind((passing) => {
      if (turn++ % 2 === 1) delete passing.headers['x-signature'];
      return passing.forward();
    });
    const reports = await Promise.all(Array.from({ length: 8 }, () => run(t)));
    expect(reports.map((report) => states(report).signature).sort()).toEqual([
      ...Array(4).fill('error'),
      ...Array(4).fill('ok'),
    ]);
    expect(new Set(reports.map(({ messageId }) => messageId)).size).toBe(8);
  });
});

/** What a proxy does, what becomes of the hops, and what one of them has to say. */
const WRONG: [name: string, handle: Handle, hops: Record<string, string>, hop: string, message: RegExp][] = [
  [
    'appends a line break to the body',
    (passing) => {
      passing.body = Buffer.concat([passing.body, Buffer.from('\n')]);
      return passing.forward();
    },
    { answer: 'error', body: 'error', outcome: 'error' },
    'body',
    /changed on the way.*line break was added.*byte for byte/s,
  ],
  [
    'formats the body',
    (passing) => {
      passing.body = Buffer.from(JSON.stringify(JSON.parse(passing.body.toString()), null, 2));
      return passing.forward();
    },
    { answer: 'error', body: 'error', outcome: 'error' },
    'body',
    /other white space/,
  ],
  [
    'writes characters in another way',
    (passing) => {
      passing.body = Buffer.from(passing.body.toString().replace('é', '\\u00e9'));
      return passing.forward();
    },
    { answer: 'error', body: 'error', outcome: 'error' },
    'body',
    /escaped in another way/,
  ],
  [
    'removes the signature',
    (passing) => {
      delete passing.headers['x-signature'];
      return passing.forward();
    },
    { answer: 'error', signature: 'error', outcome: 'error' },
    'signature',
    /X-Signature was removed/,
  ],
  [
    'puts a signature of its own',
    (passing) => {
      passing.headers['x-signature'] = 'f'.repeat(40);
      return passing.forward();
    },
    { answer: 'error', signature: 'error', outcome: 'error' },
    'signature',
    /X-Signature was changed/,
  ],
  [
    'redirects',
    async () => new Response(null, { status: 308, headers: { location: 'https://elsewhere.example/x' } }),
    { answer: 'error', ...LATER },
    'answer',
    /308, a redirect to https:\/\/elsewhere\.example\/x/,
  ],
  [
    'does not know the path',
    async () => new Response('<h1>Not found</h1>', { status: 404 }),
    { answer: 'error', ...LATER },
    'answer',
    /404, and not from this service.*this path/,
  ],
  [
    'shows a page of its own',
    async () => new Response('<h1>Welcome</h1>', { status: 200 }),
    { answer: 'error', ...LATER },
    'answer',
    /200, and not from this service/,
  ],
  [
    'can not reach the service',
    async () => new Response('Bad gateway', { status: 502 }),
    { answer: 'error', ...LATER },
    'answer',
    /502, and not from this service/,
  ],
  [
    'replaces the answer',
    async ({ forward }) => {
      await forward();
      return new Response('Oops', { status: 500 });
    },
    { answer: 'error' },
    'answer',
    /500, and not from this service/,
  ],
  [
    'loses the answer',
    async ({ forward, cut }) => {
      await forward();
      return cut();
    },
    { answer: 'error' },
    'answer',
    /request arrived, but its answer did not come back/,
  ],
  [
    'breaks the connection',
    async ({ cut }) => cut(),
    { connection: 'error', ...skipped('tls', 'answer'), ...LATER },
    'connection',
    /broke \(ECONNRESET\)/,
  ],
];
test.each(WRONG)('a proxy that %s', async (_name, handle, hops, hop, message) => {
  const report = await run(await behind(handle));
  expect(report.ok).toBe(false);
  expect(states(report)).toEqual({ ...ALL_OK, ...hops });
  expect(says(report, hop)).toMatch(message);
});

test('a proxy that passes requests on to another copy of the service', async () => {
  const other = await start();
  const proxy = await startProxy(({ forward }) => forward());
  running.push(proxy);
  proxy.target = other.url;
  const report = await run(await start({ PUBLIC_URL: proxy.url }));
  expect(states(report)).toEqual({ ...ALL_OK, answer: 'warning', ...LATER });
  expect(says(report, 'answer')).toContain('another copy');
});

describe('TLS', () => {
  test('a certificate that nobody trusts', async () => {
    const report = await run(await behind(({ forward }) => forward(), SELF_SIGNED));
    expect(states(report)).toEqual({ ...ALL_OK, tls: 'error', answer: 'skipped', ...LATER });
    expect(says(report, 'tls')).toMatch(/not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*Segment refuses it/);
  });

  test('https:// where nobody speaks it', async () => {
    const proxy = await startProxy(({ forward }) => forward());
    running.push(proxy);
    const report = await run(await start({ PUBLIC_URL: proxy.url.replace('http:', 'https:') }));
    expect(states(report)).toMatchObject({ connection: 'ok', tls: 'error', answer: 'skipped' });
    expect(says(report, 'tls')).toContain('does not speak TLS');
  });
});

describe('no way there', () => {
  test('a name without an address', async () => {
    const report = await run(await start({ PUBLIC_URL: 'https://nowhere.invalid' }));
    expect(report).toMatchObject({ ok: false, via: 'public_url' });
    expect(states(report)).toEqual({ ...skipped('connection', 'tls', 'answer'), ...LATER, address: 'error' });
    expect(says(report, 'address')).toMatch(/nowhere\.invalid has no address/);
  });

  test('nothing listens', async () => {
    const proxy = await startProxy(({ forward }) => forward());
    await proxy.stop();
    const report = await run(await start({ PUBLIC_URL: proxy.url }));
    expect(states(report)).toMatchObject({ address: 'ok', connection: 'error', answer: 'skipped' });
    expect(says(report, 'connection')).toMatch(/Nothing listens at 127\.0\.0\.1:\d+/);
  });

  test('nobody answers in time', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const t = await start();
    const selfTest = createSelfTest({
      webhookUrl: () => `http://127.0.0.1:${port}/`,
      viaPublicUrl: true,
      settings: () => ({
        inbound: {
          enabled: true,
          sharedSecrets: [{ id: '1', secret: SECRET, createdAt: 0, expiresAt: null }],
          acceptFirstEventSignature: false,
          createUsers: false,
          deleteUsers: false,
        },
        outbound: { enabled: false, writeKey: null, region: 'us', userId: 'email', eventsPerSecond: null },
      }),
      findUser: t.service.store.findUser,
      version: '0',
      now: Date.now,
      timeoutMs: 50,
    });
    const report = await selfTest.run(null);
    expect(report.ok).toBe(false);
    expect(states(report)).toMatchObject({ address: 'ok', connection: 'error', answer: 'skipped' });
    expect(says(report, 'connection')).toMatch(/did not answer within 0.05 s/);
    silent.close();
  });
});

describe('what the service says', () => {
  test('receiving is switched off', async () => {
    const t = await start();
    await t.api('PATCH', SETTINGS, { inbound: { enabled: false } });
    const report = await run(t);
    expect(states(report)).toMatchObject({ answer: 'error', body: 'ok', signature: 'ok', outcome: 'error' });
    expect(says(report, 'answer')).toMatch(/^503 inbound_off: .*switch it on/);
    expect(says(report, 'outcome')).toMatch(/^inbound_off: /);
  });

  test('there is no secret to sign with', async () => {
    const t = await start({}, false);
    expect(await t.api('POST', TEST)).toMatchObject({
      status: 422,
      body: { error: { code: 'shared_secret_missing', message: expect.stringContaining('sharedSecret') } },
    });
  });

  test('while a secret is being rotated, the new one signs', async () => {
    const t = await start();
    const { sharedSecret } = (await t.api('POST', `${SETTINGS}/rotate-secret`)).body.data;
    const report = await run(t);
    expect(report.ok).toBe(true);
    expect(JSON.stringify(report)).not.toContain(sharedSecret);
  });
});

describe('users', () => {
  test('none is changed, nor created, nor told about', async () => {
    const t = await start();
    await t.connect();
    const id = await addUser(t, 'ada@example.com', { attributes: { plan: 'pro' } });
    const before = await showUser(t, id);
    await t.api('PATCH', SETTINGS, { inbound: { createUsers: true } });
    expect((await run(t, { email: 'ada@example.com' })).ok).toBe(true);
    expect((await run(t, { email: 'grace@example.com' })).ok).toBe(true);
    expect(await showUser(t, id)).toEqual(before);
    expect(await countUsers(t)).toBe(1);
    const { data } = (await t.api('GET', '/api/v1/activity/inbound')).body;
    expect(data.map(({ reason }: { reason: string }) => reason)).toEqual(['echo', 'echo']);
  });

  test.each([
    ['an address that is known', 'Ada@Example.com ', false, 'ok', /would be merged/],
    ['an address that is not', 'grace@example.com', false, 'warning', /no_match/],
    ['an address that is not, where users are created', 'grace@example.com', true, 'ok', /would be created/],
    ['what is no address', 'grace', false, 'error', /invalid_email/],
  ])('%s', async (_name, email, createUsers, state, message) => {
    const t = await start();
    await addUser(t, 'ada@example.com');
    await t.api('PATCH', SETTINGS, { inbound: { createUsers } });
    const report = await run(t, { email });
    expect(states(report)).toEqual({ ...ALL_OK, tls: 'skipped', user: state });
    expect(report.ok).toBe(state !== 'error');
    expect(says(report, 'user')).toMatch(message);
  });

  test('the address is optional, and text', async () => {
    const t = await start();
    expect((await t.api('POST', TEST, { email: 7 })).status).toBe(422);
    expect((await t.api('POST', TEST, {})).status).toBe(200);
  });
});
