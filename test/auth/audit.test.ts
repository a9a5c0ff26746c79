import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Browser, bearer, makeKey, openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import {
  API_KEY,
  SECRET,
  SETTINGS,
  startTestService,
  type TestService,
  WRITE_KEY,
} from '../helpers/service.ts';
import { codeFor } from '../helpers/totp.ts';

const clock = manualClock();
let t: TestService;
let ada: Browser;
beforeAll(async () => {
  t = await startTestService({ clock, secret: false, env: { TRUSTED_PROXY_HOPS: '1', AUDIT_DAYS: '10' } });
  ada = await setUpAdmin(t);
});
afterAll(() => t.stop());

const entries = async (query = '') => (await t.api('GET', `/api/v1/audit${query}`)).body.data;
const latest = async () => (await entries('?limit=1'))[0];
const FROM = { 'x-forwarded-for': '203.0.113.7' };
const RULES = (plan: string) => ({
  match: 'all',
  conditions: [{ field: 'attributes.plan', operator: 'eq', value: plan }],
});

/** What is done, one after another, and what the log then says. */
const STEPS: [
  what: string,
  call: [method: string, path: string, body?: unknown],
  entry: Record<string, unknown>,
][] = [
  [
    'a user is made',
    [
      'POST',
      '/api/v1/users/identify',
      { email: 'canary@example.com', name: 'Canary Name', attributes: { plan: 'canary-plan' } },
    ],
    {
      action: 'user.identified',
      target: 'user_1',
      changes: [{ field: 'email' }, { field: 'name' }, { field: 'attributes.plan' }],
    },
  ],
  [
    'a user is changed',
    ['PATCH', '/api/v1/users/user_1', { attributes: { plan: 'canary-other' } }],
    { action: 'user.changed', target: 'user_1', changes: [{ field: 'attributes.plan' }] },
  ],
  [
    'a segment is made',
    ['POST', '/api/v1/segments', { name: 'Pro', type: 'dynamic', rules: RULES('pro') }],
    { action: 'segment.created', target: 'pro' },
  ],
  [
    'a segment is renamed',
    ['PATCH', '/api/v1/segments/pro', { name: 'Professional' }],
    {
      action: 'segment.changed',
      target: 'pro',
      changes: [{ field: 'name', before: 'Pro', after: 'Professional' }],
    },
  ],
  [
    'its rules are changed',
    ['PATCH', '/api/v1/segments/segment_1', { rules: RULES('enterprise') }],
    {
      action: 'segment.changed',
      target: 'pro',
      changes: [{ field: 'rules', before: RULES('pro'), after: RULES('enterprise') }],
    },
  ],
  [
    'it is evaluated',
    ['POST', '/api/v1/segments/pro/evaluate'],
    { action: 'segment.evaluated', target: 'pro' },
  ],
  ['it is exported', ['GET', '/api/v1/segments/pro/export'], { action: 'segment.exported', target: 'pro' }],
  [
    'a segment by hand',
    ['POST', '/api/v1/segments', { name: 'VIP', type: 'manual' }],
    { action: 'segment.created', target: 'vip' },
  ],
  [
    'a member is added',
    ['POST', '/api/v1/segments/vip/members', { emails: ['canary@example.com'] }],
    {
      action: 'members.added',
      target: 'vip',
      changes: expect.arrayContaining([{ field: 'added', after: 1 }]),
    },
  ],
  [
    'a member is removed',
    ['DELETE', '/api/v1/segments/vip/members', { emails: ['canary@example.com'] }],
    {
      action: 'members.removed',
      target: 'vip',
      changes: expect.arrayContaining([{ field: 'removed', after: 1 }]),
    },
  ],
  [
    'a segment is deleted',
    ['DELETE', '/api/v1/segments/pro'],
    {
      action: 'segment.deleted',
      target: 'pro',
      changes: expect.arrayContaining([{ field: 'name', before: 'Professional' }]),
    },
  ],
  [
    'secrets are set',
    [
      'PATCH',
      SETTINGS,
      { inbound: { sharedSecret: SECRET, createUsers: true }, outbound: { writeKey: WRITE_KEY } },
    ],
    {
      action: 'settings.changed',
      changes: [
        { field: 'inbound.createUsers', before: false, after: true },
        { field: 'inbound.sharedSecret', after: 'changed' },
        { field: 'outbound.writeKey', after: 'changed' },
      ],
    },
  ],
  [
    'a secret is taken away',
    ['PATCH', SETTINGS, { outbound: { writeKey: null } }],
    { action: 'settings.changed', changes: [{ field: 'outbound.writeKey', after: 'removed' }] },
  ],
  [
    'a secret is rotated',
    ['POST', `${SETTINGS}/rotate-secret`],
    { action: 'settings.secret_rotated', changes: [{ field: 'inbound.sharedSecret', after: 'changed' }] },
  ],
  ['users are exported', ['GET', '/api/v1/users/export'], { action: 'users.exported' }],
  [
    'somebody is invited',
    ['POST', '/api/v1/invitations', { role: 'viewer', email: 'vera@example.com' }],
    {
      action: 'invitation.created',
      target: 'vera@example.com',
      changes: [{ field: 'role', after: 'viewer' }],
    },
  ],
  [
    'a key is made',
    ['POST', '/api/v1/api-keys', { name: 'Reports', scope: 'read' }],
    {
      action: 'key.created',
      target: 'Reports',
      changes: [
        { field: 'scope', after: 'read' },
        { field: 'expiresAt', after: null },
      ],
    },
  ],
  ['a user is deleted', ['DELETE', '/api/v1/users/user_1'], { action: 'user.deleted', target: 'user_1' }],
];

describe('written down, with who did it and from where', () => {
  test.each(STEPS)('%s', async (_what, [method, path, body], entry) => {
    const { status } = await ada.call(method, path, body, FROM);
    expect(status).toBeWithin(200, 205);
    expect(await latest()).toMatchObject({
      at: new Date(clock.now()).toISOString(),
      actor: { kind: 'admin', name: 'ada@example.com' },
      ip: '203.0.113.7',
      ...entry,
    });
  });

  test('an import, with its counts', async () => {
    const file = 'email,plan\na@example.com,pro\nb@example.com,pro\nnothing,pro\n';
    await ada.call('POST', '/api/v1/users/import', file, { ...FROM, 'content-type': 'text/csv' });
    expect(await latest()).toMatchObject({
      action: 'users.imported',
      changes: expect.arrayContaining([
        { field: 'created', after: 2 },
        { field: 'rejected', after: 1 },
      ]),
    });
  });

  test('by keys, and by ADMIN_API_KEY', async () => {
    const { id, key } = await makeKey(t, 'write');
    const make = (name: string, headers: Record<string, string>) =>
      t.api('POST', '/api/v1/segments', { name, type: 'manual' }, headers);
    await make('By key', bearer(key));
    expect((await latest()).actor).toEqual({ kind: 'key', id, name: 'write' });
    await make('By operator', bearer(API_KEY));
    expect((await latest()).actor).toEqual({
      kind: 'environment',
      id: 'ADMIN_API_KEY',
      name: 'ADMIN_API_KEY',
    });
    await t.api('DELETE', `/api/v1/api-keys/${id}`);
    expect(await latest()).toMatchObject({ action: 'key.revoked', target: 'write' });
  });

  test('not where nothing was changed', async () => {
    const { body } = await ada.call('POST', '/api/v1/users/identify', { email: 'same@example.com' });
    const before = (await latest()).id;
    for (const [path, same] of [
      ['/api/v1/segments/vip', {}],
      ['/api/v1/segments/vip', { name: 'VIP' }],
      [SETTINGS, {}],
      [SETTINGS, { inbound: { createUsers: true }, outbound: {} }],
      [`/api/v1/users/${body.data.id}`, {}],
    ] as const)
      expect((await ada.call('PATCH', path, same)).status).toBe(200);
    expect((await latest()).id).toBe(before);
  });

  test('not what failed', async () => {
    const before = (await latest()).id;
    await ada.call('POST', '/api/v1/segments', { name: '', type: 'manual' });
    await ada.call('DELETE', '/api/v1/users/user_999');
    await ada.call('POST', '/api/v1/segments', { name: 'x' }, { origin: 'https://evil.example' });
    expect((await latest()).id).toBe(before);
  });
});

test('signing in and out, failures and second factors', async () => {
  const before = (await latest()).id;
  const browser = openBrowser(t);
  const post = (path: string, body: unknown) => browser.call('POST', `/api/auth/${path}`, body, FROM);
  const password = PASSWORD;
  await post('sign-in/email', { email: 'ada@example.com', password: 'canary-wrong-password' });
  await post('sign-in/email', { email: 'canary-password-typed-as-email', password });
  await post('sign-in/email', { email: 'ada@example.com', password });
  const { totpURI } = (await post('two-factor/enable', { password })).body;
  await post('two-factor/verify-totp', { code: codeFor(totpURI) });
  await post('sign-out', {});
  await post('sign-in/email', { email: 'ada@example.com', password });
  await post('two-factor/verify-totp', { code: '000000' });
  await post('two-factor/verify-totp', { code: codeFor(totpURI, Date.now() + 30_000) });
  await post('two-factor/disable', { password });
  const found = (await entries('?limit=20')).filter(({ id }: { id: number }) => id > before).reverse();
  expect(found.every(({ ip }: { ip: string }) => ip === '203.0.113.7')).toBe(true);
  const said = found.map(
    ({
      action,
      actor,
      target,
      changes,
    }: {
      action: string;
      actor: { name: string | null };
      target: string | null;
      changes: { after: unknown }[];
    }) => [action, actor.name, target, changes[0]?.after].map((part) => part ?? '-').join(' '),
  );
  expect(said).toEqual([
    'session.refused - ada@example.com invalid_email_or_password',
    'session.refused - - invalid_email',
    'session.signed_in ada@example.com - password',
    'two_factor.begun ada@example.com ada@example.com -',
    'two_factor.confirmed ada@example.com ada@example.com -',
    'session.signed_out ada@example.com ada@example.com -',
    'session.code_asked - ada@example.com -',
    'session.refused - ada@example.com invalid_code',
    'session.signed_in ada@example.com - password and code',
    'two_factor.removed ada@example.com ada@example.com -',
  ]);
  // Turning it on has ended the other session, which the tests below go on with.
  await ada.signIn('ada@example.com');
});

test('no secret and no data of a user is in it', async () => {
  const text = JSON.stringify(await entries('?limit=200'));
  expect(text.length).toBeGreaterThan(2000);
  for (const secret of [SECRET, WRITE_KEY, PASSWORD, 'canary', 'Canary', 'qb_', 'accept#'])
    expect(text).not.toContain(secret);
});

describe('users changed by a program', () => {
  const identifyBy = async (headers?: Record<string, string>) => {
    const body = { email: 'often@example.com' };
    return headers === undefined
      ? ada.call('POST', '/api/v1/users/identify', body)
      : t.api('POST', '/api/v1/users/identify', body, headers);
  };
  const identified = async (actor: string) =>
    (await entries(`?action=user.identified&actor=${actor}`)).map(
      ({ target, changes }: { target: string | null; changes: unknown }) => [target === null, changes],
    );

  test('are told once and then counted; those changed by a person one by one', async () => {
    const headers = bearer((await makeKey(t, 'write', { name: 'Backend' })).key);
    for (let i = 0; i < 4; i++) await identifyBy(headers);
    const once = [false, [{ field: 'email' }]];
    expect(await identified('Backend')).toEqual([once]);
    clock.advance(600_000);
    while ((await identified('Backend')).length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(await identified('Backend')).toEqual([[true, [{ field: 'times', after: 3 }]], once]);
    for (let i = 0; i < 2; i++) await identifyBy();
    expect((await identified('ada@')).slice(0, 2)).toEqual([once, once]);
  });

  test('are counted when the service stops', async () => {
    const headers = bearer((await makeKey(t, 'write', { name: 'Worker' })).key);
    for (let i = 0; i < 3; i++) await identifyBy(headers);
    await t.restart();
    expect((await identified('Worker'))[0]).toEqual([true, [{ field: 'times', after: 2 }]]);
  });
});

describe('is read', () => {
  test('page by page, the latest first', async () => {
    const all = (await entries('?limit=200')).map(({ id }: { id: number }) => id);
    expect(all).toEqual([...all].sort((a: number, b: number) => b - a));
    const paged: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await t.api('GET', `/api/v1/audit?limit=7${cursor && `&before=${cursor}`}`);
      paged.push(...body.data.map(({ id }: { id: number }) => id));
      cursor = body.meta.pagination.cursor;
      expect(body.meta.pagination.hasMore).toBe(cursor !== null);
    }
    expect(paged).toEqual(all);
  });

  test('by actor, action and time', async () => {
    const actions = async (query: string) =>
      new Set((await entries(`?limit=200&${query}`)).map(({ action }: { action: string }) => action));
    expect(await actions('action=key')).toEqual(new Set(['key.created', 'key.revoked']));
    expect(await actions('action=key.created')).toEqual(new Set(['key.created']));
    expect(await actions('action=ke')).toEqual(new Set());
    expect(await actions('action=%25')).toEqual(new Set());
    expect(await actions('actor=ADA@')).toContain('session.signed_in');
    expect(await actions('actor=ADA@')).not.toContain('session.refused');
    const now = encodeURIComponent(new Date(clock.now()).toISOString());
    clock.advance(60_000);
    await ada.call('POST', '/api/v1/segments/evaluate', {});
    const later = encodeURIComponent(new Date(clock.now()).toISOString());
    expect(await actions(`from=${later}`)).toEqual(new Set(['segments.evaluated']));
    expect(await actions(`to=${now}`)).not.toContain('segments.evaluated');
  });
});

test('is kept as long as it is to be kept', async () => {
  expect((await entries()).length).toBeGreaterThan(10);
  clock.advance(10 * 86_400_000 + 3_600_000);
  // The next start tidies up at once.
  await t.restart();
  await t.settled();
  while ((await entries()).length > 0) await new Promise((resolve) => setImmediate(resolve));
});
