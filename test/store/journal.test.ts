import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { MAX_JOURNAL_LENGTH } from '../../src/store/sqlite/user-journal.ts';
import type { Store } from '../../src/store/store.ts';
import type { JsonObject } from '../../src/users/attributes.ts';
import type { Change, Target } from '../../src/users/change.ts';
import { observe } from '../../src/users/observe.ts';
import { type Patch, patchUser } from '../../src/users/patch.ts';
import { emptyUser, type UserRecord } from '../../src/users/user.ts';
import {
  applyOne,
  context,
  createSegment,
  merge,
  NOW,
  planIs,
  poison,
  remove,
} from './conformance/fixture.ts';

/** Kills are of the process, not of the power: a file in memory spares the disk thousands of flushes. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(FOLDER, 'quackback-segment-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A database that can be taken away in the middle, as kill -9 does: what is in its files goes on in other ones. */
async function createWorld() {
  const home = await mkdtemp(join(folder, 'world-'));
  let place = join(home, 'test.db');
  let stores = [openSqliteStore(place), openSqliteStore(place)];
  let copies = 0;
  const close = () => Promise.all(stores.map((store) => store.close()));
  return {
    store: (which = 0) => stores[which] as Store,
    path: () => place,
    async crash() {
      const next = join(home, `after-${++copies}`, 'test.db');
      await mkdir(join(home, `after-${copies}`));
      for (const end of ['', '-wal']) await copyFile(place + end, next + end);
      await close();
      place = next;
      stores = [openSqliteStore(place), openSqliteStore(place)];
    },
    close,
  };
}

/** The users as they have to be, by the pure functions alone. */
function createModel() {
  let users: UserRecord[] = [];
  let ids = 0;
  const find = (target: Target) => {
    if ('externalId' in target) {
      const linked = users.filter(({ externalId }) => externalId === target.externalId);
      return linked.sort((a, b) => b.externalIdAt - a.externalIdAt || a.id - b.id)[0];
    }
    return users.find((user) => ('id' in target ? user.id === target.id : user.email === target.email));
  };
  return {
    all: () => users.toSorted((a, b) => a.id - b.id),
    apply(change: Change, now: number) {
      const found = find(change.target);
      if (change.kind === 'delete') {
        const { target } = change;
        const is = (user: UserRecord) =>
          'externalId' in target ? user.externalId === target.externalId : user === found;
        users = users.filter((user) => !is(user));
      }
      if (change.kind !== 'merge') return;
      if (found === undefined && !(change.create && 'email' in change.target)) return;
      const before = found ?? emptyUser((change.target as { email: string }).email, now);
      const patched = patchUser(before, change.patch, now, context());
      if (patched.refused !== null || (found !== undefined && !patched.touched)) return;
      const { user } = patched;
      if (users.some((other) => other !== found && other.email === user.email)) return;
      users = users.filter((other) => other !== found);
      users.push({ ...user, id: found?.id ?? ++ids });
    },
  };
}

const email = fc.constantFrom('a@x.io', 'b@x.io', 'c@x.io', 'd@x.io');
const externalId = fc.constantFrom('u1', 'u2');
const target: fc.Arbitrary<Target> = fc.oneof(
  { weight: 5, arbitrary: email.map((email) => ({ email })) },
  { weight: 1, arbitrary: externalId.map((externalId) => ({ externalId })) },
);
const texts = ['pro', 'free', null, 1, 1.5, true, ['x', 'y'], { plan: 'pro', deep: [{}] }];
/** Numbers that JSON does not keep among them: in memory they have to be what they will be when they are read. */
const value = fc.constantFrom(...texts, Number.POSITIVE_INFINITY, -0, { at: [Number.NEGATIVE_INFINITY, -0] });
const traits = fc.dictionary(fc.constantFrom('plan', 'seats', 'company', '__proto__', 'a.b'), value, {
  maxKeys: 4,
}) as fc.Arbitrary<JsonObject>;
const at = fc.integer({ min: -6, max: 0 }).map((steps) => NOW + steps * 1000);
const patch: fc.Arbitrary<Patch> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ at, attributes: traits, seenAt: at }) },
  {
    weight: 3,
    arbitrary: fc.record(
      { at, attributes: traits, seenAt: at, name: fc.constantFrom('Ann', 'Bo', null), externalId },
      { requiredKeys: ['at'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ at: fc.constant('latest' as const), attributes: traits, email }) },
);
type Step =
  | { do: 'apply'; by: number; changes: Change[] }
  | { do: 'fail'; by: number; changes: Change[] }
  | { do: 'catch up'; by: number; limit: number }
  | { do: 'crash' | 'evaluate' };
const changes = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(target, patch).map(([to, patch]) => merge(to, patch, patch.email === undefined)),
    },
    { weight: 1, arbitrary: target.map(remove) },
  ),
  { minLength: 1, maxLength: 4 },
);
const by = fc.constantFrom(0, 0, 0, 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('apply' as const), by, changes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), by, changes }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('catch up' as const), by, limit: fc.constantFrom(1, 2, 100) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'evaluate' as const) }) },
);

/** How many users have each attribute, by the store's sums and by counting. */
async function usersByPath(store: Store) {
  return Object.fromEntries((await store.listAttributes()).map(({ path, users }) => [path, users]));
}
function countByPath(users: readonly UserRecord[]) {
  const counts = new Map<string, number>();
  for (const { values } of users.map(({ attributes }) => attributes)) {
    for (const { path, type } of observe({}, values, Object.keys(values)))
      if (type !== null) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** The id that goes with the address now, and everything but what time alone decides. */
const plain = ({ dueAt: _, ...user }: UserRecord) => user;

test('whatever happens between commits and folding, users are what their events make them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const world = await createWorld();
      const model = createModel();
      const pro = await createSegment(world.store(), 'pro', { rules: planIs('pro') });
      const since = new Date(NOW - 3000).toISOString();
      const seen = await createSegment(world.store(), 'seen', {
        rules: { match: 'all', conditions: [{ field: 'lastSeenAt', operator: 'after', value: since }] },
      });
      while (await world.store().workOnJobs(context(), 100));

      for (const [i, one] of steps.entries()) {
        const to = context({ now: NOW + i });
        if (one.do === 'apply') {
          await world.store(one.by).apply(one.changes, to);
          for (const change of one.changes) model.apply(change, to.now);
        } else if (one.do === 'fail') {
          const failing = world.store(one.by).apply([...one.changes, poison], to);
          expect(await failing.catch((error: Error) => error.message)).toBe('poison');
        } else if (one.do === 'catch up') await world.store(one.by).catchUp(one.limit);
        else if (one.do === 'crash') await world.crash();
        else {
          await world.store().queueJobs([seen.id], 'evaluate', to.now);
          while (await world.store().workOnJobs(to, 2));
        }

        const users = model.all();
        for (const which of [0, 1]) {
          const store = world.store(which);
          // An id of a transaction that was undone is given out again or is not: only the order is certain.
          const found = (await store.scanUsers(0, Number.MAX_SAFE_INTEGER, 100)).map(plain);
          expect(found.map(({ id: _, ...rest }) => rest)).toEqual(
            users.map(({ id: _, dueAt: __, ...rest }) => rest),
          );
          expect(await usersByPath(store)).toEqual(countByPath(users));
          for (const user of found) {
            expect(plain((await store.getUser(user.id)) as UserRecord)).toEqual(user);
            expect(plain((await store.findUser(user.email)) as UserRecord)).toEqual(user);
            const { lastSeenAt, attributes } = user;
            const inSegments = [
              attributes.values.plan === 'pro' ? [pro.id] : [],
              lastSeenAt !== null && lastSeenAt > NOW - 3000 ? [seen.id] : [],
            ].flat();
            expect(await store.segmentsOf(user.id)).toEqual(inSegments);
          }
        }
      }
      await world.close();
      // Closed, the rows alone say everything.
      const file = new Database(world.path(), { readonly: true });
      expect(file.query('SELECT count(*) AS n FROM user_journal').get()).toEqual({ n: 0 });
      const rows = file.query('SELECT attributes, clock FROM users ORDER BY id').all();
      file.close();
      expect(rows.map((row) => JSON.parse((row as { attributes: string }).attributes))).toEqual(
        model.all().map(({ attributes }) => attributes.values),
      );
    }),
    { numRuns: 100 },
  );
}, 120_000);

describe('an event that only brings newer clocks', () => {
  const rows = (path: string) => {
    const file = new Database(path, { readonly: true });
    const [users, journal] = ['SELECT * FROM users', 'SELECT id FROM user_journal'].map((sql) =>
      file.query(sql).all(),
    );
    file.close();
    return { users, journal };
  };
  const length = (path: string) => {
    const file = new Database(path, { readonly: true });
    const [[sum = 0] = []] = file.query('SELECT sum(length(lines)) FROM user_journal').values() as [number][];
    file.close();
    return sum;
  };
  const ann = { email: 'ann@x.io' };
  const event = (ago: number, plan = 'pro') =>
    merge(ann, { at: NOW - ago, attributes: { plan }, seenAt: NOW - ago });

  test('leaves the row of the user alone until it is folded, and is durable all the same', async () => {
    const world = await createWorld();
    await applyOne(world.store(), event(5000));
    const before = rows(world.path());
    expect(before.journal).toBeEmpty();
    await applyOne(world.store(), event(1000));
    const after = rows(world.path());
    expect(after.users).toEqual(before.users);
    expect(after.journal).toHaveLength(1);

    await world.crash();
    // Older than what only the journal knows of.
    await applyOne(world.store(), event(3000, 'free'));
    const { id, attributes, lastSeenAt } = (await world.store().findUser(ann.email)) as UserRecord;
    expect([attributes.values, attributes.clock, lastSeenAt]).toEqual([
      { plan: 'pro' },
      NOW - 1000,
      NOW - 1000,
    ]);
    expect(await world.store().catchUp(100)).toBe(false);
    const folded = rows(world.path());
    expect(folded.journal).toBeEmpty();
    expect(folded.users).toMatchObject([{ id, clock: NOW - 1000, last_seen_at: NOW - 1000 }]);
    await world.close();
  });

  test('is folded as it comes once there is a lot of it, a few users at a time', async () => {
    const world = await createWorld();
    const bio = 'x'.repeat(MAX_JOURNAL_LENGTH / 32);
    const change = (user: number, at: number) =>
      applyOne(
        world.store(),
        merge({ email: `user-${user}@x.io` }, { at: NOW - 1e6 + at, attributes: { bio: `${bio}${at}` } }),
        context({ maxUserBytes: 4 * bio.length }),
      );
    for (let user = 0; user < 40; user++) await change(user, 0);
    let longest = 0;
    for (let at = 1; at <= 4; at++) {
      for (let user = 0; user < 40; user++) await change(user, at);
      longest = Math.max(longest, length(world.path()));
    }
    expect(longest).toBeLessThan(1.5 * MAX_JOURNAL_LENGTH);
    await world.crash();
    for (let user = 0; user < 40; user++) {
      const found = await world.store().findUser(`user-${user}@x.io`);
      expect(found?.attributes.values.bio).toBe(`${bio}4`);
    }
    await world.close();
  });

  test('that arrives while others are folded is not forgotten with them', async () => {
    const world = await createWorld();
    const of = (name: string, ago: number) =>
      merge({ email: `${name}@x.io` }, { at: NOW - ago, attributes: { n: 1 } });
    const names = ['ann', 'bo', 'cy'];
    for (const ago of [9000, 8000])
      await world.store().apply(
        names.map((name) => of(name, ago)),
        context(),
      );
    expect(await world.store().catchUp(1)).toBe(true);
    // Ann is folded already and Bo is not.
    await world.store().apply([of('ann', 2000), of('bo', 1000)], context());
    expect(await world.store().catchUp(2)).toBe(false);
    await world.crash();
    const clocks = (await world.store().scanUsers(0, 100, 100)).map(
      ({ attributes }) => NOW - attributes.clock,
    );
    expect(clocks).toEqual([2000, 1000, 8000]);
    await world.close();
  });

  test('decides who a userId was linked to last', async () => {
    const world = await createWorld();
    const link = (name: string, ago: number) =>
      applyOne(world.store(), merge({ email: `${name}@x.io` }, { at: NOW - ago, externalId: 'u-1' }));
    await link('ann', 9000);
    const { userId: bo } = await link('bo', 8000);
    const { userId: ann } = await link('ann', 7000);
    const linked = async () => (await applyOne(world.store(), merge({ externalId: 'u-1' }))).userId;
    expect(await linked()).toBe(ann);
    await world.crash();
    expect(await linked()).toBe(ann);
    await link('bo', 6000);
    expect(await linked()).toBe(bo);
    await world.close();
  });
});
