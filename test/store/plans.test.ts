import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { SegmentRecord, Store, UserSort } from '../../src/store/store.ts';
import {
  applyOne,
  claim,
  context,
  createSegment,
  createUsers,
  emails,
  evaluate,
  join,
  leave,
  merge,
  NOW,
  park,
  planIs,
  remove,
  take,
  tellAll,
  workThrough,
} from './conformance/fixture.ts';
import { planOf, type Trace, traceStatements } from './statements.ts';

/** Tables that grow with the number of users: reading one from end to end stops everything else for a while. */
const LARGE = ['users', 'memberships', 'membership_history'];

/** A database in which every operation has something to do. */
interface World {
  store: Store;
  segment: SegmentRecord;
  ids: number[];
}
let world: World;
let folder: string;
let trace: Trace;
let sqlite: Database;

beforeAll(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'quackback-segment-plans-'));
  trace = traceStatements();
  const store = openSqliteStore(joinPath(folder, 'test.db'));
  sqlite = new Database(joinPath(folder, 'test.db'), { readonly: true });
  const segment = await createSegment(store, 'vip');
  await createSegment(store, 'pro', { rules: planIs('pro') });
  const ids = await createUsers(store, ...emails(9));
  await applyOne(store, merge({ id: ids[0] as number }, { externalId: 'u-1', name: 'Ann' }));
  await workThrough(store);
  await join(store, segment, ...ids);
  await park(store, await claim(store, 1));
  world = { store, segment, ids };
});
afterAll(async () => {
  trace.stop();
  sqlite.close();
  await world.store.close();
  await rm(folder, { recursive: true, force: true });
});

/** The steps of every statement that an operation runs, and the statement itself for the message. */
async function plansOf(work: (world: World) => Promise<unknown>) {
  // What another process has written makes the store forget the users it holds in memory.
  const other = new Database(joinPath(folder, 'test.db'));
  other.run(
    "INSERT INTO settings (key, value) VALUES ('plans', '') ON CONFLICT (key) DO UPDATE SET value = value || '.'",
  );
  other.close();
  const statements = await trace.during(() => work(world));
  const own = statements.filter((sql) => /^\s*(select|insert|update|delete)/i.test(sql));
  return own.flatMap((sql) => planOf(sqlite, sql).map((step) => ({ step, sql })));
}
const from = (table: string) =>
  new RegExp(`^SCAN ${table}( USING (COVERING )?INDEX (?!\\w*(pending|parked|due))|$)`);
const scans = (plans: { step: string; sql: string }[]) =>
  plans.filter(({ step }) => LARGE.some((table) => from(table).test(step)));

describe('no statement reads a large table from end to end', () => {
  const user = ({ ids }: World, i: number) => ids[i] as number;
  test.each<[string, string[], (world: World) => Promise<unknown>]>([
    [
      'an event by email, by id and by external id',
      ['users_email (email=?)', 'users_external_id (external_id=?)'],
      async (w) => {
        const patch = { at: 'latest', attributes: { plan: 'pro' } } as const;
        const targets = [{ email: 'user2@example.com' }, { id: user(w, 1) }, { externalId: 'u-1' }];
        await w.store.apply(
          [...targets, { email: 'new@example.com' }].map((to) => merge(to, patch)),
          context(),
        );
        while (await w.store.catchUp(2));
      },
    ],
    [
      'joins and leaves',
      [],
      async (w) => {
        await leave(w.store, w.segment, user(w, 3));
        await join(w.store, w.segment, user(w, 3));
      },
    ],
    ['what to tell next', ['memberships_pending (segment_id=?)'], ({ store }) => claim(store, 2)],
    ['settling', [], async ({ store }) => take(store, await claim(store, 2))],
    [
      'how much is pending and parked',
      ['memberships_pending (segment_id=?)', 'memberships_parked', 'retractions_pending'],
      ({ store }) => store.outboundBacklog(),
    ],
    [
      'what a change would tell, a range of users at a time',
      ['memberships USING PRIMARY KEY (user_id>? AND user_id<?)', 'retractions_pending'],
      async ({ store }) => {
        for (const change of ['pending', 'resend', 'identify_as'] as const) {
          await store.countOutlook(change, 1, 5);
        }
        await store.countRetractions();
      },
    ],
    [
      'the sizes of segments',
      [],
      async ({ store }) => {
        await store.recordSegmentSizes(0, 0);
        await store.segmentSizes(0);
      },
    ],
    ['retrying what was parked', ['memberships_parked'], ({ store }) => store.unpark()],
    [
      'a userId that goes from one user to another, who is deleted',
      ['memberships USING PRIMARY KEY (user_id=?)', 'users_external_id (external_id=?)', 'retractions_user'],
      async (w) => {
        const apply = (id: number, externalId: string | null) =>
          w.store.apply(
            [merge({ id }, { at: 'latest', externalId })],
            context({ identifyAs: 'external_id' }),
          );
        for (const i of [1, 2]) await apply(user(w, i), 'u-9');
        await claim(w.store, 2, 'external_id');
        const target = { id: user(w, 2) };
        await w.store.apply(
          [{ kind: 'delete', target, cause: 'api' }],
          context({ identifyAs: 'external_id' }),
        );
      },
    ],
    [
      'a changed email and its retraction, void or not',
      ['retractions_pending (id<?)', 'users_email (email=?)', 'users_external_id (external_id=?)'],
      async (w) => {
        await tellAll(w.store);
        await applyOne(w.store, merge({ id: user(w, 4) }, { at: 'latest', email: 'other@example.com' }));
        await claim(w.store, 2, 'external_id');
        await claim(w.store, 2);
      },
    ],
    [
      'members, page by page',
      ['memberships_members (segment_id=? AND user_id>?)'],
      async ({ store, segment }) => {
        const { cursor } = await store.listMembers(segment.id, { limit: 2 });
        await store.listMembers(segment.id, { limit: 2, cursor: cursor as string });
      },
    ],
    [
      'a search, and a walk through those it finds, a stretch at a time',
      [
        'COVERING INDEX users_search (email>? AND email<?)',
        'memberships_members (segment_id=? AND user_id<?)',
      ],
      async ({ store, segment, ids }) => {
        for (const segmentId of [undefined, segment.id]) {
          const which = { search: 'user', ...(segmentId !== undefined && { segmentId }) };
          await store.searchUsers(which, '', 3);
          for (const sort of ['createdAt', '-email', 'name'] as const) {
            const { cursor } = await store.walkUsers({ ...which, sort, limit: 5, steps: 3 });
            await store.walkUsers({ ...which, sort, limit: 5, steps: 3, cursor: cursor as string });
            await store.walkUsers({ sort, limit: 5, steps: 3, ids });
          }
        }
        const { cursor } = await store.walkUsers({
          segmentId: segment.id,
          sort: '-createdAt',
          limit: 2,
          steps: 2,
        });
        await store.walkUsers({
          segmentId: segment.id,
          sort: '-createdAt',
          limit: 2,
          steps: 2,
          cursor: cursor as string,
        });
      },
    ],
    ['the segments of a user', [], (w) => w.store.segmentsOf(user(w, 0))],
    [
      'who is due',
      ['users_due (due_at>? AND due_at<?)', 'users_due (due_at>?)'],
      async ({ store }) => {
        await store.dueUsers(NOW, 2);
        await store.nextDueAt();
      },
    ],
    ['evaluating one user', [], (w) => applyOne(w.store, evaluate(user(w, 0)))],
    [
      'a chunk of evaluation',
      [],
      async ({ store, segment }) => {
        await store.queueJobs([segment.id], 'evaluate', NOW);
        await store.workOnJobs(context(), 3);
        await store.workOnJobs(context(), 100);
      },
    ],
    [
      'resending',
      ['memberships USING PRIMARY KEY (user_id>? AND user_id<?)'],
      async ({ store, segment }) => {
        await store.queueJobs([segment.id], 'resend', NOW);
        await workThrough(store, 3);
      },
    ],
    [
      'retracting a trait key',
      ['memberships_members (segment_id=? AND user_id>?)', 'memberships_pending', 'memberships_parked'],
      async (w) => {
        await tellAll(w.store);
        await leave(w.store, w.segment, user(w, 5));
        await w.store.updateSegment(w.segment.id, { traitKey: 'star' }, context());
        await workThrough(w.store, 3);
      },
    ],
    ['deleting a user', ['membership_history_user'], (w) => applyOne(w.store, remove({ id: user(w, 6) }))],
    [
      'history',
      ['membership_history_user (user_id=?)', 'membership_history_segment (segment_id=?)'],
      async ({ store, segment }) => {
        await store.membershipHistory({ userId: 1 }, { limit: 2 });
        await store.membershipHistory({ segmentId: segment.id }, { limit: 2 });
      },
    ],
  ])('%s', async (_what, indexes, work) => {
    const plans = await plansOf(work);
    expect(plans).not.toBeEmpty();
    // Counting all users is one walk over the smallest index, and happens once for a job or page. The end of the first
    // stretch is so many steps from the beginning.
    const short = /^select "email"(, "name")? from "users" order by [^?]* limit \? offset \?$/;
    const long = scans(plans).filter(({ sql }) => sql !== 'select count(*) from "users"' && !short.test(sql));
    expect(long).toEqual([]);
    for (const index of indexes) expect(plans.map(({ step }) => step).join('\n')).toInclude(index);
  });
});

describe('a list is read in the order of an index, never sorted', () => {
  const sortedPage = async (sort: UserSort) => {
    const plans = await plansOf(async ({ store }) => {
      const { cursor } = await store.listUsers({ sort, limit: 2 });
      await store.listUsers({ sort, limit: 2, cursor: cursor as string });
    });
    expect(plans).not.toBeEmpty();
    const later = plans.filter(({ sql }) => sql.includes('where'));
    expect(later.every(({ step }) => step.startsWith('SEARCH'))).toBe(true);
    expect(plans.filter(({ step }) => step.includes('TEMP B-TREE'))).toEqual([]);
  };
  test.each(['createdAt', '-createdAt', 'email', '-email', 'name', '-name'] as const)('%s', sortedPage);
});

test('deleting a segment reads no more than its own memberships', async () => {
  const plans = await plansOf(async ({ store }) => {
    const gone = await createSegment(store, 'gone');
    await store.deleteSegment(gone.id, context());
    await workThrough(store);
  });
  expect(plans).not.toBeEmpty();
  expect(scans(plans).filter(({ sql }) => sql !== 'select count(*) from "users"')).toEqual([]);
});
