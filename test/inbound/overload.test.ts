import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ActivityBatch } from '../../src/activity/activity.ts';
import { createRecorder, type Recorder } from '../../src/activity/recorder.ts';
import { type Batcher, createBatcher, UNDER_WAY } from '../../src/inbound/batcher.ts';
import { inboundRoutes } from '../../src/inbound/routes.ts';
import { systemClock } from '../../src/scheduler/clock.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createRequestLog } from '../../src/telemetry/request-log.ts';
import type { Change, Outcome } from '../../src/users/change.ts';
import { identify, SECRET, sign, WEBHOOK } from '../helpers/service.ts';

// The webhook and its queue as they are, in front of a store whose commits a test ends by hand: a real one is too
// quick to be caught full.
let commits: { changes: readonly Change[]; end(outcomes: Outcome[]): void; fail(error: Error): void }[];
let batcher: Batcher;
let webhook: ReturnType<typeof inboundRoutes>;
let arrived: (() => void)[];
let recorder: Recorder;
let recorded: ActivityBatch | null;
beforeEach(() => {
  commits = [];
  arrived = [];
  batcher = createBatcher({
    commit: (changes) =>
      new Promise((end, fail) => {
        commits.push({ changes, end, fail });
        for (const resolve of arrived.splice(0)) resolve();
      }),
    maxCommit: 3,
    maxQueued: 4,
  });
  recorded = null;
  recorder = createRecorder({
    recordActivity: async (batch) => {
      recorded = batch;
    },
  });
  const inbound = {
    enabled: true,
    sharedSecrets: [{ id: '1', secret: SECRET, createdAt: 0, expiresAt: null }],
    acceptFirstEventSignature: false,
    createUsers: true,
    deleteUsers: false,
  };
  const outbound = {
    enabled: false,
    writeKey: null,
    region: 'us',
    userId: 'email',
    eventsPerSecond: null,
  } as const;
  webhook = inboundRoutes({
    settings: () => ({ inbound, outbound }),
    writer: batcher,
    now: () => Date.parse('2026-06-01T12:00:00Z'),
    requestLog: createRequestLog(createLog('silent'), systemClock),
    tracing: null,
    maxBodyBytes: 1_000_000,
    recorder,
    keepBodies: false,
    selfTest: { arrived() {} },
  }).listen({ port: 0, hostname: '127.0.0.1' });
});
afterEach(async () => {
  await webhook.stop(true);
});

async function send(count: number) {
  const events = Array.from({ length: count }, (_, i) => identify(`user${i}@example.com`, {}));
  const body = JSON.stringify(count === 1 ? events[0] : events);
  const response = await fetch(`http://127.0.0.1:${webhook.server?.port}${WEBHOOK}`, {
    method: 'POST',
    headers: { 'x-signature': sign(body) },
    body,
  });
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, retryAfter, ...((await response.json()) as { reason: string }) };
}
/** The commit with this number, as soon as it has begun. */
async function commit(index: number) {
  while (commits.length <= index) await new Promise<void>((resolve) => arrived.push(resolve));
  return commits[index] as (typeof commits)[number];
}
/** Events whose commits are under way from `from` on, until there is no room for another; call `end` to end them. */
async function occupy(from: number) {
  const answers: ReturnType<typeof send>[] = [];
  for (let n = from; n < UNDER_WAY; n++) {
    answers.push(send(1));
    await commit(n);
  }
  return async () => {
    for (const { changes, end } of commits.slice(from, UNDER_WAY)) end(applied(changes));
    for (const answer of answers) expect(await answer).toMatchObject({ status: 200 });
  };
}
const applied = (changes: readonly Change[]): Outcome[] =>
  changes.map((_, i) => ({ reason: 'applied', userId: i + 1, flips: 0 }));
const OVERLOADED = {
  status: 503,
  retryAfter: '2',
  reason: 'overloaded',
  message: 'Too many events are waiting to be stored; send this one again',
};

test('what is waiting is bounded: above it 503 at once, and room again after a commit', async () => {
  const answers = [send(2)];
  const first = await commit(0);
  expect(first.changes).toHaveLength(2);
  answers.push(send(3));
  const second = await commit(1);
  expect(second.changes).toHaveLength(3);
  const release = await occupy(2);
  // In the queue while no more commits can be under way: 4, which is the limit.
  answers.push(send(4));
  while (batcher.depth() < 4) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(await send(1)).toEqual(OVERLOADED);
  expect(await send(2)).toEqual(OVERLOADED);
  await recorder.flush();
  expect(recorded).toMatchObject({
    counters: [{ direction: 'in', outcome: 'overloaded', count: 3 }],
    deliveries: [
      { reason: 'overloaded', events: 1, eventType: 'identify', user: 'user0@example.com', body: null },
      { reason: 'overloaded', events: 2, eventType: 'batch', user: null, body: null },
    ],
  });

  first.end(applied(first.changes));
  expect(await answers[0]).toMatchObject({ status: 200, reason: 'batch' });
  const third = await commit(UNDER_WAY);
  expect(third.changes).toHaveLength(3);
  const later = send(1);
  while (batcher.depth() < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  second.end(applied(second.changes));
  expect(await answers[1]).toMatchObject({ status: 200, results: { applied: 3 } });
  // The rest of the batch and the newcomer share a commit; nobody is answered before their last event is durable.
  const fourth = await commit(UNDER_WAY + 1);
  expect(fourth.changes).toHaveLength(2);
  third.end(applied(third.changes));
  fourth.end(applied(fourth.changes));
  expect(await answers[2]).toMatchObject({ status: 200, results: { applied: 4 } });
  expect(await later).toMatchObject({ status: 200, reason: 'applied' });
  await release();
  await batcher.drain();
  expect(batcher.depth()).toBe(0);
});

test('requests that come together share a commit, and each gets its own outcome', async () => {
  const answers = [send(1)];
  const first = await commit(0);
  const release = await occupy(1);
  answers.push(send(1), send(1), send(1));
  while (batcher.depth() < 3) await new Promise<void>((resolve) => setImmediate(resolve));
  first.end(applied(first.changes));
  const second = await commit(UNDER_WAY);
  expect(second.changes).toHaveLength(3);
  const reasons = ['applied', 'unchanged', 'user_too_large'] as const;
  second.end(reasons.map((reason, i) => ({ reason, userId: i, flips: 0 })));
  const got = (await Promise.all(answers.slice(1))).map(({ status, reason }) => ({ status, reason }));
  expect(got.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(got.map(({ reason }) => reason).sort()).toEqual([...reasons].sort());
  await release();
});

test('a commit that fails: 503 for all who were in it, nothing of the cause, and the next ones go on', async () => {
  const answers = [send(1)];
  const first = await commit(0);
  const release = await occupy(1);
  answers.push(send(4));
  while (batcher.depth() < 4) await new Promise<void>((resolve) => setImmediate(resolve));
  const failed = {
    status: 503,
    retryAfter: '10',
    reason: 'store_failed',
    message: 'The event could not be stored; send it again',
  };
  first.fail(new Error('SQLITE_FULL: /data/quackback-segment.db'));
  expect(await answers[0]).toEqual(failed);

  // The second part of a batch fails: the whole batch is sent again, and repeating its first part does no harm.
  const second = await commit(UNDER_WAY);
  second.end(applied(second.changes));
  const third = await commit(UNDER_WAY + 1);
  expect(third.changes).toHaveLength(1);
  third.fail(new Error('SQLITE_IOERR'));
  expect(await answers[1]).toEqual(failed);
  await release();
  expect(batcher.depth()).toBe(0);

  const next = send(1);
  const fourth = await commit(UNDER_WAY + 2);
  fourth.end(applied(fourth.changes));
  expect(await next).toMatchObject({ status: 200, reason: 'applied' });
});
