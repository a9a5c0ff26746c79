import { afterAll, beforeAll, expect, test } from 'bun:test';
import { openBrowser, PASSWORD } from '../helpers/accounts.ts';
import { API_KEY } from '../helpers/service.ts';
import { codeFor } from '../helpers/totp.ts';
import { createPlace, type Ended, type Place, type Running } from './process.ts';

let place: Place;
let running: Running & { url: string; output: string };
beforeAll(async () => {
  place = await createPlace();
  running = await place.serve({ ADMIN_API_KEY: API_KEY });
});
afterAll(async () => {
  running.kill('SIGTERM');
  await running.ended;
  await place.remove();
});

const madePassword = ({ stdout }: Ended) => /shown only now:\n\n {2}(\S+)\n/.exec(stdout)?.[1] ?? '';

test('somebody made on the command line signs in to the service that is running', async () => {
  expect(running.output).toContain('/admin/accept#');
  const made = await place.run(['admin', 'create', 'Ada@example.com', '--name', 'Ada', '--generate']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain('ada@example.com can sign in as admin');
  const browser = openBrowser(running);
  expect((await browser.signIn('ada@example.com', madePassword(made))).status).toBe(200);
  expect((await browser.call('GET', '/api/v1/me')).body.data).toMatchObject({ name: 'Ada', role: 'admin' });

  const { body } = await browser.call('GET', '/api/v1/audit?action=admin');
  expect(body.data).toMatchObject([
    {
      action: 'admin.created',
      target: 'ada@example.com',
      actor: { kind: 'command', id: null, name: null },
      ip: null,
    },
  ]);
});

test('another password ends every session, and the second factor where asked to', async () => {
  const browser = openBrowser(running);
  const reset = (...options: string[]) =>
    place.run(['admin', 'reset-password', 'ada@example.com', '--generate', ...options]);
  const first = madePassword(await reset());
  await browser.signIn('ada@example.com', first);
  const enabled = await browser.call('POST', '/api/auth/two-factor/enable', { password: first });
  await browser.call('POST', '/api/auth/two-factor/verify-totp', { code: codeFor(enabled.body.totpURI) });
  expect((await browser.call('GET', '/api/v1/me')).body.data.twoFactor).toBe(true);

  const kept = await reset();
  expect(kept.stdout).toContain('A code is still asked for');
  expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
  expect((await browser.signIn('ada@example.com', first)).status).toBe(401);
  expect((await browser.signIn('ada@example.com', madePassword(kept))).body.twoFactorRedirect).toBe(true);

  const removed = await reset('--remove-totp');
  expect(removed.stdout).toContain('No code is asked for');
  expect((await openBrowser(running).signIn('ada@example.com', madePassword(removed))).body.user.email).toBe(
    'ada@example.com',
  );
});

test('the list', async () => {
  await place.run(['admin', 'create', 'vera@example.com', '--viewer', '--generate']);
  const { stdout } = await place.run(['admin', 'list']);
  expect(stdout).toBe('ada@example.com  admin\nvera@example.com  viewer\n');
});

test.each<[args: string[], said: string]>([
  [['create', 'ada@example.com', '--generate'], 'can sign in already'],
  [['create', 'ada', '--generate'], 'is no email'],
  [['create', 'eve@example.com', '--name', 'Eve\nadmin', '--generate'], 'This is no name'],
  [['reset-password', 'eve@example.com', '--generate'], 'Nobody signs in as'],
  // Nothing on standard input.
  [['create', 'eve@example.com'], 'A password has 12 to 128 characters'],
])('admin %j is refused in words', async (args, said) => {
  const { code, stdout, stderr } = await place.run(['admin', ...args]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(said);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('no password and no link is in the log', async () => {
  await openBrowser(running).signIn('ada@example.com', PASSWORD);
  running.kill('SIGTERM');
  const { stderr } = await running.ended;
  for (const secret of [PASSWORD, 'accept#', 'session_token', 'ada@example.com', 'otpauth'])
    expect(stderr).not.toContain(secret);
});
