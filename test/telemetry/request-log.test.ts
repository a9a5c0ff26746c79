import { afterEach, beforeEach, expect, test } from 'bun:test';
import { openDatabase } from '../helpers/database.ts';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { identify, startTestService, type TestService, turnOfTheLoop } from '../helpers/service.ts';
import { captureLog, type Line } from './log-lines.ts';

let clock: ManualClock;
let lines: Line[];
let t: TestService;
beforeEach(async () => {
  clock = manualClock();
  const captured = captureLog('debug');
  lines = captured.lines;
  t = await startTestService({ clock, log: captured.log });
  lines.length = 0;
});
afterEach(() => t.stop());

const get = async (path: string, headers: Record<string, string> = {}) =>
  (await t.api('GET', path, undefined, headers)).headers.get('x-request-id') ?? '';
/** The lines that stand for a request; the hook that writes some of them runs after its answer. */
async function linesOf(requestId: string): Promise<Line[]> {
  for (;;) {
    const found = lines.filter((line) => line.requestId === requestId);
    if (found.length > 0) return found;
    await turnOfTheLoop();
  }
}

test.each([
  ['a short token', 'abc-123_X.9', true],
  ['a UUID', '7f1c0a52-6d5f-4a0e-9a35-0c1b4f1c9d11', true],
  ['64 characters', 'x'.repeat(64), true],
  ['65 characters', 'x'.repeat(65), false],
  ['white space', 'a b', false],
  ['something to break out of a line', 'a","level":60', false],
  ['nothing', '', false],
])('X-Request-Id with %s', async (_name, given, kept) => {
  const id = await get('/api/v1/users', { 'x-request-id': given });
  if (kept) expect(id).toBe(given);
  else expect(id).toMatch(/^[\w-]{8}\.\w+$/);
});

test('every answer has an id of its own, whatever becomes of the request', async () => {
  const ids = [
    await get('/healthz'),
    await get('/api/v1/users'),
    await get('/api/v1/users/user_9'),
    await get('/nothing'),
    await get('/swagger'),
    await get('/api/v1/users', { authorization: 'none' }),
    (await t.webhook(identify('a@example.com', {}))).headers.get('x-request-id'),
    (await t.webhook({}, { signature: null })).headers.get('x-request-id'),
  ];
  for (const id of ids) expect(id).toMatch(/^[\w-]{8}\.\w+$/);
  expect(new Set(ids).size).toBe(ids.length);
});

const ROUTES: [what: string, path: string, line: Partial<Line>][] = [
  ['served', '/api/v1/users?search=ada', { level: 20, method: 'GET', route: '/api/v1/users', status: 200 }],
  [
    'not found',
    '/api/v1/users/user_99',
    { level: 40, method: 'GET', route: '/api/v1/users/:id', status: 404, code: 'not_found' },
  ],
  [
    'not acceptable',
    '/api/v1/users?limit=999',
    { level: 40, method: 'GET', route: '/api/v1/users', status: 422, code: 'invalid' },
  ],
  ['outside of the API', '/nothing', { level: 20, route: null, status: 404 }],
];
test.each(ROUTES)(
  'one line about a request that was %s, with the route and never the address',
  async (...row) => {
    const [, path, line] = row;
    const found = await linesOf(await get(path));
    expect(found).toMatchObject([line]);
    expect(found[0]?.ms).toEqual(expect.any(Number));
    expect(JSON.stringify(found)).not.toMatch(/ada|user_99|999/);
  },
);

test('a flood of refused deliveries is one line at once and one a second of each reason, with a count', async () => {
  const flood = async () => {
    for (let i = 0; i < 20; i++) await t.webhook({}, { secret: 'not-the-shared-secret' });
    for (let i = 0; i < 10; i++) await t.webhook({}, { signature: null });
  };
  const loud = () => lines.filter(({ level }) => level === 50).map(({ reason, count }) => [reason, count]);
  await flood();
  expect(loud()).toEqual([
    ['bad_signature', 1],
    ['missing_signature', 1],
  ]);
  clock.advance(999);
  await flood();
  expect(loud()).toHaveLength(2);
  clock.advance(1);
  await turnOfTheLoop();
  expect(loud().slice(2)).toEqual([
    ['bad_signature', 39],
    ['missing_signature', 19],
  ]);
  await flood();
  expect(loud()).toHaveLength(4);
  clock.advance(1000);
  await turnOfTheLoop();
  expect(loud().slice(4)).toEqual([
    ['bad_signature', 20],
    ['missing_signature', 10],
  ]);
  // Quiet for a second: the next one is told of at once.
  clock.advance(1000);
  await turnOfTheLoop();
  const { headers } = await t.webhook({}, { signature: null });
  expect(lines.filter(({ level }) => level === 50).at(-1)).toMatchObject({
    reason: 'missing_signature',
    count: 1,
    status: 401,
    requestId: headers.get('x-request-id'),
    msg: expect.stringContaining('enter the shared secret'),
  });
});

test('what is held back is said when the service stops', async () => {
  for (let i = 0; i < 5; i++) await t.webhook({}, { signature: null });
  await t.restart();
  expect(lines.filter(({ reason }) => reason === 'missing_signature').map(({ count }) => count)).toEqual([
    1, 4,
  ]);
});

test('requests without a key are counted in the same way', async () => {
  for (let i = 0; i < 8; i++) await get('/api/v1/users', { authorization: 'Bearer wrong' });
  clock.advance(1000);
  await turnOfTheLoop();
  expect(
    lines.filter(({ code }) => code === 'unauthorized').map(({ level, count }) => [level, count]),
  ).toEqual([
    [40, 1],
    [40, 7],
  ]);
});

test('an error nobody foresaw is logged with its id and place, and without what it was about', async () => {
  await t.api('POST', '/api/v1/users/identify', {
    email: 'ada@example.com',
    attributes: { plan: 'gold-plan' },
  });
  const other = openDatabase(t.dataDir, { write: true });
  other.run('DROP TABLE users');
  other.close();

  const stored = await t.webhook(identify('ada@example.com', { plan: 'secret-plan' }));
  expect(stored).toMatchObject({ status: 503, body: { reason: 'store_failed' } });
  const failed = await t.api('PATCH', '/api/v1/users/user_1', { attributes: { plan: 'secret-plan' } });
  expect(failed.status).toBe(500);
  for (const { headers } of [stored, failed]) {
    const found = lines.find(
      ({ requestId, level }) => requestId === headers.get('x-request-id') && level === 50,
    );
    expect(found).toMatchObject({ err: { name: expect.any(String), at: expect.any(Array) } });
    expect(JSON.stringify(found)).toContain('no such table: users');
  }
  expect(JSON.stringify(lines)).not.toMatch(/ada@|gold-plan|secret-plan/);
});
