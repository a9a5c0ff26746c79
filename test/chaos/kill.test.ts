import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../helpers/database.ts';
import { type Fault, startSegmentStub } from '../helpers/segment-stub.ts';
import { API_KEY, identify, SECRET, SETTINGS, WRITE_KEY } from '../helpers/service.ts';
import { type Child, freePort, seeded, startChild } from './child.ts';
import {
  allUsers,
  ask,
  call,
  deliver,
  heldAsTrue,
  MOVERS,
  memberships,
  PLANS,
  prepare,
  USERS,
} from './world.ts';

const KILLS = 20;
const WORKERS = 6;
/** Most webhooks in all; the kills end long before on most machines. */
const MAX_DELIVERIES = 30_000;

const seed = Number(Bun.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = seeded(seed);
const chance = (probability: number) => random() < probability;
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

test(`kill -9 at ${KILLS} moments loses nothing that was acknowledged (CHAOS_SEED=${seed})`, async () => {
  console.log(`CHAOS_SEED=${seed}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'quackback-segment-chaos-'));
  const stub = startSegmentStub({ writeKey: WRITE_KEY });
  const port = freePort(random);
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    DATA_DIR: dataDir,
    ADMIN_API_KEY: API_KEY,
    SEGMENT_API_URL: stub.url,
    LOG_LEVEL: 'error',
  };
  const logged: string[] = [];
  const start = () => startChild(env, dataDir, logged);

  let child: Child = start();
  try {
    await listening(child, logged);
    await prepare(url, WRITE_KEY, SECRET);
    stub.failWith(() => unreliable());

    const ids = (await allUsers(url)).filter(({ email }) => MOVERS.includes(email)).map(({ id }) => id);
    const load = startLoad(url, ids);
    for (let kills = 0; kills < KILLS; kills++) {
      if (kills > 0) child = start();
      // A quarter die while they start, the others while they work.
      if (kills === 0 || chance(0.75)) {
        await listening(child, logged);
        load.resume();
      }
      // Time itself is what is random here: there is nothing to wait for.
      await Bun.sleep(random() * 500);
      load.hold();
      await child.kill();
    }
    child = start();
    await listening(child, logged);
    load.resume();
    const { acknowledged, attempted, byHand } = await load.end();
    stub.failWith(() => null);

    const began = performance.now();
    const truth = await memberships(url);
    const agreed = stub.waitFor(({ profiles }) => Bun.deepEquals(heldAsTrue(profiles()), truth));
    // A deadline, so that a failure shows what differs.
    await Promise.race([agreed, Bun.sleep(15_000)]);
    expect(heldAsTrue(stub.profiles())).toEqual(truth);
    while ((await ask(url, 'GET', SETTINGS)).outbound.pending > 0);
    const drained = performance.now() - began;

    const users = new Map((await allUsers(url)).map((user) => [user.email, user]));
    for (const email of USERS) {
      const { seq = 0, plan } = users.get(email)?.attributes ?? {};
      expect(seq).toBeGreaterThanOrEqual(acknowledged.get(email) ?? 0);
      expect(plan).toBe(attempted.get(email)?.[seq - 1]);
      const segments = truth.filter((line) => line.endsWith(` of ${email}`));
      expect(segments).toEqual(plan === undefined ? [] : [`on_${plan} of ${email}`]);
    }
    for (const [id, member] of byHand) {
      const { email = '' } = [...users.values()].find((user) => user.id === id) ?? {};
      expect(truth.some((line) => /^(staff|crew) of /.test(line) && line.endsWith(` of ${email}`))).toBe(
        member,
      );
    }
    expect(heldAsTrue(stub.profiles())).toEqual(await memberships(url));
    // The faults and the load were really there, and no background task failed because of them.
    const failed = stub.calls.filter(({ status }) => status !== 200).length;
    expect(failed).toBeGreaterThan(0);
    const total = [...acknowledged.values()].reduce((sum, seq) => sum + seq, 0);
    expect(total).toBeGreaterThan(100);
    expect(await child.stop()).toBe(0);
    expect(logged).toEqual([]);
    const db = openDatabase(dataDir);
    expect(db.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    db.close();
    console.log(
      `${total} events, ${stub.calls.length} calls (${failed} failed), drained in ${Math.round(drained)} ms`,
    );
  } finally {
    await child.kill();
    await stub.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  // Some 12 s; a machine that is busy with other things takes long to start 21 processes.
}, 180_000);

async function listening(child: Child, logged: readonly string[]) {
  if (await child.ready) return;
  await child.kill();
  throw new Error(`The service did not start:\n${logged.join('\n')}`);
}

function unreliable(): Fault | null {
  if (chance(0.8)) return null;
  return pick<Fault>([
    { status: 500 },
    { status: 429 },
    { status: 429, headers: { 'retry-after': '1' } },
    'drop',
    'cut',
  ]);
}

/** Webhooks and edits by hand without a pause, while the service is up. */
function startLoad(url: string, ids: readonly string[]) {
  /** The latest acknowledged `seq` of each user. */
  const acknowledged = new Map<string, number>();
  /** The plan that each `seq` of a user, from 1, came with. */
  const attempted = new Map<string, string[]>(USERS.map((email) => [email, []]));
  /** Whether a user, by id, is in the manual segment, where that is certain. */
  const byHand = new Map<string, boolean>();
  const base = Date.now() - 3_600_000;
  let up = Promise.withResolvers<void>();
  let running = false;
  let ended = false;
  let deliveries = 0;

  /** One sender with users of its own, so that theirs are in order. */
  async function send(own: readonly string[]) {
    while (!ended && deliveries++ < MAX_DELIVERIES) {
      const first = Math.floor(random() * own.length);
      const some = own.slice(first, first + (chance(0.8) ? 1 : 5));
      const numbered = some.map((email) => {
        const plans = attempted.get(email) as string[];
        const plan = pick(PLANS);
        const seq = plans.push(plan);
        const timestamp = new Date(base + seq).toISOString();
        return { email, seq, event: identify(email, { plan, seq }, { timestamp }) };
      });
      const events = numbered.map(({ event }) => event);
      await up.promise;
      let taken = await deliver(url, events);
      // Segment repeats what was not acknowledged; here only half of the time, so that both are tested.
      while (!taken && chance(0.5)) {
        await up.promise;
        taken = await deliver(url, events);
      }
      if (taken) for (const { email, seq } of numbered) acknowledged.set(email, seq);
    }
  }

  async function edit(ids: readonly string[]) {
    while (!ended) {
      const id = pick(ids);
      const member = chance(0.6);
      await up.promise;
      byHand.delete(id);
      const method = member ? 'POST' : 'DELETE';
      const answer = await call(url, method, '/api/v1/segments/staff/members', { userIds: [id] });
      if (answer?.status === 200) byHand.set(id, member);
      if (chance(0.3)) await call(url, 'PATCH', `/api/v1/users/${id}`, { email: pick(MOVERS) });
      if (chance(0.1))
        await call(url, 'PATCH', '/api/v1/segments/staff', { traitKey: pick(['staff', 'crew']) });
    }
  }

  const all = Array.from({ length: WORKERS }, (_, i) =>
    send(USERS.filter((_, user) => user % WORKERS === i)),
  );
  all.push(edit(ids));
  return {
    resume() {
      running = true;
      up.resolve();
    },
    hold() {
      // Who waits already goes on waiting for the same promise.
      if (running) up = Promise.withResolvers();
      running = false;
    },
    async end() {
      ended = true;
      await Promise.all(all);
      return { acknowledged, attempted, byHand };
    },
  };
}
