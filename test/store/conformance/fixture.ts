import { afterEach, beforeEach } from 'bun:test';
import type { Rules } from '../../../src/segments/rules.ts';
import type {
  Level,
  NewSegment,
  SegmentRecord,
  Settlement,
  Store,
  Telling,
} from '../../../src/store/store.ts';
import type { Change, Outcome, Target, WriteContext } from '../../../src/users/change.ts';
import type { Patch } from '../../../src/users/patch.ts';
import type { IdentifyAs, UserRecord } from '../../../src/users/user.ts';

/** A store on empty data, and how to close it and open the same data again. */
export interface Opened {
  store: Store;
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}
export type Open = () => Promise<Opened>;

export interface Fixture {
  /** The store of the test that is running. */
  readonly store: Store;
  reopen(): Promise<void>;
}

/** Gives each test of the surrounding `describe` a store of its own. */
export function eachWith(open: Open): Fixture {
  let opened: Opened;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.dispose());
  return {
    get store() {
      return store;
    },
    async reopen() {
      store = await opened.reopen();
    },
  };
}

export const NOW = Date.parse('2026-06-01T12:00:00Z');

export const context = (rest: Partial<WriteContext> = {}): WriteContext => ({
  now: NOW,
  identifyAs: 'email',
  maxAttributes: 1000,
  maxUserBytes: 256 * 1024,
  ...rest,
});

/** A merge that creates the user where the target is an email. */
export const merge = (target: Target, patch: Partial<Patch> = {}, create = true): Change => ({
  kind: 'merge',
  target,
  patch: { at: NOW, ...patch },
  create,
  cause: 'event',
});
export const member = (userId: number, { id }: { id: number }, joins: boolean): Change => ({
  kind: 'member',
  target: { id: userId },
  segmentId: id,
  member: joins,
  cause: 'api',
});
export const evaluate = (userId: number): Change => ({
  kind: 'evaluate',
  target: { id: userId },
  cause: 'time',
});
export const remove = (target: Target): Change => ({ kind: 'delete', target, cause: 'api' });

/** Fails in the middle of a commit, on every engine: reading the patch throws. */
export const poison = merge(
  { email: 'poison@example.com' },
  {
    attributes: {
      get plan(): string {
        throw new Error('poison');
      },
    },
  },
);

/** Applies one change and answers its outcome. */
export async function applyOne(store: Store, change: Change, to = context()): Promise<Outcome> {
  const [outcome] = await store.apply([change], to);
  if (outcome === undefined) throw new Error('apply answered no outcome');
  return outcome;
}

/** Creates users with these emails; answers their ids. */
export async function createUsers(store: Store, ...emails: string[]): Promise<number[]> {
  const outcomes = await store.apply(
    emails.map((email) => merge({ email })),
    context(),
  );
  return outcomes.map(({ userId }) => userId as number);
}

/** `user1@example.com` and so on. */
export const emails = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `user${i + 1}@example.com`);

export const newSegment = (slug: string, rest: Partial<NewSegment> = {}): NewSegment => ({
  slug,
  name: slug,
  description: null,
  type: rest.rules ? 'dynamic' : 'manual',
  rules: null,
  traitKey: slug.replaceAll('-', '_'),
  sync: true,
  ...rest,
});

export async function createSegment(
  store: Store,
  slug: string,
  rest: Partial<NewSegment> = {},
): Promise<SegmentRecord> {
  const made = await store.createSegment(newSegment(slug, rest), NOW);
  if ('conflict' in made) throw new Error(`segment ${slug}: ${made.conflict} is taken`);
  return made;
}

/** Rules that hold for users whose `attributes.plan` is one of these. */
export const planIs = (...plans: string[]): Rules => ({
  match: 'any',
  conditions: plans.map((value) => ({ field: 'attributes.plan', operator: 'eq', value })),
});

/** Works until nothing is queued; answers the number of chunks. */
export async function workThrough(store: Store, limit = 100, to = context()): Promise<number> {
  let chunks = 0;
  while (await store.workOnJobs(to, limit)) chunks++;
  return chunks;
}

export async function join(store: Store, segment: { id: number }, ...userIds: number[]): Promise<void> {
  await store.apply(
    userIds.map((id) => member(id, segment, true)),
    context(),
  );
}
export async function leave(store: Store, segment: { id: number }, ...userIds: number[]): Promise<void> {
  await store.apply(
    userIds.map((id) => member(id, segment, false)),
    context(),
  );
}

/** Everybody in a segment, read page by page, after checking that the counts tell the same. */
export async function membersOf(store: Store, segmentId: number): Promise<UserRecord[]> {
  const found: UserRecord[] = [];
  let cursor: string | null | undefined;
  let total = 0;
  do {
    const page = await store.listMembers(segmentId, { limit: 7, ...(cursor ? { cursor } : {}) });
    found.push(...page.items);
    total = page.total;
    cursor = page.cursor;
  } while (cursor !== null);
  const record = (await store.listSegments()).find(({ id }) => id === segmentId);
  if (total !== found.length || record?.memberCount !== found.length) {
    throw new Error(
      `segment ${segmentId}: ${found.length} members, total ${total}, memberCount ${record?.memberCount}`,
    );
  }
  return found;
}
export const memberIds = async (store: Store, { id }: { id: number }): Promise<number[]> =>
  (await membersOf(store, id)).map((user) => user.id);

const NOTHING: Settlement = { taken: [], parked: [] };

/** Asks what is to be told next. */
export const claim = (store: Store, limit = 100, identifyAs: IdentifyAs = 'email'): Promise<Telling[]> =>
  store.exchangeOutbound(NOTHING, { limit, identifyAs });

export const levelsOf = (tellings: Telling[]): Level[] => tellings.flatMap(({ levels }) => levels);

/** Records that Segment took these. */
export async function take(store: Store, tellings: Telling[]): Promise<void> {
  await store.exchangeOutbound({ taken: levelsOf(tellings), parked: [] }, null);
}
export async function park(store: Store, tellings: Telling[], error = 'Segment answered 400'): Promise<void> {
  const parked = levelsOf(tellings).map((level) => ({ level, error }));
  await store.exchangeOutbound({ taken: [], parked }, null);
}

/** What tellings say, for comparing: `{ 'a@example.com': { vip: true } }`. */
export function said(tellings: Telling[]): Record<string, Record<string, boolean>> {
  const all: Record<string, Record<string, boolean>> = {};
  for (const { outboundId, levels } of tellings) {
    for (const { traitKey, value } of levels) {
      all[outboundId] ??= {};
      all[outboundId][traitKey] = value;
    }
  }
  return all;
}

/** Tells everything that is pending, all of it taken; answers the tellings in order. */
export async function tellAll(store: Store, identifyAs: IdentifyAs = 'email'): Promise<Telling[]> {
  const told: Telling[] = [];
  for (;;) {
    const next = await claim(store, 100, identifyAs);
    if (next.length === 0) return told;
    await take(store, next);
    told.push(...next);
  }
}

/** Tells everything and answers the last value of each trait: what Segment holds afterwards of what it was told now. */
export const levelsTold = async (store: Store, identifyAs: IdentifyAs = 'email') =>
  said(await tellAll(store, identifyAs));
