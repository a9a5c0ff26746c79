import { describe } from 'bun:test';
import { prepare, problem, type Scenario, scenarios } from './scenario.ts';

const IDENTIFY = '/api/v1/users/identify';

const refusedEmails: Scenario[] = [
  '',
  ' ',
  'ada',
  '@',
  'ada@',
  'a b@c.d',
  'a@b@c',
  '\ud800@b.c',
  `a@${'b'.repeat(320)}`,
].map((email) => ({
  it: `refuses the email ${JSON.stringify(email.slice(0, 12))}`,
  call: ['POST', IDENTIFY, { email }],
  status: 422,
  contains: ['body.email'],
}));
describe('validation says where and what', () => {
  const nested = `${'['.repeat(80)}${']'.repeat(80)}`;
  scenarios([
    ...refusedEmails,
    {
      it: 'refuses a missing email',
      call: ['POST', IDENTIFY, {}],
      status: 422,
      body: problem('body.email', 'is missing; it must be text of at most 320 characters'),
    },
    {
      it: 'refuses a number as email',
      call: ['POST', IDENTIFY, { email: 7 }],
      status: 422,
      body: problem('body.email', 'must be text of at most 320 characters'),
    },
    {
      it: 'lists every problem',
      call: ['POST', IDENTIFY, { email: 7, name: 7, externalId: '' }],
      status: 422,
      contains: ['body.email', 'body.name', 'body.externalId'],
    },
    {
      it: 'refuses a long name',
      call: ['POST', IDENTIFY, { email: 'a@b.c', name: 'n'.repeat(257) }],
      status: 422,
      body: problem('body.name', 'must be text of at most 256 characters or null'),
    },
    ...[null, [], 'x', 5, true].map(
      (attributes): Scenario => ({
        it: `refuses ${JSON.stringify(attributes)} for attributes`,
        call: ['POST', IDENTIFY, { email: 'a@b.c', attributes }],
        status: 422,
        body: problem('body.attributes', 'must be an object of keys and values'),
      }),
    ),
    {
      it: 'refuses a deep nest',
      call: ['POST', IDENTIFY, `{"email":"a@b.c","attributes":{"deep":${nested}}}`],
      status: 422,
      body: { error: { code: 'too_deep' } },
    },
  ]);
  scenarios(
    [
      {
        it: 'takes as many attributes as a user may have',
        call: ['POST', IDENTIFY, { email: 'a@b.c', attributes: numbered(10) }],
        status: 201,
      },
      {
        it: 'refuses one more, and keeps what the user had',
        given: prepare(['POST', IDENTIFY, { email: 'a@b.c', attributes: numbered(10) }]),
        call: ['POST', IDENTIFY, { email: 'a@b.c', attributes: { one: 'more' } }],
        status: 422,
        body: { error: { code: 'too_many_attributes' } },
        contains: ['MAX_USER_ATTRIBUTES'],
      },
      {
        it: 'refuses attributes larger than a user may have',
        call: ['POST', IDENTIFY, { email: 'a@b.c', attributes: { bio: 'x'.repeat(1100) } }],
        status: 422,
        body: { error: { code: 'user_too_large' } },
        contains: ['MAX_USER_BYTES'],
      },
    ],
    { MAX_USER_ATTRIBUTES: '10', MAX_USER_BYTES: '1024' },
  );
});

function numbered(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i]));
}
