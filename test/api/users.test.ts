import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { prepare, type Scenario, scenarios } from './scenario.ts';

const USERS = '/api/v1/users';
const IDENTIFY = `${USERS}/identify`;
const ada = {
  email: 'ada@example.com',
  name: 'Ada',
  externalId: 'u-1',
  attributes: { plan: 'pro', seats: 3, company: { tier: 'gold' } },
};
const ADA: Scenario['call'] = ['POST', IDENTIFY, ada];
const withAda = prepare(ADA);
const withTwo = prepare(ADA, ['POST', IDENTIFY, { email: 'grace@example.com' }]);

describe('identify creates and updates', () => {
  scenarios([
    {
      it: 'creates a user with everything given',
      call: ['POST', IDENTIFY, ada],
      status: 201,
      body: { data: { id: 'user_1', lastSeenAt: null, ...ada } },
    },
    {
      it: 'creates a user from an email alone, lower-cased and trimmed',
      call: ['POST', IDENTIFY, { email: '  Ada@EXAMPLE.com ' }],
      status: 201,
      body: { data: { email: 'ada@example.com', name: null, externalId: null, attributes: {} } },
    },
    {
      it: 'updates the user with the same email in another case, and merges',
      given: withAda,
      call: ['POST', IDENTIFY, { email: 'ADA@example.com', attributes: { seats: 4, city: 'Paris' } }],
      status: 200,
      body: {
        data: {
          id: 'user_1',
          name: 'Ada',
          externalId: 'u-1',
          attributes: { plan: 'pro', seats: 4, company: { tier: 'gold' }, city: 'Paris' },
        },
      },
    },
    {
      it: 'null unsets an attribute, the name and the externalId',
      given: withAda,
      call: [
        'POST',
        IDENTIFY,
        { email: ada.email, name: null, externalId: null, attributes: { plan: null } },
      ],
      status: 200,
      body: { data: { name: null, externalId: null, attributes: { seats: 3 } } },
      lacks: ['plan'],
    },
    {
      it: 'keeps JSON types, deep values and a null inside an object',
      call: [
        'POST',
        IDENTIFY,
        { email: 'a@b.c', attributes: { a: [1, 'x', null], b: { c: null }, d: false, e: 0.5 } },
      ],
      status: 201,
      body: { data: { attributes: { a: [1, 'x', null], b: { c: null }, d: false, e: 0.5 } } },
    },
    {
      it: 'takes any key as data',
      call: [
        'POST',
        IDENTIFY,
        `{"email":"a@b.c","attributes":{"__proto__":{"admin":true},"constructor":1,"a.b":2,"🔥":3,"":4}}`,
      ],
      status: 201,
      contains: ['"attributes":{"__proto__":{"admin":true},"constructor":1,"a.b":2,"🔥":3,"":4}'],
    },
    {
      it: 'does not take an email out of the attributes',
      call: ['POST', IDENTIFY, { email: 'a@b.c', attributes: { email: 'evil@b.c' } }],
      status: 201,
      body: { data: { email: 'a@b.c', attributes: {} } },
      lacks: ['evil'],
    },
    {
      it: 'drops members it does not know',
      call: ['POST', IDENTIFY, { email: 'a@b.c', id: 'user_77', createdAt: '2001-01-01T00:00:00Z' }],
      status: 201,
      body: { data: { id: 'user_1' } },
      lacks: ['2001'],
    },
  ]);
});

describe('show, change and delete', () => {
  scenarios([
    {
      it: 'shows a user',
      given: withAda,
      call: ['GET', `${USERS}/user_1`],
      status: 200,
      body: { data: ada },
    },
    ...[
      'user_2',
      'user_0',
      'user_01',
      'user_',
      '1',
      'USER_1',
      'user_1.0',
      'user_9999999999999999',
      'ada@example.com',
    ].map(
      (id): Scenario => ({
        it: `finds nobody under ${id}`,
        given: withAda,
        call: ['GET', `${USERS}/${id}`],
        status: 404,
        body: { error: { code: 'not_found' } },
      }),
    ),
    {
      it: 'changes what is given and nothing else',
      given: withAda,
      call: ['PATCH', `${USERS}/user_1`, { name: ' Ada Lovelace ', attributes: { seats: 9 } }],
      status: 200,
      body: {
        data: {
          ...ada,
          name: 'Ada Lovelace',
          attributes: { plan: 'pro', seats: 9, company: { tier: 'gold' } },
        },
      },
    },
    {
      it: 'unsets with null',
      given: withAda,
      call: [
        'PATCH',
        `${USERS}/user_1`,
        { name: null, externalId: null, attributes: { plan: null, company: null } },
      ],
      status: 200,
      body: { data: { email: ada.email, name: null, externalId: null } },
      lacks: ['plan', 'company'],
    },
    {
      it: 'changes the email, lower-cased',
      given: withAda,
      call: ['PATCH', `${USERS}/user_1`, { email: 'Lovelace@Example.com' }],
      status: 200,
      body: { data: { ...ada, email: 'lovelace@example.com' } },
    },
    {
      it: 'takes the own email in another case',
      given: withAda,
      call: ['PATCH', `${USERS}/user_1`, { email: 'ADA@EXAMPLE.COM' }],
      status: 200,
      body: { data: ada },
    },
    {
      it: "refuses another user's email in any case",
      given: withTwo,
      call: ['PATCH', `${USERS}/user_1`, { email: 'GRACE@example.com', name: 'Not taken over' }],
      status: 409,
      body: { error: { code: 'email_taken' } },
    },
    {
      it: 'refuses a null email',
      given: withAda,
      call: ['PATCH', `${USERS}/user_1`, { email: null }],
      status: 422,
      contains: ['body.email'],
    },
    {
      it: 'takes a patch that says nothing',
      given: withAda,
      call: ['PATCH', `${USERS}/user_1`, {}],
      status: 200,
      body: { data: ada },
    },
    { it: 'changes nobody', call: ['PATCH', `${USERS}/user_1`, { name: 'x' }], status: 404 },
    { it: 'deletes a user', given: withAda, call: ['DELETE', `${USERS}/user_1`], status: 204 },
    { it: 'deletes nobody', given: withAda, call: ['DELETE', `${USERS}/user_2`], status: 404 },
    {
      it: 'finds a deleted user no more',
      given: prepare(ADA, ['DELETE', `${USERS}/user_1`]),
      call: ['GET', `${USERS}/user_1`],
      status: 404,
      lacks: ['Ada'],
    },
    {
      it: 'never gives the id of a deleted user to another one',
      given: prepare(ADA, ['DELETE', `${USERS}/user_1`]),
      call: ['POST', IDENTIFY, ada],
      status: 201,
      body: { data: { id: 'user_2', ...ada } },
    },
  ]);
});

describe('over time', () => {
  const clock = manualClock(Date.parse('2026-06-01T12:00:00Z'));
  let t: TestService;
  beforeAll(async () => {
    t = await startTestService({ clock });
  });
  afterAll(() => t.stop());

  test('a refused change leaves no trace', async () => {
    await withTwo(t);
    const before = (await t.api('GET', `${USERS}/user_1`)).body;
    await t.api('PATCH', `${USERS}/user_1`, {
      email: 'grace@example.com',
      name: 'x',
      attributes: { plan: 'x' },
    });
    expect((await t.api('GET', `${USERS}/user_1`)).body).toEqual(before);
  });

  test('updatedAt moves with a change, and not without one', async () => {
    const at = async (call: ReturnType<TestService['api']>) => (await call).body.data.updatedAt;
    const start = await at(t.api('GET', `${USERS}/user_1`));
    clock.advance(1000);
    expect(await at(t.api('PATCH', `${USERS}/user_1`, { name: 'Ada', attributes: { plan: 'pro' } }))).toBe(
      start,
    );
    expect(await at(t.api('PATCH', `${USERS}/user_1`, { attributes: { plan: 'max' } }))).toBe(
      '2026-06-01T12:00:01.000Z',
    );
    expect((await t.api('GET', `${USERS}/user_1`)).body.data.createdAt).toBe('2026-06-01T12:00:00.000Z');
  });

  test('an edit by hand wins over what an event of this very moment set', async () => {
    const event = {
      type: 'identify',
      traits: { email: ada.email, plan: 'zzz' },
      timestamp: '2026-06-01T12:00:01Z',
    };
    await t.webhook(event);
    expect(
      (await t.api('PATCH', `${USERS}/user_1`, { attributes: { plan: 'aaa' } })).body.data.attributes.plan,
    ).toBe('aaa');
    await t.webhook(event);
    expect((await t.api('GET', `${USERS}/user_1`)).body.data).toMatchObject({
      attributes: { plan: 'aaa' },
      lastSeenAt: '2026-06-01T12:00:01.000Z',
    });
  });

  test('many at once with one email make one user', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        t.api('POST', IDENTIFY, { email: i % 2 ? 'One@b.c' : 'one@B.C', attributes: { [`k${i}`]: i } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => body.data.id)).size).toBe(1);
    const { data } = (await t.api('GET', `${USERS}/${answers[0]?.body.data.id}`)).body;
    expect(Object.keys(data.attributes)).toHaveLength(20);
  });
});
