import { afterEach, expect, test } from 'bun:test';
import { openBrowser, PASSWORD, setUpAdmin } from '../helpers/accounts.ts';
import { startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
afterEach(() => t.stop());

test('what people, keys and sessions are is kept by no browser and no proxy', async () => {
  t = await startTestService();
  const ada = await setUpAdmin(t);
  const caching = ({ headers }: { headers: Headers }) => headers.get('cache-control');
  for (const path of [
    '/api/v1/me',
    '/api/v1/users',
    '/api/v1/users/export',
    '/api/v1/users/imports',
    '/api/v1/audit',
    '/api/v1/api-keys',
    '/api/v1/nothing',
  ]) {
    expect({ path, caching: caching(await ada.call('GET', path)) }).toEqual({ path, caching: 'no-store' });
  }
  const email = 'ada@example.com';
  for (const [path, body] of [
    ['/api/auth/sign-in/email', { email, password: PASSWORD }],
    ['/api/auth/sign-in/email', { email, password: 'wrong wrong wrong' }],
    ['/api/auth/two-factor/enable', { password: PASSWORD }],
    ['/api/v1/api-keys', { name: 'x', scope: 'read' }],
    ['/api/v1/invitations', { role: 'viewer' }],
    ['/api/v1/settings/integrations/segment/rotate-secret', {}],
  ] as const) {
    expect({ path, caching: caching(await ada.call('POST', path, body)) }).toEqual({
      path,
      caching: 'no-store',
    });
  }
  // What is the same for everybody may be kept.
  expect(caching(await ada.call('GET', '/swagger/start.js'))).toBe('public, max-age=3600');
});

test('who is not signed in can not fill the audit log by coming back from a provider', async () => {
  t = await startTestService({ env: { SIGN_IN_ATTEMPTS_PER_MINUTE: '5' } });
  const back = () => openBrowser(t).call('GET', '/api/auth/callback/oidc?error=access_denied&state=made-up');
  const statuses: number[] = [];
  for (let i = 0; i < 8; i++) statuses.push((await back()).status);
  expect(statuses).toEqual([302, 302, 302, 302, 302, 429, 429, 429]);
  const { body } = await t.api('GET', '/api/v1/audit?action=session');
  expect(body.data).toHaveLength(5);
});
