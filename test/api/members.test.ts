import { describe, expect, test } from 'bun:test';
import { startTestService } from '../helpers/service.ts';
import { prepare, problem, type Scenario, scenarios } from './scenario.ts';

const VIP = '/api/v1/segments/vip';
const MEMBERS = `${VIP}/members`;
const people = (count: number): string[] => Array.from({ length: count }, (_, i) => `user${i}@example.com`);
const SEED: Scenario['call'][] = [
  ...people(3).map((email): Scenario['call'] => ['POST', '/api/v1/users/identify', { email }]),
  ['POST', '/api/v1/segments', { name: 'VIP', type: 'manual' }],
  [
    'POST',
    '/api/v1/segments',
    {
      name: 'All',
      type: 'dynamic',
      rules: { match: 'all', conditions: [{ field: 'email', operator: 'is_set' }] },
    },
  ],
];
const seed = prepare(...SEED);
const withMembers = prepare(...SEED, ['POST', MEMBERS, { emails: people(3) }]);

describe('add and remove', () => {
  scenarios([
    {
      it: 'adds by id',
      given: seed,
      call: ['POST', MEMBERS, { userIds: ['user_1', 'user_3'] }],
      status: 200,
      body: { data: { added: 2, failed: [] } },
    },
    {
      it: 'adds by email, in any case',
      given: seed,
      call: ['POST', MEMBERS, { emails: [' User1@EXAMPLE.com '] }],
      status: 200,
      body: { data: { added: 1, failed: [] } },
    },
    {
      it: 'says who is no user, and adds the others',
      given: seed,
      call: ['POST', MEMBERS, { userIds: ['user_1', 'user_99', 'ada', '', 'user_2'] }],
      status: 200,
      body: {
        data: {
          added: 2,
          failed: expect.arrayContaining([
            { user: 'user_99', reason: 'no_match' },
            { user: 'ada', reason: 'invalid_id' },
            { user: '', reason: 'invalid_id' },
          ]),
        },
      },
    },
    {
      it: 'says which email is none, as it was given',
      given: seed,
      call: ['POST', MEMBERS, { emails: ['Nobody@example.com', 'ada'] }],
      status: 200,
      body: {
        data: {
          added: 0,
          failed: expect.arrayContaining([
            { user: 'Nobody@example.com', reason: 'no_match' },
            { user: 'ada', reason: 'invalid_email' },
          ]),
        },
      },
    },
    {
      it: 'counts a member who is one already as done',
      given: withMembers,
      call: ['POST', MEMBERS, { userIds: ['user_1'] }],
      status: 200,
      body: { data: { added: 1, failed: [] } },
    },
    {
      it: 'takes an empty list',
      given: seed,
      call: ['POST', MEMBERS, { emails: [] }],
      status: 200,
      body: { data: { added: 0, failed: [] } },
    },
    {
      it: 'removes by id',
      given: withMembers,
      call: ['DELETE', MEMBERS, { userIds: ['user_1', 'user_99'] }],
      status: 200,
      body: { data: { removed: 1, failed: [{ user: 'user_99', reason: 'no_match' }] } },
    },
    {
      it: 'removes by email',
      given: withMembers,
      call: ['DELETE', MEMBERS, { emails: people(2) }],
      status: 200,
      body: { data: { removed: 2, failed: [] } },
    },
    {
      it: 'takes 1,000 a call',
      given: seed,
      call: ['POST', MEMBERS, { emails: people(1000) }],
      status: 200,
      contains: ['"added":3', 'user999@example.com'],
    },
    {
      it: 'refuses 1,001 emails',
      given: seed,
      call: ['POST', MEMBERS, { emails: people(1001) }],
      status: 422,
      body: problem('body.emails', 'must be a list of at most 1000 items'),
    },
    {
      it: 'refuses 1,001 ids',
      given: seed,
      call: ['POST', MEMBERS, { userIds: people(1001) }],
      status: 422,
      body: problem('body.userIds', 'must be a list of at most 1000 items'),
    },
    {
      it: 'refuses to remove 1,001',
      given: seed,
      call: ['DELETE', MEMBERS, { emails: people(1001) }],
      status: 422,
      contains: ['body.emails'],
    },
    {
      it: 'refuses both lists',
      given: seed,
      call: ['POST', MEMBERS, { emails: people(1), userIds: ['user_1'] }],
      status: 422,
      contains: ['either userIds or emails'],
    },
    {
      it: 'refuses neither',
      given: seed,
      call: ['POST', MEMBERS, {}],
      status: 422,
      contains: ['either userIds or emails'],
    },
    {
      it: 'refuses a number as email',
      given: seed,
      call: ['POST', MEMBERS, { emails: ['a@b.c', 7] }],
      status: 422,
      body: problem('body.emails[1]', 'must be text'),
    },
    {
      it: 'refuses no list',
      given: seed,
      call: ['POST', MEMBERS, { emails: 'a@b.c' }],
      status: 422,
      body: problem('body.emails', 'must be a list of at most 1000 items'),
    },
    ...(['POST', 'DELETE'] as const).flatMap((method): Scenario[] => [
      {
        it: `${method} leaves a dynamic segment to its rules`,
        given: seed,
        call: [method, '/api/v1/segments/all/members', { userIds: ['user_1'] }],
        status: 409,
        body: { error: { code: 'segment_is_dynamic' } },
      },
      {
        it: `${method} finds no segment`,
        given: seed,
        call: [method, '/api/v1/segments/none/members', { userIds: [] }],
        status: 404,
      },
    ]),
  ]);
});

describe('list', () => {
  test('pages hold every member once, with their number', async () => {
    const service = await startTestService();
    await withMembers(service);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const at: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await service.api('GET', `${MEMBERS}?limit=2${at}`);
      expect(body.meta.pagination).toMatchObject({ hasMore: seen.length === 0, total: 3 });
      seen.push(...body.data.map(({ email }: { email: string }) => email));
      cursor = body.meta.pagination.cursor;
    } while (cursor !== null);
    expect(seen).toEqual(people(3));
    await service.stop();
  });

  scenarios([
    {
      it: 'nobody yet',
      given: seed,
      call: ['GET', MEMBERS],
      status: 200,
      body: { data: [], meta: { pagination: { cursor: null, hasMore: false, total: 0 } } },
    },
    {
      it: 'a dynamic segment',
      given: seed,
      call: ['GET', '/api/v1/segments/all/members'],
      status: 200,
      body: { data: people(3).map((email) => ({ email })) },
    },
    {
      it: 'refuses a limit',
      given: seed,
      call: ['GET', `${MEMBERS}?limit=201`],
      status: 422,
      body: problem('query.limit', 'must be a whole number from 1 to 200'),
    },
    {
      it: 'refuses a cursor',
      given: seed,
      call: ['GET', `${MEMBERS}?cursor=x`],
      status: 400,
      body: { error: { code: 'bad_cursor' } },
    },
    { it: 'finds no segment', given: seed, call: ['GET', '/api/v1/segments/none/members'], status: 404 },
  ]);
});
