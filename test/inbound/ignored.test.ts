import { afterEach, beforeEach, expect, test } from 'bun:test';
import { manualClock } from '../helpers/manual-clock.ts';
import { SETTINGS, startTestService, type TestService } from '../helpers/service.ts';
import { addUser, countUsers, showUser } from './people.ts';

let t: TestService;
let ada: string;
beforeEach(async () => {
  t = await startTestService({ clock: manualClock() });
  ada = await addUser(t, 'ada@example.com', { externalId: '42' });
});
afterEach(() => t.stop());

const own = {
  type: 'identify',
  userId: '42',
  messageId: 'something-else',
  timestamp: '2026-05-01T00:00:00.000Z',
  traits: { email: 'ada@example.com', enterprise: true },
};

test('what we told Segment ourselves comes back as an echo and changes nothing', async () => {
  await t.planSegment('Enterprise', 'enterprise');
  await t.connect();
  await t.webhook({ ...own, traits: { email: 'ada@example.com', plan: 'enterprise' } });
  await t.stub.waitFor((stub) => stub.accepted().length === 1);
  const [sent] = t.stub.accepted();
  const before = await showUser(t, ada);

  expect(await t.webhook(sent)).toMatchObject({ status: 200, body: { reason: 'echo' } });
  // Segment may add its own context on the way, or a proxy its own messageId: either mark is enough.
  const { context, messageId, ...rest } = sent as NonNullable<typeof sent>;
  expect((await t.webhook({ ...rest, context })).body.reason).toBe('echo');
  expect((await t.webhook({ ...rest, messageId })).body.reason).toBe('echo');
  expect((await t.webhook([sent, sent])).body.results).toEqual({ echo: 2 });
  expect(await showUser(t, ada)).toEqual(before);
});

test.each([
  ['another library', { context: { library: { name: 'analytics.js' } } }],
  ['a library that is text', { context: { library: 'quackback-segment' } }],
  ['a library whose name only begins like ours', { context: { library: { name: 'quackback-segment-fan' } } }],
  ['a messageId that is a number', { messageId: 7 }],
  ['no messageId', { messageId: undefined }],
])('%s is no echo', async (_name, members) => {
  expect((await t.webhook({ ...own, ...members })).body.reason).toBe('applied');
});

test.each(['track', 'page', 'screen', 'group', 'alias'])(
  'a %s event is acknowledged and ignored',
  async (type) => {
    const before = await showUser(t, ada);
    expect(await t.webhook({ ...own, type })).toMatchObject({
      status: 200,
      body: { reason: 'not_identify' },
    });
    expect(await showUser(t, ada)).toEqual(before);
  },
);

const DELETE = { type: 'delete', userId: '42' };

test('a privacy deletion is ignored unless it was switched on', async () => {
  expect(await t.webhook(DELETE)).toMatchObject({ status: 200, body: { reason: 'not_identify' } });
  expect(await showUser(t, ada)).toMatchObject({ email: 'ada@example.com' });
  await t.api('PATCH', SETTINGS, { inbound: { deleteUsers: true } });
  expect(await t.webhook(DELETE)).toMatchObject({ status: 200, body: { reason: 'deleted' } });
  expect((await t.api('GET', `/api/v1/users/${ada}`)).status).toBe(404);
});

test('a privacy deletion deletes everybody who has the userId', async () => {
  const other = await addUser(t, 'second@example.com');
  await t.api('PATCH', `/api/v1/users/${other}`, { externalId: '42' });
  await addUser(t, 'bystander@example.com');
  await t.api('PATCH', SETTINGS, { inbound: { deleteUsers: true } });
  expect(await t.webhook(DELETE)).toMatchObject({ status: 200, body: { reason: 'deleted' } });
  for (const id of [ada, other]) expect((await t.api('GET', `/api/v1/users/${id}`)).status).toBe(404);
  expect(await countUsers(t)).toBe(1);
});

test.each([
  ['a userId that is a number', { userId: 42 }, 'deleted', 1],
  ['a userId nobody has', { userId: '43' }, 'no_match', 2],
  ['no userId', { userId: undefined, anonymousId: '42' }, 'not_identify', 2],
  ['an email in place of the userId', { userId: 'ada@example.com' }, 'no_match', 2],
])('switched on, a privacy deletion with %s', async (_name, members, reason, left) => {
  await addUser(t, 'bystander@example.com');
  await t.api('PATCH', SETTINGS, { inbound: { deleteUsers: true } });
  expect(await t.webhook({ ...DELETE, ...members })).toMatchObject({ status: 200, body: { reason } });
  expect(await countUsers(t)).toBe(left);
});
