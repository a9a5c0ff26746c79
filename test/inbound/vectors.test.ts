import { afterEach, beforeEach, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { manualClock } from '../helpers/manual-clock.ts';
import { type Answer, SETTINGS, startTestService, type TestService, WEBHOOK } from '../helpers/service.ts';
import { addUser, countUsers, showUser } from './people.ts';

interface Vector {
  sharedSecret: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}
interface Expected {
  status: number;
  reason: string;
  results?: Record<string, number>;
  /** What becomes of the users that exist before, by email. */
  users?: Record<string, object>;
  settings?: object;
}

const FOLDER = join(import.meta.dir, '../vectors');
const untouched = { name: null, externalId: null, attributes: {}, lastSeenAt: null };
const lastSeenAt = '2026-03-01T12:00:00.000Z';
const plan = (externalId: string, plan: string) => ({
  name: null,
  externalId,
  attributes: { plan },
  lastSeenAt,
});

/** By the name of the recorded request. */
const EXPECTED: [string, Expected][] = [
  [
    'identify',
    {
      status: 200,
      reason: 'applied',
      users: {
        'achilles@example.com': {
          name: 'Achilles',
          externalId: 'user-1',
          attributes: { name: 'Achilles', subscriptionPlan: 'Premium', friendCount: 29 },
          lastSeenAt,
        },
      },
    },
  ],
  [
    'identify-context-traits',
    {
      status: 200,
      reason: 'applied',
      users: {
        'context@example.com': {
          name: null,
          externalId: 'user-2',
          attributes: { plan: 'pro', role: 'owner' },
          lastSeenAt,
        },
      },
    },
  ],
  [
    'identify-unicode',
    {
      status: 200,
      reason: 'applied',
      users: {
        'zoe@example.com': {
          name: 'Zoë 😀 Ünïcøde 企業',
          externalId: 'user-3',
          attributes: {
            name: 'Zoë 😀 Ünïcøde 企業',
            'emoji 🔥': '\u2028 "quoted" \\ slash',
            tab: '\t',
          },
          lastSeenAt,
        },
      },
    },
  ],
  [
    'identify-json-types',
    {
      status: 200,
      reason: 'applied',
      users: {
        'types@example.com': {
          name: null,
          externalId: 'user-4',
          attributes: {
            2: 'two',
            10: 'ten',
            int: 42,
            float: 0.1,
            exp: 1e21,
            neg: 0,
            yes: true,
            no: false,
            list: [1, 'two', { three: 3 }],
            company: { id: 'c1', name: 'Initech', employees: 420, plan: { tier: 'gold' } },
            createdAt: '2020-01-02T03:04:05Z',
          },
          lastSeenAt,
        },
      },
    },
  ],
  ['identify-put', { status: 200, reason: 'applied', users: { 'put@example.com': plan('user-5', 'pro') } }],
  [
    'identify-patch',
    { status: 200, reason: 'applied', users: { 'patch@example.com': plan('user-6', 'pro') } },
  ],
  ['track', { status: 200, reason: 'not_identify' }],
  ['identify-no-email', { status: 200, reason: 'no_email' }],
  [
    'identify-unsigned',
    { status: 401, reason: 'missing_signature', users: { 'unsigned@example.com': untouched } },
  ],
  [
    'batch-first-event-signature',
    {
      status: 401,
      reason: 'first_event_signature_refused',
      users: { 'batch1@example.com': untouched, 'batch2@example.com': untouched },
    },
  ],
  [
    'batch-first-event-signature',
    {
      settings: { inbound: { acceptFirstEventSignature: true } },
      status: 200,
      reason: 'batch',
      results: { applied: 2, not_identify: 1 },
      users: { 'batch1@example.com': plan('user-9', 'pro'), 'batch2@example.com': plan('user-10', 'free') },
    },
  ],
];

let t: TestService;
beforeEach(async () => {
  t = await startTestService({ clock: manualClock() });
});
afterEach(() => t.stop());

async function replay({ method, headers, body }: Vector): Promise<Answer> {
  const response = await fetch(`${t.url}${WEBHOOK}`, { method, headers, body });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test('every recorded request has an expectation', () => {
  const recorded = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
  expect(recorded.sort()).toEqual([...new Set(EXPECTED.map(([name]) => name))].sort());
});

test.each(EXPECTED)('%s', async (name, { status, reason, results, users = {}, settings }) => {
  const vector: Vector = await Bun.file(join(FOLDER, `${name}.json`)).json();
  if (settings !== undefined) await t.api('PATCH', SETTINGS, settings);
  const bystander = await addUser(t, 'bystander@example.com');
  const ids = new Map<string, string>();
  for (const email of Object.keys(users)) ids.set(email, await addUser(t, email));

  const answer = await replay(vector);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({
    reason,
    message: expect.any(String),
    ...(results === undefined ? {} : { results }),
  });
  const after = new Map<string, object>();
  for (const [email, expected] of Object.entries(users)) {
    const user = await showUser(t, ids.get(email) as string);
    expect(user).toMatchObject(expected);
    expect(user.attributes).toEqual((expected as { attributes: object }).attributes);
    after.set(email, user);
  }
  expect(await showUser(t, bystander)).toMatchObject(untouched);
  expect(await countUsers(t)).toBe(ids.size + 1);

  // Segment delivers at least once: the same request again changes nothing at all.
  const again = await replay(vector);
  const repeated = { applied: 'unchanged' }[reason] ?? reason;
  expect(again).toMatchObject({ status, body: { reason: repeated } });
  for (const [email, user] of after) expect(await showUser(t, ids.get(email) as string)).toEqual(user);
});
