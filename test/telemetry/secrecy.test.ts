import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { createPlace, type Place } from '../cli/process.ts';
import { openDatabase } from '../helpers/database.ts';
import { type SegmentStub, startSegmentStub } from '../helpers/segment-stub.ts';
import { identify, SETTINGS, sign, WEBHOOK } from '../helpers/service.ts';

// Each is unlike anything else, so that finding it anywhere is proof.
const API_KEY = 'qb_canary-api-key-0123456789-0123456789';
const SECRETS = {
  'the API key': API_KEY,
  'a wrong API key': 'qb_canary-wrong-key-0123456789-0123456789',
  'the shared secret': 'canary-shared-secret',
  'a shared secret that is too short': 'canary-short',
  'the write key': 'canary-write-key',
  'the write key as it is sent': Buffer.from('canary-write-key:').toString('base64'),
  'the sealing key': 'canary-sealing-key-0123456789-0123456789',
  'the metrics token': 'canary-metrics-token',
  'a trait value': 'canary-trait-value',
  'a trait value of a refused event': 'canary-refused-value',
  'an attribute of a refused request': 'canary-attribute-value',
  'an email': 'canary-person@example.com',
  'a name': 'Canary Name',
  'a search': 'canary-search',
  'a rule value': 'canary-rule-value',
  'a cell of an import': 'canary-cell',
};

let place: Place;
let stub: SegmentStub;
beforeAll(async () => {
  place = await createPlace();
  stub = startSegmentStub({ writeKey: SECRETS['the write key'] });
});
afterAll(async () => {
  await place.remove();
  await stub.stop();
});

test('a busy and then a broken service says nothing secret and nobody’s data, at LOG_LEVEL=trace', async () => {
  const start = () =>
    place.serve({
      LOG_LEVEL: 'trace',
      ADMIN_API_KEY: API_KEY,
      SECRET_KEY: SECRETS['the sealing key'],
      METRICS_TOKEN: SECRETS['the metrics token'],
      SEGMENT_API_URL: stub.url,
    });
  let running = await start();
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${running.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  };
  const deliver = (event: unknown, secret = SECRETS['the shared secret']) => {
    const body = typeof event === 'string' ? event : JSON.stringify(event);
    return send('POST', WEBHOOK, body, { 'x-signature': sign(body, secret) });
  };
  const email = SECRETS['an email'];
  const event = identify(email, { plan: SECRETS['a trait value'], name: SECRETS['a name'] });
  const user = {
    email,
    name: SECRETS['a name'],
    attributes: { plan: SECRETS['an attribute of a refused request'] },
  };

  const statuses = [
    // Segment refuses the write key, is out of order, refuses an event for good, then takes it.
    await send('PATCH', SETTINGS, {
      inbound: { sharedSecret: SECRETS['a shared secret that is too short'] },
    }),
    await send('PATCH', SETTINGS, {
      inbound: { sharedSecret: SECRETS['the shared secret'], createUsers: true },
      outbound: { enabled: true, writeKey: SECRETS['the write key'] },
    }),
    await send('GET', SETTINGS),
    await send('POST', `${SETTINGS}/rotate-secret`),
    await send('POST', '/api/v1/segments', {
      name: 'Canaries',
      type: 'dynamic',
      rules: {
        match: 'any',
        conditions: [
          { field: 'attributes.plan', operator: 'eq', value: SECRETS['a trait value'] },
          { field: 'name', operator: 'eq', value: SECRETS['a rule value'] },
        ],
      },
    }),
    await send('POST', '/api/v1/segments', {
      name: 'Wrong',
      type: 'dynamic',
      rules: {
        match: 'any',
        conditions: [{ field: 'nothing', operator: 'eq', value: SECRETS['a rule value'] }],
      },
    }),
  ];
  const faults = [{ status: 500 }, { status: 401 }, { status: 400 }];
  stub.failWith(() => faults.shift() ?? null);
  statuses.push(
    await deliver(event),
    await deliver(event),
    await deliver(event, 'not-the-shared-secret'),
    await deliver([event, { type: 'track' }]),
    await deliver(
      `{"type":"identify","traits":{"email":"${email}","plan":"${SECRETS['a trait value of a refused event']}"`,
    ),
    await deliver(identify(`not an address ${email}`, { plan: SECRETS['a trait value of a refused event'] })),
    await send('GET', `/api/v1/users?search=${SECRETS['a search']}`),
    await send('GET', `/api/v1/users/${SECRETS['a search']}`),
    await send('GET', `/${SECRETS['a search']}?key=${API_KEY}`),
    await send('GET', '/api/v1/users', undefined, { authorization: `Bearer ${SECRETS['a wrong API key']}` }),
    await send('POST', '/api/v1/users/identify', user),
    await send('POST', '/api/v1/users/identify', { ...user, email: 7 }),
    await send('POST', '/api/v1/users/identify', `{"email":"${email}",`),
    await send(
      'POST',
      '/api/v1/users/import',
      `email,plan\n${email},${SECRETS['a cell of an import']}\nx,"`,
      {
        'content-type': 'text/csv',
      },
    ),
    await send('GET', '/metrics', undefined, { authorization: `Bearer ${SECRETS['the metrics token']}` }),
    await send('GET', '/metrics'),
  );
  await stub.waitFor((seen) => seen.calls.length > 0);

  // Stopped meanwhile, or it may write the user after us, with attributes that can be read.
  running.kill('SIGTERM');
  const busy = await running.ended;
  const database = openDatabase(join(place.dir, 'data'), { write: true });
  // What parses it says what it fell over.
  database.run('UPDATE users SET attributes = ?', [`{"plan": ${SECRETS['a trait value']}`]);
  running = await start();
  const broken = [await deliver(event), await send('GET', '/api/v1/users')];
  database.run('ALTER TABLE users RENAME TO gone');
  database.close();
  broken.push(
    await deliver(event),
    await send('POST', '/api/v1/users/identify', user),
    await send('GET', `/api/v1/users?search=${SECRETS['a search']}`),
    await send('POST', '/api/v1/users/import', `email,plan\n${email},${SECRETS['a cell of an import']}\n`, {
      'content-type': 'text/csv',
    }),
  );
  running.kill('SIGTERM');
  const ended = await running.ended;
  const stdout = busy.stdout + ended.stdout;
  const stderr = busy.stderr + ended.stderr;

  // It did what it was to be silent about.
  expect(new Set(statuses)).toEqual(new Set([200, 201, 400, 401, 404, 422]));
  expect(broken).toEqual([503, 500, 503, 500, 500, 500]);
  const lines = stderr.trim().split('\n');
  expect(lines.length).toBeGreaterThan(statuses.length);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ msg: expect.any(String) });
  for (const [what, secret] of Object.entries(SECRETS)) {
    const found = `${stdout}${stderr}`.includes(secret);
    expect({ what, found }).toEqual({ what, found: false });
  }
  expect(stderr).not.toMatch(/canary/i);
});
