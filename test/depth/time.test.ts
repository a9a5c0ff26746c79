import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  all,
  any,
  DAY,
  done,
  downFor,
  dynamic,
  event,
  HOUR,
  is,
  membersOf,
  person,
  SEGMENTS,
  startTimed,
  type Timed,
  until,
  withinASecond,
} from './people.ts';
import { watchStore } from './watch.ts';

let s: Timed;
beforeEach(async () => {
  s = await startTimed();
});
afterEach(() => s.t.stop());

const isMember = async (slug: string, email = 'ada@x.io') => (await membersOf(s.t, slug)).includes(email);
const start = Date.parse('2026-06-01T12:00:00Z');
const iso = (after: number) => new Date(start + after).toISOString();

interface Course {
  it: string;
  rules: unknown;
  attributes?: Record<string, unknown>;
  /** Whether the user is a member from the beginning. */
  first: boolean;
  /** Milliseconds after the creation of the user at which the answer changes, in order. */
  flips: number[];
}
const COURSES: Course[] = [
  {
    it: 'signed up within 30 days: leaves after them',
    rules: all(is('createdAt', 'within_last', { days: 30 })),
    first: true,
    flips: [30 * DAY + 1],
  },
  {
    it: 'not signed up within 30 days: joins after them',
    rules: all(is('createdAt', 'not_within_last', { days: 30 })),
    first: false,
    flips: [30 * DAY + 1],
  },
  {
    it: 'a span of hours',
    rules: all(is('createdAt', 'within_last', { hours: 12 })),
    first: true,
    flips: [12 * HOUR + 1],
  },
  {
    it: 'a span of half a minute',
    rules: all(is('createdAt', 'within_last', { hours: 1 / 120 })),
    first: true,
    flips: [30_001],
  },
  {
    it: 'a date of the future that comes true, and is past in the end',
    rules: all(is('attributes.trial.endsAt', 'within_last', { days: 1 })),
    attributes: { trial: { endsAt: iso(3 * DAY) } },
    first: false,
    flips: [3 * DAY, 4 * DAY + 1],
  },
  {
    it: 'the opposite of it',
    rules: all(is('attributes.trial.endsAt', 'not_within_last', { days: 1 })),
    attributes: { trial: { endsAt: iso(3 * DAY) } },
    first: true,
    flips: [3 * DAY, 4 * DAY + 1],
  },
  {
    it: 'Unix seconds',
    rules: all(is('attributes.paidAt', 'within_last', { hours: 1 })),
    attributes: { paidAt: start / 1000 },
    first: true,
    flips: [HOUR + 1],
  },
  {
    it: 'Unix milliseconds as text',
    rules: all(is('attributes.paidAt', 'within_last', { hours: 1 })),
    attributes: { paidAt: String(start - 1) },
    first: true,
    flips: [HOUR],
  },
  {
    it: 'between a week and a month after the sign-up',
    rules: all(is('createdAt', 'within_last', { days: 30 }), is('createdAt', 'not_within_last', { days: 7 })),
    first: false,
    flips: [7 * DAY + 1, 30 * DAY + 1],
  },
  {
    it: 'groups in groups',
    rules: any(
      all(is('attributes.a', 'within_last', { hours: 1 }), is('attributes.plan', 'eq', 'pro')),
      all(any(is('attributes.b', 'within_last', { hours: 1 }))),
    ),
    attributes: { a: iso(0), b: iso(2 * HOUR), plan: 'pro' },
    first: true,
    flips: [HOUR + 1, 2 * HOUR, 3 * HOUR + 1],
  },
];

describe('the answer changes at the moment, and not before', () => {
  test.each(COURSES.map((one): [string, Course] => [one.it, one]))('%s', async (_it, course) => {
    await person(s.t, 'ada@x.io', course.attributes);
    await dynamic(s.t, 'Timely', course.rules);
    let member = course.first;
    expect(await isMember('timely')).toBe(member);
    for (const flip of course.flips) {
      s.clock.advance(start + flip - 1 - s.clock.now());
      for (let look = 0; look < 10; look++) expect(await isMember('timely')).toBe(member);
      s.clock.advance(1);
      member = !member;
      await withinASecond(s, async () => (await isMember('timely')) === member);
    }
    // From now on time changes nothing: nobody is due any more.
    expect(await s.t.service.store.nextDueAt()).toBe(null);
  });

  test('users who come later, each at their own moment', async () => {
    await dynamic(s.t, 'New', all(is('createdAt', 'within_last', { days: 1 })));
    for (const name of ['a', 'b', 'c']) {
      await person(s.t, `${name}@x.io`);
      s.clock.advance(HOUR);
    }
    for (const [hours, left] of [
      [24, ['b@x.io', 'c@x.io']],
      [25, ['c@x.io']],
      [26, []],
    ] as const) {
      s.clock.advance(start + hours * HOUR + 1 - s.clock.now());
      await withinASecond(s, async () => (await membersOf(s.t, 'new')).length === left.length);
      expect(await membersOf(s.t, 'new')).toEqual([...left]);
    }
  });

  test('segments that refer to it follow', async () => {
    await person(s.t, 'ada@x.io');
    await dynamic(s.t, 'New', all(is('createdAt', 'within_last', { days: 1 })));
    await dynamic(s.t, 'Old', all(is('segment', 'neq', 'new')));
    await dynamic(s.t, 'Older', all(is('segment', 'in', ['old'])));
    expect(await isMember('older')).toBe(false);
    s.clock.advance(DAY + 1);
    await withinASecond(s, () => isMember('older'));
    expect([await isMember('new'), await isMember('old')]).toEqual([false, true]);
  });
});

describe('a service that was down over the moment', () => {
  test('catches up when it starts', async () => {
    await person(s.t, 'ada@x.io');
    await dynamic(s.t, 'New', all(is('createdAt', 'within_last', { days: 30 })));
    s.clock.advance(29 * DAY);
    await person(s.t, 'bob@x.io');
    await downFor(s, 2 * DAY);
    await until(async () => !(await isMember('new')));
    expect(await membersOf(s.t, 'new')).toEqual(['bob@x.io']);
  });

  test('takes the answer of now, not of the moments in between', async () => {
    await person(s.t, 'ada@x.io', { at: iso(DAY) });
    await dynamic(s.t, 'Today', all(is('attributes.at', 'within_last', { days: 1 })));
    await dynamic(
      s.t,
      'Past',
      all(is('attributes.at', 'before', iso(10 * DAY)), is('attributes.at', 'not_within_last', { days: 1 })),
    );
    await downFor(s, 5 * DAY);
    await until(async () => (await s.t.service.store.nextDueAt()) === null);
    expect([await isMember('today'), await isMember('past')]).toEqual([false, true]);
    const { body } = await s.t.api('GET', `${SEGMENTS}/today/history`);
    expect(body.data).toEqual([]);
  });
});

describe('activity', () => {
  const active = all(is('lastSeenAt', 'within_last', { days: 2 }));

  test('a user who is active stays, and leaves after the last event', async () => {
    await person(s.t, 'ada@x.io');
    await dynamic(s.t, 'Active', active);
    expect(await isMember('active')).toBe(false);
    const seen = watchStore(s.t);
    for (let hour = 0; hour < 100; hour++) {
      await event(s, 'ada@x.io', { visits: hour });
      expect(await isMember('active')).toBe(true);
      s.clock.advance(HOUR);
    }
    s.clock.advance(2 * DAY - HOUR);
    for (let look = 0; look < 10; look++) expect(await isMember('active')).toBe(true);
    s.clock.advance(1);
    await withinASecond(s, async () => !(await isMember('active')));
    // A hundred events brought no more evaluations than the two days have room for in that time.
    expect(seen.evaluated.length).toBeWithin(1, 6);
  });

  test('a late event from long ago does not prolong it', async () => {
    await person(s.t, 'ada@x.io');
    await dynamic(s.t, 'Active', active);
    await event(s, 'ada@x.io');
    const then = s.clock.now();
    s.clock.advance(DAY);
    await s.t.webhook({
      type: 'identify',
      timestamp: new Date(then - DAY).toISOString(),
      traits: { email: 'ada@x.io', x: 1 },
    });
    s.clock.advance(DAY + 1);
    await withinASecond(s, async () => !(await isMember('active')));
  });

  test('one that comes back joins again at once', async () => {
    await person(s.t, 'ada@x.io');
    await dynamic(s.t, 'Active', active);
    await event(s, 'ada@x.io');
    s.clock.advance(2 * DAY + 1);
    await withinASecond(s, async () => !(await isMember('active')));
    await event(s, 'ada@x.io');
    expect(await isMember('active')).toBe(true);
    s.clock.advance(2 * DAY + 1);
    await withinASecond(s, async () => !(await isMember('active')));
  });
});

describe('only those who are due are looked at', () => {
  test('of a thousand users, the ten whose moment it is', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => {
      const attributes = i < 10 ? { trialEndsAt: iso(i * HOUR + HOUR) } : { n: i };
      return JSON.stringify({ email: `u${i}@x.io`, attributes });
    });
    await s.t.api('POST', '/api/v1/users/import', lines.join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    await dynamic(s.t, 'Ending', all(is('attributes.trialEndsAt', 'within_last', { days: 1 })));
    await dynamic(s.t, 'Late', all(is('attributes.n', 'gt', 500)));
    const seen = watchStore(s.t);
    for (let passed = 0; passed < 36; passed++) {
      s.clock.advance(HOUR);
      const due = Math.min(passed + 1, 10) - Math.max(0, Math.min(passed - 24, 10));
      await withinASecond(s, async () => (await membersOf(s.t, 'ending')).length === due);
    }
    expect(new Set(seen.evaluated).size).toBe(10);
    // Each of them once when the trial ends and once when that is a day ago.
    expect(seen.evaluated.length).toBe(20);
    expect(seen.scans).toBe(0);
    expect(seen.jobs).toBe(0);
  });

  test('everybody at the same moment, in pieces', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `u${i}@x.io\n`).join('');
    await s.t.api('POST', '/api/v1/users/import', `email\n${rows}`, { 'content-type': 'text/csv' });
    await dynamic(s.t, 'New', all(is('createdAt', 'within_last', { days: 1 })));
    const seen = watchStore(s.t);
    s.clock.advance(DAY + 1);
    await withinASecond(s, async () => (await done(s.t, 'GET', `${SEGMENTS}/new`)).memberCount === 0);
    expect(seen.evaluated.length).toBe(1000);
    expect(Math.max(...seen.commits)).toBeLessThanOrEqual(200);
  });
});

describe('new rules while users are due', () => {
  beforeEach(async () => {
    await person(s.t, 'ada@x.io');
    await dynamic(s.t, 'New', all(is('createdAt', 'within_last', { days: 10 })));
    s.clock.advance(10 * DAY);
  });
  const change = async (rules: unknown) => {
    await done(s.t, 'PATCH', `${SEGMENTS}/new`, { rules });
    await s.t.settled();
  };

  test('a longer span keeps them', async () => {
    await change(all(is('createdAt', 'within_last', { days: 20 })));
    s.clock.advance(10 * DAY);
    for (let look = 0; look < 10; look++) expect(await isMember('new')).toBe(true);
    s.clock.advance(1);
    await withinASecond(s, async () => !(await isMember('new')));
  });

  test('a shorter span lets them leave at once', async () => {
    await change(all(is('createdAt', 'within_last', { days: 5 })));
    expect(await isMember('new')).toBe(false);
  });

  test('rules without time keep them for good', async () => {
    await change(all(is('email', 'is_set')));
    s.clock.advance(DAY);
    await until(async () => (await s.t.service.store.nextDueAt()) === null);
    expect(await isMember('new')).toBe(true);
  });

  test('rules that come with the very moment', async () => {
    s.clock.advance(1);
    await done(s.t, 'PATCH', `${SEGMENTS}/new`, { rules: all(is('createdAt', 'within_last', { days: 11 })) });
    await s.t.settled();
    await until(() => isMember('new'));
    s.clock.advance(DAY);
    await withinASecond(s, async () => !(await isMember('new')));
  });

  test('a deleted segment leaves nobody behind', async () => {
    await done(s.t, 'DELETE', `${SEGMENTS}/new`);
    s.clock.advance(DAY);
    await until(async () => (await s.t.service.store.nextDueAt()) === null);
    expect((await s.t.api('GET', '/api/v1/users/user_1/segments')).body.data).toEqual([]);
  });
});

test('Segment hears of it', async () => {
  await s.t.connect();
  await person(s.t, 'ada@x.io');
  await dynamic(s.t, 'New', all(is('createdAt', 'within_last', { days: 30 })));
  await dynamic(s.t, 'Settled in', all(is('createdAt', 'not_within_last', { days: 30 })));
  await s.t.stub.waitFor(({ profiles }) => profiles().get('ada@x.io')?.new === true);
  s.clock.advance(30 * DAY + 1);
  await withinASecond(s, () => isMember('settled-in'));
  await s.t.stub.waitFor(({ profiles }) => profiles().get('ada@x.io')?.settled_in === true);
  expect(s.t.stub.profiles().get('ada@x.io')).toEqual({ new: false, settled_in: true });
});
