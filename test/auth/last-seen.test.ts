import { afterEach, beforeEach, expect, test } from 'bun:test';
import { type Browser, invite, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
let ada: Browser;
beforeEach(async () => {
  t = await startTestService({ env: { SIGN_IN_ATTEMPTS_PER_MINUTE: '1000' } });
  ada = await setUpAdmin(t);
});
afterEach(() => t.stop());

const seen = async () =>
  Object.fromEntries(
    (await t.api('GET', '/api/v1/admins')).body.data.map(
      ({ name, lastSeenAt, password }: Record<string, unknown>) => [name, { lastSeenAt, password }],
    ),
  );

test('somebody was last seen when their session was, while there is one', async () => {
  const vera = await invite(t, 'viewer', 'vera@example.com');
  const session = async (of: Browser) => (await of.call('GET', '/api/v1/sessions')).body.data[0];
  expect(await seen()).toEqual({
    ada: { lastSeenAt: (await session(ada)).lastSeenAt, password: true },
    vera: { lastSeenAt: (await session(vera)).lastSeenAt, password: true },
  });
  await vera.call('POST', '/api/auth/sign-out', {});
  expect((await seen()).vera).toEqual({ lastSeenAt: null, password: true });
  expect((await seen()).ada.lastSeenAt).toBe((await session(ada)).lastSeenAt);
});
