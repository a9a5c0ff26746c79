import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { manualClock } from '../helpers/manual-clock.ts';
import type { Fault } from '../helpers/segment-stub.ts';
import { SETTINGS, startTestService, type TestService, WRITE_KEY } from '../helpers/service.ts';
import { allTold, outboundIs, setOutbound } from './sync.ts';

/**
 * Whatever people do with users, segments and settings, and however calls fail on the way: in the end Segment holds
 * exactly the memberships. Small pools of emails, ids and trait keys, so that they are taken over from one another.
 */
const EMAILS = ['a@example.com', 'b@example.com', 'c@example.com'];
const EXTERNAL_IDS = ['ext-1', 'ext-2'];
const TRAIT_KEYS = ['vip', 'beta'];
const WRITE_KEYS = [WRITE_KEY, 'write-key-two', 'write-key-three'];

const email = fc.constantFrom(...EMAILS);
const traitKey = fc.constantFrom(...TRAIT_KEYS);
const fault = fc.constantFrom<(Fault | null)[]>(
  null,
  'drop',
  'drop',
  'cut',
  { status: 500 },
  { status: 400 },
  { status: 401 },
);
/** Time stands still here, so only new settings end this one. */
const AWAY: Fault = { status: 503, headers: { 'retry-after': '3600' } };

const op = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('join' as const), traitKey, email }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), traitKey, email }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('email' as const), email, to: email }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('link' as const),
      email,
      id: fc.option(fc.constantFrom(...EXTERNAL_IDS)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete user' as const), email }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete segment' as const), traitKey }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rekey' as const), traitKey, to: traitKey }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sync' as const), traitKey, sync: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('outbound' as const), enabled: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('user id' as const),
      userId: fc.constantFrom('email', 'external_id'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('write key' as const), writeKey: fc.constantFrom(...WRITE_KEYS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      faults: fc.array(fault, { maxLength: 4 }),
      /** Whether Segment is away after that. */
      away: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('drain' as const) }) },
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

/** Somebody leaves, which one source is never told; another source has to hear that they are back. */
const LEFT_AND_BACK: Op[] = [
  { do: 'join', traitKey: 'vip', email: 'b@example.com' },
  { do: 'sync', traitKey: 'vip', sync: false },
  { do: 'leave', traitKey: 'vip', email: 'b@example.com' },
  { do: 'write key', writeKey: 'write-key-three' },
  { do: 'join', traitKey: 'vip', email: 'b@example.com' },
];

interface World {
  t: TestService;
  writeKey: string;
  enabled: boolean;
  faults: (Fault | null)[];
  away: boolean;
  /** Outbound ids whose user was deleted: Segment keeps what it was told of them. */
  orphans: Set<string>;
}

test('Segment ends with exactly the memberships', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 20, maxLength: 60, size: 'max' }), async (ops) => {
      const t = await startTestService({ clock: manualClock() });
      const world: World = {
        t,
        writeKey: WRITE_KEY,
        enabled: true,
        faults: [],
        away: false,
        orphans: new Set(),
      };
      t.stub.failWith(() =>
        world.faults.length > 0 ? (world.faults.shift() ?? null) : world.away ? AWAY : null,
      );
      try {
        await setOutbound(t, { enabled: true, writeKey: WRITE_KEY, eventsPerSecond: null });
        for (const address of EMAILS.slice(0, 2))
          await t.api('POST', '/api/v1/users/identify', { email: address });
        for (const step of ops) await act(world, step);
        await heal(world);
        expect(await heldBySegment(world)).toEqual(await memberships(world));
      } finally {
        await t.stop();
      }
    }),
    // A failure is shown as far as it could be shrunk in time.
    { numRuns: 15, interruptAfterTimeLimit: 40_000, examples: [[LEFT_AND_BACK]] },
  );
}, 60_000);

async function act(world: World, step: Op) {
  const { t } = world;
  switch (step.do) {
    case 'join':
    case 'leave': {
      const { slug } =
        (await segmentOf(t, step.traitKey)) ??
        (
          await t.api('POST', '/api/v1/segments', {
            name: step.traitKey,
            type: 'manual',
            traitKey: step.traitKey,
          })
        ).body.data;
      const method = step.do === 'join' ? 'POST' : 'DELETE';
      await t.api(method, `/api/v1/segments/${slug}/members`, { emails: [step.email] });
      break;
    }
    case 'email': {
      const user = await userOf(t, step.email);
      // Refused where another user has the address.
      if (user !== undefined) await t.api('PATCH', `/api/v1/users/${user.id}`, { email: step.to });
      else await t.api('POST', '/api/v1/users/identify', { email: step.email });
      break;
    }
    case 'link': {
      const users = await allUsers(t);
      const user = users.find(({ email }) => email === step.email);
      const taken = users.some(({ externalId }) => externalId !== null && externalId === step.id);
      if (user !== undefined && !taken)
        await t.api('PATCH', `/api/v1/users/${user.id}`, { externalId: step.id });
      break;
    }
    case 'delete user': {
      const user = await userOf(t, step.email);
      if (user === undefined) break;
      for (const id of [user.email, user.externalId]) if (id !== null) world.orphans.add(id);
      await t.api('DELETE', `/api/v1/users/${user.id}`);
      break;
    }
    case 'delete segment':
    case 'rekey':
    case 'sync': {
      const segment = await segmentOf(t, step.traitKey);
      if (segment === undefined) break;
      const path = `/api/v1/segments/${segment.slug}`;
      if (step.do === 'delete segment') await t.api('DELETE', path);
      else if (step.do === 'sync') await t.api('PATCH', path, { sync: step.sync });
      // Refused where another segment has the key.
      else await t.api('PATCH', path, { traitKey: step.to });
      break;
    }
    case 'outbound':
      world.enabled = step.enabled;
      await setOutbound(t, { enabled: step.enabled });
      break;
    case 'user id':
      await setOutbound(t, { userId: step.userId });
      break;
    case 'write key':
      if (step.writeKey === world.writeKey) break;
      world.writeKey = step.writeKey;
      // A fresh source each time: the one of before may have been cleared meanwhile.
      t.stub.accept(step.writeKey);
      await setOutbound(t, { writeKey: step.writeKey });
      break;
    case 'restart':
      await t.restart();
      break;
    case 'fail':
      world.faults = [...step.faults];
      world.away = step.away;
      break;
    case 'drain':
      world.faults = [];
      world.away = false;
      if (!world.enabled) break;
      // Saving settings ends a pause.
      await setOutbound(t, { enabled: true });
      await allTold(t);
  }
}

async function heal(world: World) {
  const { t } = world;
  world.faults = [];
  world.away = false;
  await setOutbound(t, { enabled: true });
  for (const { slug } of await allSegments(t))
    await t.api('PATCH', `/api/v1/segments/${slug}`, { sync: true });
  await allTold(t);
  await t.api('POST', `${SETTINGS}/retry-parked`);
  await allTold(t);
  await outboundIs(t, { parked: 0, status: 'idle' });
}

interface User {
  id: string;
  email: string;
  externalId: string | null;
}
const allUsers = async (t: TestService): Promise<User[]> => (await t.api('GET', '/api/v1/users')).body.data;
const userOf = async (t: TestService, address: string) =>
  (await allUsers(t)).find(({ email }) => email === address);
const allSegments = async (t: TestService): Promise<{ slug: string; traitKey: string }[]> =>
  (await t.api('GET', '/api/v1/segments')).body.data;
const segmentOf = async (t: TestService, key: string) =>
  (await allSegments(t)).find((segment) => segment.traitKey === key);

/** What is true, as `vip of ada@example.com`. */
async function memberships({ t, orphans }: World): Promise<string[]> {
  const { userId } = (await t.api('GET', SETTINGS)).body.data.outbound;
  const lines: string[] = [];
  for (const { slug, traitKey } of await allSegments(t)) {
    const members: User[] = (await t.api('GET', `/api/v1/segments/${slug}/members`)).body.data;
    for (const { email, externalId } of members) {
      const id = userId === 'external_id' ? (externalId ?? email) : email;
      if (!orphans.has(id)) lines.push(`${traitKey} of ${id}`);
    }
  }
  return lines.sort();
}

/** What Segment holds as true, in the same form. */
async function heldBySegment({ t, writeKey, orphans }: World): Promise<string[]> {
  return [...t.stub.profiles(writeKey)]
    .filter(([id]) => !orphans.has(id))
    .flatMap(([id, traits]) =>
      Object.entries(traits).flatMap(([key, value]) => (value === true ? [`${key} of ${id}`] : [])),
    )
    .sort();
}
