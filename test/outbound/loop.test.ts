import { afterEach, beforeEach, expect, test } from 'bun:test';
import { identify, startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
beforeEach(async () => {
  t = await startTestService();
});
afterEach(() => t.stop());

test('an identify reaches Segment as a trait, and a change of mind as false', async () => {
  await t.api('POST', '/api/v1/users/identify', { email: 'user@example.com' });
  await t.planSegment('Enterprise', 'enterprise');
  await t.connect();
  expect((await t.webhook(identify('User@Example.com', { plan: 'enterprise' }))).body.reason).toBe('applied');
  await t.stub.waitFor((stub) => stub.accepted().length === 1);
  expect(t.stub.calls[0]).toMatchObject({ path: '/identify', status: 200 });
  expect(t.stub.accepted()[0]).toMatchObject({
    type: 'identify',
    userId: 'user@example.com',
    traits: { enterprise: true },
    context: { active: false, library: { name: 'quackback-segment' } },
  });
  await t.webhook(identify('user@example.com', { plan: 'free' }));
  await t.stub.waitFor((stub) => stub.accepted().length === 2);
  expect(t.stub.profiles().get('user@example.com')).toEqual({ enterprise: false });
});
