import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { subjectOf } from '../../../src/segments/evaluate.ts';
import { compileSegments, decideMembership } from '../../../src/segments/membership.ts';
import type { Condition, Rules } from '../../../src/segments/rules.ts';
import type { SegmentRecord, Store } from '../../../src/store/store.ts';
import type { Change } from '../../../src/users/change.ts';
import { observe } from '../../../src/users/observe.ts';
import type { Patch } from '../../../src/users/patch.ts';
import type { UserRecord } from '../../../src/users/user.ts';
import {
  applyOne,
  context,
  evaluate,
  membersOf,
  merge,
  NOW,
  newSegment,
  type Open,
  planIs,
  remove,
  workThrough,
} from './fixture.ts';

const HOUR = 3_600_000;
const EMAILS = ['a@example.com', 'b@example.com', 'c@example.com', 'd@example.com', 'e@example.com'];
const SLUGS = ['zero', 'one', 'two', 'three'];

const all = (...conditions: (Condition | Rules)[]): Rules => ({ match: 'all', conditions });
const inSegment = (value: string): Condition => ({ field: 'segment', operator: 'eq', value });
const notIn = (value: string): Condition => ({ field: 'segment', operator: 'neq', value });
const recent = (hours: number): Condition => ({
  field: 'lastSeenAt',
  operator: 'within_last',
  value: { hours },
});
/** Of every sort: by attribute, by time, by other segments; some lead to circles, which are refused. */
const RULES: (Rules | null)[] = [
  null,
  planIs('x'),
  planIs('y', 'z'),
  all(recent(5)),
  all(recent(12), planIs('x')),
  all(inSegment('zero')),
  all(notIn('one')),
  { match: 'any', conditions: [inSegment('two'), recent(3)] },
];

const email = fc.constantFrom(...EMAILS);
const slug = fc.constantFrom(...SLUGS);
const rules = fc.constantFrom(...RULES);
const kind = <const K extends string>(name: K) => fc.constant(name);
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const plan = fc.constantFrom<string | null | string[]>('x', 'y', 'z', null, ['x', 'y']);
const operation = fc.oneof(
  often(8, fc.record({ do: kind('plan'), email, plan, hoursAgo: fc.nat(9) })),
  often(3, fc.record({ do: kind('seen'), email, hoursAgo: fc.nat(9) })),
  often(2, fc.record({ do: kind('remove'), email })),
  often(3, fc.record({ do: kind('join'), email, slug, joins: fc.boolean() })),
  often(4, fc.record({ do: kind('rules'), slug, rules })),
  often(2, fc.record({ do: kind('delete'), slug })),
  often(6, fc.record({ do: kind('work'), limit: fc.integer({ min: 1, max: 3 }) })),
  often(3, fc.record({ do: kind('time'), hours: fc.integer({ min: 1, max: 6 }) })),
  often(2, fc.record({ do: kind('due') })),
  often(1, fc.record({ do: kind('reopen') })),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

async function start(open: Open) {
  const opened = await open();
  let { store } = opened;
  let now = NOW;
  const at = () => context({ now });
  const segment = async (of: string) => (await store.listSegments()).find((one) => one.slug === of);
  const apply = (change: Change) => store.apply([change], at());

  async function evaluateDue() {
    const due = await store.dueUsers(now, 2);
    if (due.length > 0) await store.apply(due.map(evaluate), at());
    return due.length > 0;
  }

  /** Makes the segment or gives it other rules; a manual one stays manual, as the service has it. */
  async function setRules(of: string, to: Rules | null): Promise<unknown> {
    const before = await segment(of);
    if (before === undefined) return store.createSegment(newSegment(of, { rules: to }), now);
    if (before.type === 'dynamic' && to !== null) return store.updateSegment(before.id, { rules: to }, at());
  }

  async function perform(op: Operation): Promise<unknown> {
    switch (op.do) {
      case 'plan':
        return apply(merge(op, { at: now - op.hoursAgo * HOUR, attributes: { plan: op.plan }, seenAt: now }));
      case 'seen':
        return apply(merge(op, { at: now, seenAt: now - op.hoursAgo * HOUR }));
      case 'remove':
        return apply(remove(op));
      case 'join': {
        const to = await segment(op.slug);
        if (to?.type !== 'manual') return;
        return apply({ kind: 'member', target: op, segmentId: to.id, member: op.joins, cause: 'api' });
      }
      case 'rules':
        return setRules(op.slug, op.rules).catch(refusedCircle);
      case 'delete': {
        const gone = await segment(op.slug);
        const used = (await store.listSegments()).some(({ rules }) =>
          JSON.stringify(rules).includes(op.slug),
        );
        return gone === undefined || used ? undefined : store.deleteSegment(gone.id, at());
      }
      case 'work':
        return store.workOnJobs(at(), op.limit);
      case 'time':
        now += op.hours * HOUR;
        return;
      case 'due':
        return evaluateDue();
      case 'reopen':
        store = await opened.reopen();
    }
  }

  return {
    perform,
    dispose: opened.dispose,
    async settle() {
      await workThrough(store, 2, at());
      while (await evaluateDue());
      return { store, now };
    },
  };
}

function refusedCircle(error: unknown) {
  if (!/circle/.test(String(error))) throw error;
}

/** Everybody's segments, decided anew. */
function fromScratch(segments: SegmentRecord[], user: UserRecord, manual: number[], now: number) {
  const set = compileSegments(segments);
  const current = new Map(manual.map((id) => [id, true]));
  const everything = new Set(segments.map(({ id }) => id));
  const { validUntil } = decideMembership(set, everything, subjectOf(user), current, now);
  return { segments: [...current].filter(([, member]) => member).map(([id]) => id), validUntil };
}

async function check(store: Store, now: number) {
  const segments = await store.listSegments();
  const { items: users } = await store.listUsers({ sort: 'createdAt', limit: 100 });
  const members = new Map<number, number[]>();
  for (const { id } of segments)
    members.set(
      id,
      (await membersOf(store, id)).map((user) => user.id),
    );
  const sum = new Map<string, number>();
  for (const user of users) {
    const own = await store.segmentsOf(user.id);
    expect(own).toEqual(segments.map(({ id }) => id).filter((id) => members.get(id)?.includes(user.id)));
    const manual = own.filter((id) => segments.some((one) => one.id === id && one.type === 'manual'));
    const anew = fromScratch(segments, user, manual, now);
    expect(own).toEqual(anew.segments.sort((a, b) => a - b));
    // Too early is fine, too late is not.
    expect(user.dueAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(anew.validUntil);

    const history = (await store.membershipHistory({ userId: user.id }, { limit: 1000 })).items;
    const lately = new Map(history.toReversed().map((entry) => [entry.segmentId, entry.member]));
    for (const { id } of segments) expect(lately.get(id) ?? false).toBe(own.includes(id));
    const { values } = user.attributes;
    for (const { path, type } of observe({}, values, Object.keys(values))) {
      if (type !== null) sum.set(`${path} ${type}`, (sum.get(`${path} ${type}`) ?? 0) + 1);
    }
  }
  const counted = (await store.listAttributes()).flatMap(({ path, types }) =>
    Object.entries(types).map(([type, count]): [string, number] => [`${path} ${type}`, count]),
  );
  expect(new Map(counted)).toEqual(sum);
}

/** Keeping up with changes must come to the same as deciding everything anew. */
export function evaluationConforms(open: Open) {
  describe('evaluation', () => {
    test('after any changes, memberships and counts are what deciding everything anew would give', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 60, size: 'max' }), async (operations) => {
          const run = await start(open);
          try {
            for (const op of operations) await run.perform(op);
            const { store, now } = await run.settle();
            await check(store, now);
          } finally {
            await run.dispose();
          }
        }),
        { numRuns: 150 },
      );
    });

    test('an event that changes no answer counts, before the evaluation has come to the user', async () => {
      const run = await start(open);
      try {
        const [a, b] = EMAILS as [string, string];
        await run.perform({ do: 'seen', email: a, hoursAgo: 0 });
        await run.perform({ do: 'seen', email: b, hoursAgo: 3 });
        await run.perform({ do: 'rules', slug: 'zero', rules: all(recent(5)) });
        await run.perform({ do: 'work', limit: 1 });
        // Within five hours as before. What the row alone says will not be any more when the evaluation reads it.
        await run.perform({ do: 'seen', email: b, hoursAgo: 0 });
        await run.perform({ do: 'time', hours: 3 });
        const { store, now } = await run.settle();
        await check(store, now);
      } finally {
        await run.dispose();
      }
    });

    test('an event also finds what time alone has changed since the last one', async () => {
      const { store, dispose } = await open();
      try {
        await store.createSegment(newSegment('new', { rules: all(planIs('x'), recent(5)) }), NOW);
        const write = (patch: Partial<Patch>, now: number) =>
          applyOne(store, merge({ email: 'a@example.com' }, patch), context({ now }));
        await write({ attributes: { plan: 'x' }, seenAt: NOW }, NOW);
        const [segment] = await store.listSegments();
        expect(segment?.memberCount).toBe(1);
        // Neither before nor after this one the rules hold any more, and nobody was evaluated in between.
        const later = NOW + 6 * HOUR;
        expect(await write({ at: later, attributes: { plan: 'y' } }, later)).toMatchObject({ flips: 1 });
        expect((await store.listSegments())[0]?.memberCount).toBe(0);
      } finally {
        await dispose();
      }
    });
  });
}
