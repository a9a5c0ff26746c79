import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { manualClock } from '../helpers/manual-clock.ts';
import {
  API_KEY,
  identify,
  SECRET,
  SETTINGS,
  startTestService,
  type TestService,
  WRITE_KEY,
} from '../helpers/service.ts';
import { operationsOf } from './operations.ts';
import { check, prepare, problem, type Scenario, scenarios } from './scenario.ts';

const connected = prepare(['PATCH', SETTINGS, { outbound: { writeKey: WRITE_KEY, enabled: true } }]);

describe('show', () => {
  scenarios([
    {
      it: 'everything, with the defaults',
      call: ['GET', SETTINGS],
      status: 200,
      body: {
        data: {
          webhookUrl: expect.stringMatching(
            /^http:\/\/127\.0\.0\.1:\d+\/api\/integrations\/segment\/webhook$/,
          ),
          inbound: {
            enabled: true,
            sharedSecrets: [
              { id: expect.any(String), hint: '…ests', createdAt: expect.any(String), expiresAt: null },
            ],
            acceptFirstEventSignature: false,
            createUsers: false,
            deleteUsers: false,
          },
          outbound: {
            enabled: false,
            writeKey: null,
            region: 'us',
            userId: 'email',
            eventsPerSecond: 1000,
            status: 'off',
            pending: 0,
            parked: 0,
            lastSuccessAt: null,
            lastError: null,
          },
        },
      },
    },
  ]);
  for (const [publicUrl, expected] of [
    ['https://segment.example.com', 'https://segment.example.com'],
    ['https://example.com/quackback/', 'https://example.com/quackback'],
  ]) {
    describe(`with PUBLIC_URL=${publicUrl}`, () => {
      scenarios(
        [
          {
            it: 'the webhook is there',
            call: ['GET', SETTINGS],
            status: 200,
            body: { data: { webhookUrl: `${expected}/api/integrations/segment/webhook` } },
          },
        ],
        { PUBLIC_URL: publicUrl as string },
      );
    });
  }
});

describe('change', () => {
  scenarios([
    {
      it: 'any part, and the rest stays',
      given: prepare(
        ['PATCH', SETTINGS, { outbound: { region: 'eu', userId: 'external_id' } }],
        ['PATCH', SETTINGS, { inbound: { createUsers: true } }],
      ),
      call: ['PATCH', SETTINGS, { outbound: { eventsPerSecond: 50 } }],
      status: 200,
      body: {
        data: {
          inbound: { enabled: true, createUsers: true },
          outbound: { region: 'eu', userId: 'external_id', eventsPerSecond: 50 },
        },
      },
    },
    {
      it: 'nothing',
      call: ['PATCH', SETTINGS, {}],
      status: 200,
      body: { data: { inbound: { sharedSecrets: [{ hint: '…ests' }] } } },
    },
    {
      it: 'no limit of events',
      call: ['PATCH', SETTINGS, { outbound: { eventsPerSecond: null } }],
      status: 200,
      body: { data: { outbound: { eventsPerSecond: null } } },
    },
    {
      it: 'what is computed is not taken',
      call: [
        'PATCH',
        SETTINGS,
        { webhookUrl: 'https://evil.example', outbound: { pending: 7, status: 'paused' } },
      ],
      status: 200,
      body: { data: { outbound: { pending: 0, status: 'off' } } },
      lacks: ['evil'],
    },
    ...(
      [
        [{ inbound: 'abc' }, 'body.inbound', 'must be an object'],
        [{ inbound: 7 }, 'body.inbound', 'must be an object'],
        [{ inbound: null }, 'body.inbound', 'must be an object'],
        [{ outbound: [1] }, 'body.outbound', 'must be an object'],
        [{ inbound: { enabled: 'yes' } }, 'body.inbound.enabled', 'must be true or false'],
        [{ outbound: { region: 'mars' } }, 'body.outbound.region', 'must be one of us, eu'],
        [{ outbound: { region: null } }, 'body.outbound.region', 'must be one of us, eu'],
        [{ outbound: { userId: 'phone' } }, 'body.outbound.userId', 'must be one of email, external_id'],
        [
          { outbound: { eventsPerSecond: 0 } },
          'body.outbound.eventsPerSecond',
          'must be a whole number from 1 to 100000 or null',
        ],
        [
          { outbound: { eventsPerSecond: '0' } },
          'body.outbound.eventsPerSecond',
          'must be a whole number from 1 to 100000 or null',
        ],
        [
          { outbound: { eventsPerSecond: 1.5 } },
          'body.outbound.eventsPerSecond',
          'must be a whole number from 1 to 100000 or null',
        ],
        [
          { outbound: { writeKey: '' } },
          'body.outbound.writeKey',
          'must be text of at most 512 characters without spaces or an object or null',
        ],
        [
          { outbound: { writeKey: 'key\n' } },
          'body.outbound.writeKey',
          'must be text of at most 512 characters without spaces or an object or null',
        ],
        [
          { inbound: { sharedSecret: '15 characters..' } },
          'body.inbound.sharedSecret',
          'must be text of 16 to 512 characters on one line, without spaces around it',
        ],
        [
          { inbound: { sharedSecret: ' copied with a space' } },
          'body.inbound.sharedSecret',
          'must be text of 16 to 512 characters on one line, without spaces around it',
        ],
        [
          { inbound: { sharedSecret: 'copied with a line break\n' } },
          'body.inbound.sharedSecret',
          'must be text of 16 to 512 characters on one line, without spaces around it',
        ],
        [
          { inbound: { sharedSecret: null } },
          'body.inbound.sharedSecret',
          'must be text of 16 to 512 characters on one line, without spaces around it',
        ],
        [
          { inbound: { sharedSecret: 'x'.repeat(513) } },
          'body.inbound.sharedSecret',
          'must be text of 16 to 512 characters on one line, without spaces around it',
        ],
      ] as const
    ).map(
      ([body, path, message]): Scenario => ({
        it: `refuses ${JSON.stringify(body).slice(0, 60)}`,
        call: ['PATCH', SETTINGS, body],
        status: 422,
        body: problem(path, message),
        lacks: ['15 characters', 'xxxx'],
      }),
    ),
  ]);
});

describe('the write key', () => {
  scenarios([
    {
      it: 'is set together with switching on',
      call: ['PATCH', SETTINGS, { outbound: { writeKey: 'a-write-key-Qk3b', enabled: true } }],
      status: 200,
      body: { data: { outbound: { enabled: true, writeKey: { hint: '…Qk3b' } } } },
      lacks: ['a-write-key'],
    },
    {
      it: 'is needed to switch on',
      call: ['PATCH', SETTINGS, { outbound: { enabled: true } }],
      status: 422,
      body: { error: { code: 'write_key_missing' } },
      contains: ['outbound.writeKey'],
    },
    {
      it: 'is removed with null, together with switching off',
      given: connected,
      call: ['PATCH', SETTINGS, { outbound: { writeKey: null, enabled: false } }],
      status: 200,
      body: { data: { outbound: { enabled: false, writeKey: null, status: 'off' } } },
    },
    {
      it: 'is not removed while it is needed',
      given: connected,
      call: ['PATCH', SETTINGS, { outbound: { writeKey: null } }],
      status: 422,
      body: { error: { code: 'write_key_missing' } },
    },
    {
      it: 'so short that a hint would give it away has none',
      call: ['PATCH', SETTINGS, { outbound: { writeKey: 'abcd' } }],
      status: 200,
      body: { data: { outbound: { writeKey: { hint: '…' } } } },
      lacks: ['abcd'],
    },
    {
      it: 'stays when a later part of the request is refused',
      given: connected,
      call: [
        'PATCH',
        SETTINGS,
        { outbound: { writeKey: 'another-write-key' }, inbound: { sharedSecret: 'short' } },
      ],
      status: 422,
      lacks: ['another-write-key', 'short'],
    },
  ]);
});

describe('rotation of the shared secret', () => {
  const clock = manualClock();
  const HOUR = 3_600_000;
  let t: TestService;
  let fresh: string;
  beforeAll(async () => {
    t = await startTestService({ clock });
    await t.api('POST', '/api/v1/users/identify', { email: 'a@b.c' });
  });
  afterAll(() => t.stop());
  const reasonWith = async (secret: string) =>
    (await t.webhook(identify('a@b.c', {}, { timestamp: new Date(clock.now()).toISOString() }), { secret }))
      .status;

  test('shows the new one once and keeps the old one for 24 hours', async () => {
    const { status, body } = await t.api('POST', `${SETTINGS}/rotate-secret`);
    expect(status).toBe(200);
    fresh = body.data.sharedSecret;
    expect(fresh.length).toBeGreaterThanOrEqual(32);
    expect(body.data.sharedSecrets).toMatchObject([
      { hint: `…${fresh.slice(-4)}`, expiresAt: null },
      { hint: '…ests', expiresAt: '2026-06-02T12:00:00.000Z' },
    ]);
    check(await t.api('GET', SETTINGS), {
      status: 200,
      body: { data: { inbound: { sharedSecrets: body.data.sharedSecrets } } },
      lacks: [fresh],
    });
    expect(await reasonWith(fresh)).toBe(200);
    expect(await reasonWith(SECRET)).toBe(200);
  });

  test('the old one still works a moment before the 24 hours are over, and not after', async () => {
    clock.advance(24 * HOUR - 1);
    expect(await reasonWith(SECRET)).toBe(200);
    clock.advance(1);
    expect(await reasonWith(SECRET)).toBe(401);
    expect(await reasonWith(fresh)).toBe(200);
    expect((await t.api('GET', SETTINGS)).body.data.inbound.sharedSecrets).toHaveLength(1);
  });

  test('rotating again keeps those that Segment may still use, each for its own 24 hours', async () => {
    const rotated = async () => (await t.api('POST', `${SETTINGS}/rotate-secret`)).body.data.sharedSecret;
    const second = await rotated();
    clock.advance(HOUR);
    const third = await rotated();
    const all = () => Promise.all([fresh, second, third].map(reasonWith));
    expect(await all()).toEqual([200, 200, 200]);
    clock.advance(23 * HOUR);
    expect(await all()).toEqual([401, 200, 200]);
    clock.advance(HOUR);
    expect(await all()).toEqual([401, 401, 200]);
  });

  test('not for ever: every delivery is compared with all of them', async () => {
    let answer = await t.api('POST', `${SETTINGS}/rotate-secret`);
    while (answer.status === 200) answer = await t.api('POST', `${SETTINGS}/rotate-secret`);
    check(answer, {
      status: 409,
      body: { error: { code: 'too_many_secrets' } },
      contains: ['when one has expired', 'inbound.sharedSecret'],
    });
    const rotation = (await operationsOf(t)).find(({ path }) => path === `${SETTINGS}/rotate-secret`);
    expect(rotation?.responses).toHaveProperty('409');
    expect((await t.api('GET', SETTINGS)).body.data.inbound.sharedSecrets).toHaveLength(10);
  });

  test('a secret set by hand replaces all of them at once', async () => {
    await t.api('PATCH', SETTINGS, { inbound: { sharedSecret: '16-characters-ok' } });
    expect((await t.api('GET', SETTINGS)).body.data.inbound.sharedSecrets).toMatchObject([
      { hint: '…s-ok', expiresAt: null },
    ]);
    expect(await reasonWith('16-characters-ok')).toBe(200);
  });

  test('is remembered over a restart', async () => {
    const before = (await t.api('GET', SETTINGS)).body.data.inbound;
    await t.restart();
    expect((await t.api('GET', SETTINGS)).body.data.inbound).toEqual(before);
    expect(await reasonWith('16-characters-ok')).toBe(200);
  });
});

test('no secret is in any answer, nor in a file of the data folder', async () => {
  const t = await startTestService({ env: { SEGMENT_API_URL: 'http://127.0.0.1:1/' } });
  const secrets = [SECRET, WRITE_KEY, API_KEY];
  await t.connect();
  await t.api('POST', '/api/v1/users/identify', { email: 'a@b.c', attributes: { plan: 'pro' } });
  await t.planSegment('Pro users', 'pro');
  const answers = [
    await t.api('GET', SETTINGS),
    await t.api('PATCH', SETTINGS, { outbound: { writeKey: WRITE_KEY, region: 'nowhere' } }),
    await t.api('PATCH', SETTINGS, `{"inbound":{"sharedSecret":"${SECRET}"`),
    await t.api('PATCH', SETTINGS, { outbound: { writeKey: null } }),
    await t.api('POST', `${SETTINGS}/retry-parked`),
    await t.webhook(identify('a@b.c', {}), { signature: '0'.repeat(40) }),
    await t.api('GET', '/api/v1/nothing'),
    await t.api('GET', '/swagger/json'),
  ];
  for (const answer of answers) {
    const text = JSON.stringify([answer.body, [...answer.headers]]);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
  const files = await Promise.all(
    readdirSync(t.dataDir).map((name) => Bun.file(join(t.dataDir, name)).text()),
  );
  expect(files.join()).toContain('a@b.c');
  for (const secret of secrets) expect(files.join()).not.toContain(secret);
  await t.stop();
});
