import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { manualClock } from '../helpers/manual-clock.ts';
import { identify, startTestService, type TestService } from '../helpers/service.ts';

const rule = (field: string, operator: string, value?: unknown) => ({
  match: 'all',
  conditions: [{ field, operator, value }],
});
const RULES = {
  pro: rule('attributes.plan', 'eq', 'pro'),
  staff: rule('email', 'ends_with', '@staff.example'),
  named: rule('name', 'is_set'),
  linked: rule('externalId', 'is_set'),
  big: rule('attributes.company.seats', 'gte', 100),
  active: rule('lastSeenAt', 'is_set'),
  'pro-staff': { match: 'all', conditions: [rule('segment', 'eq', 'pro'), rule('segment', 'eq', 'staff')] },
  anyone: rule('segment', 'in', ['pro', 'vip']),
};

const clock = manualClock();
const event =
  (traits: object, rest: object = {}) =>
  (t: TestService) =>
    t.webhook(
      identify('a@example.com', { ...traits }, { timestamp: new Date(clock.now()).toISOString(), ...rest }),
    );

type Step = [what: string, change: (t: TestService) => Promise<unknown>, slugs: string[]];
const USER = '/api/v1/users/user_1';
const patch = (body: object) => (t: TestService) => t.api('PATCH', USER, body);
const STEPS: Step[] = [
  [
    'is created',
    (t) => t.api('POST', '/api/v1/users/identify', { email: 'a@staff.example', attributes: { plan: 'pro' } }),
    ['pro', 'staff', 'pro-staff', 'anyone'],
  ],
  ['gets another plan', patch({ attributes: { plan: 'free' } }), ['staff']],
  ['gets a name', patch({ name: 'Ada' }), ['staff', 'named']],
  ['gets an externalId', patch({ externalId: 'u-1' }), ['staff', 'named', 'linked']],
  ['loses both', patch({ name: null, externalId: null }), ['staff']],
  ['gets a nested attribute', patch({ attributes: { company: { seats: 100 } } }), ['staff', 'big']],
  ['gets a smaller one', patch({ attributes: { company: { seats: 99 } } }), ['staff']],
  ['changes address', patch({ email: 'a@example.com' }), []],
  [
    'is identified by an event',
    event({ plan: 'pro' }, { userId: 'u-2' }),
    ['pro', 'anyone', 'linked', 'active'],
  ],
  ['has the attribute unset by an event', event({ plan: null }), ['linked', 'active']],
  [
    'is put into a manual segment',
    (t) => t.api('POST', '/api/v1/segments/vip/members', { userIds: ['user_1'] }),
    ['vip', 'anyone', 'linked', 'active'],
  ],
  [
    'is taken out again',
    (t) => t.api('DELETE', '/api/v1/segments/vip/members', { userIds: ['user_1'] }),
    ['linked', 'active'],
  ],
  ['changes in ways no rule reads', patch({ attributes: { city: 'Paris' } }), ['linked', 'active']],
  ['is deleted', (t) => t.api('DELETE', USER), []],
];

describe('membership follows every change of a user at once', () => {
  let t: TestService;
  beforeAll(async () => {
    t = await startTestService({ clock });
    await t.api('POST', '/api/v1/segments', { name: 'VIP', type: 'manual' });
    for (const [name, rules] of Object.entries(RULES)) {
      const answer = await t.api('POST', '/api/v1/segments', {
        name,
        type: 'dynamic',
        rules,
        traitKey: `in_${name.replace('-', '_')}`,
      });
      expect(answer.status).toBe(201);
    }
    await t.settled();
  });
  afterAll(() => t.stop());

  for (const [what, change, slugs] of STEPS) {
    test(`the user ${what}`, async () => {
      clock.advance(1000);
      await change(t);
      const counted = (await t.api('GET', '/api/v1/segments')).body.data
        .filter(({ memberCount }: { memberCount: number }) => memberCount === 1)
        .map(({ slug }: { slug: string }) => slug);
      expect(counted.sort()).toEqual([...slugs].sort());
      const listed: string[] = [];
      for (const slug of ['vip', ...Object.keys(RULES)]) {
        const { data } = (await t.api('GET', `/api/v1/segments/${slug}/members`)).body;
        if (data.length > 0) listed.push(slug);
      }
      expect(listed.sort()).toEqual([...slugs].sort());
    });
  }
});

describe('membership follows the rules', () => {
  test('a new segment and new rules reach every user', async () => {
    const t = await startTestService();
    const users = Array.from({ length: 600 }, (_, i) => ({
      email: `user${i}@example.com`,
      attributes: { seats: i },
    }));
    await Promise.all(users.map((user) => t.api('POST', '/api/v1/users/identify', user)));
    const count = async () => {
      await t.settled();
      return (await t.api('GET', '/api/v1/segments/large')).body.data;
    };
    await t.api('POST', '/api/v1/segments', {
      name: 'Large',
      type: 'dynamic',
      rules: rule('attributes.seats', 'gte', 200),
    });
    expect(await count()).toMatchObject({ memberCount: 400, evaluating: null });
    await t.api('PATCH', '/api/v1/segments/large', { rules: rule('attributes.seats', 'lt', 50) });
    expect(await count()).toMatchObject({ memberCount: 50, evaluating: null });
    const members = await t.api('GET', '/api/v1/segments/large/members?limit=200');
    expect(
      members.body.data
        .map(({ attributes }: { attributes: { seats: number } }) => attributes.seats)
        .sort((a: number, b: number) => a - b),
    ).toEqual(Array.from({ length: 50 }, (_, i) => i));
    await t.stop();
  });
});
