import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import {
  createClockWatch,
  evaluateDue,
  pruneHistory,
  type TaskDeps,
  tidyAccounts,
  workOnJobs,
} from '../../src/scheduler/tasks.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Writer } from '../../src/users/change.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import {
  context,
  createSegment,
  createUsers,
  emails,
  member,
  memberIds,
  merge,
  planIs,
} from '../store/conformance/fixture.ts';

const DAY = 86_400_000;
let folder: string;
let store: Store;
let clock: ReturnType<typeof manualClock>;
let deps: TaskDeps;
let apply: Writer['submit'];
beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'quackback-segment-tasks-'));
  store = openSqliteStore(joinPath(folder, 'test.db'));
  clock = manualClock();
  const now = () => context({ now: clock.now() });
  deps = { store, context: now };
  apply = (changes) => store.apply(changes, now());
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a task until it has nothing to do at once; answers how often it had, and after what it wants to look again. */
async function runOut(task: () => Promise<number | null>) {
  let busy = 0;
  let wait = await task();
  while (wait === 0) {
    busy++;
    wait = await task();
  }
  return { busy, wait };
}

describe('work on jobs', () => {
  test('goes on while there is some, then waits for a wake', async () => {
    await createUsers(store, ...emails(600));
    await createSegment(store, 'pro', { rules: planIs('pro') });
    const { busy, wait } = await runOut(() => workOnJobs(deps));
    expect(wait).toBeNull();
    // In small pieces, as everything else waits while one is committed.
    expect(busy).toBeWithin(2, 10);
    expect(await store.listJobs()).toEqual([]);
    expect(await workOnJobs(deps)).toBeNull();
  });
});

const rules = {
  match: 'all' as const,
  conditions: [{ field: 'lastSeenAt', operator: 'within_last' as const, value: { days: 7 } }],
};

describe('users who are due', () => {
  test('leave at the moment their time is over, not before', async () => {
    const week = await createSegment(store, 'week', { rules });
    await runOut(() => workOnJobs(deps));
    const seenAt = clock.now();
    await apply(emails(600).map((email) => merge({ email }, { seenAt })));
    clock.advance(7 * DAY - 50);
    // The moment is so near that it is waited for exactly.
    expect(await runOut(() => evaluateDue(deps))).toEqual({ busy: 0, wait: 51 });
    expect(await memberIds(store, week)).toHaveLength(600);
    clock.advance(51);
    const { busy } = await runOut(() => evaluateDue(deps));
    expect(busy).toBeWithin(2, 10);
    expect(await memberIds(store, week)).toEqual([]);
    expect(await store.nextDueAt()).toBeNull();
  });

  test('are looked for often, however far away the next one is: another process may bring one forward', async () => {
    expect((await runOut(() => evaluateDue(deps))).wait).toBeWithin(1, 1001);
    await createSegment(store, 'week', { rules });
    await runOut(() => workOnJobs(deps));
    await apply([merge({ email: 'ann@example.com' }, { seenAt: clock.now() })]);
    expect((await runOut(() => evaluateDue(deps))).wait).toBeWithin(1, 1001);
  });
});

describe('a clock that was set wrong for a while', () => {
  test('has everybody evaluated again when it is set back, and a small correction nobody', async () => {
    const watch = createClockWatch(deps);
    const week = await createSegment(store, 'week', { rules });
    await runOut(() => workOnJobs(deps));
    await apply([merge({ email: 'ann@example.com' }, { seenAt: clock.now() })]);
    const [ann] = await memberIds(store, week);
    await watch();
    clock.advance(40 * DAY);
    await watch();
    await runOut(() => evaluateDue(deps));
    expect(await memberIds(store, week)).toEqual([]);

    clock.advance(-1000);
    await watch();
    expect(await store.listJobs()).toEqual([]);
    clock.advance(2000 - 40 * DAY);
    await watch();
    await runOut(() => workOnJobs(deps));
    expect(await memberIds(store, week)).toEqual([ann as number]);
    await watch();
    expect(await store.listJobs()).toEqual([]);
  });
});

describe('pruning the history', () => {
  test('deletes what is older than asked for, a little at a time, and looks again within the day', async () => {
    const vip = await createSegment(store, 'vip');
    const ids = await createUsers(store, ...emails(1200));
    await apply(ids.map((id) => member(id, vip, true)));
    clock.advance(10 * DAY);
    await apply(ids.slice(0, 5).map((id) => member(id, vip, false)));
    clock.advance(DAY);
    const { busy, wait } = await runOut(() => pruneHistory(deps, 5));
    expect(busy).toBeGreaterThan(0);
    expect(wait).toBeWithin(1000, DAY);
    const { items } = await store.membershipHistory({ segmentId: vip.id }, { limit: 100 });
    expect(items.map((entry) => entry.member)).toEqual(Array(5).fill(false));
  });
});

describe('pruning the audit log', () => {
  const note = (action: string) =>
    store.accounts.recordAudit([
      {
        at: clock.now(),
        actorKind: 'nobody',
        actorId: null,
        actorName: null,
        ip: null,
        action,
        target: null,
        changes: null,
      },
    ]);
  const tidy = () => runOut(() => tidyAccounts(store.accounts, clock.now(), 400));
  const actions = async () => (await store.accounts.listAudit({ limit: 100 })).map(({ action }) => action);

  test('a clock that is far in the future for a moment costs no entry, and what it wrote keeps no others', async () => {
    const LEAP = 4000 * DAY;
    await tidy();
    clock.advance(LEAP);
    await note('in the future');
    await tidy();
    clock.advance(-LEAP);
    for (let month = 0; month < 15; month++) {
      await note(`month ${month}`);
      await tidy();
      clock.advance(30 * DAY);
    }
    await tidy();
    const kept = await actions();
    expect([kept.length, ...kept.slice(-2)]).toEqual([14, 'month 2', 'in the future']);
    clock.advance(LEAP);
    await tidy();
    expect(await actions()).toEqual(kept);
    // Where it stays like that, it is the time.
    clock.advance(DAY);
    await tidy();
    expect(await actions()).toEqual([]);
  });
});
