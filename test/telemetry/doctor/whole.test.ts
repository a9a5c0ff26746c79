import { describe, expect, test } from 'bun:test';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CERTIFICATE } from '../../helpers/certificate.ts';
import { API_KEY, identify } from '../../helpers/service.ts';
import { addCrowd, manualSegment, outboundIs } from '../../outbound/sync.ts';
import { eachPatient } from './fixture.ts';

const d = eachPatient();

/** Every file of the data folder as it is: name, size, time and contents. */
const snapshot = async (dir: string) =>
  Promise.all(
    (await readdir(dir)).sort().map(async (name) => {
      const path = join(dir, name);
      const { size, mtimeMs, mode } = await stat(path);
      return { name, size, mtimeMs, mode, hash: Bun.hash(await readFile(path)) };
    }),
  );
test('all is well: every line is ok, and so is the exit code', async () => {
  await d.t.connect();
  await manualSegment(d.t, 'VIP', await addCrowd(d.t, 3));
  await outboundIs(d.t, { pending: 0 });
  const ca = join(d.place.dir, 'ca.pem');
  await writeFile(ca, CERTIFICATE);
  const headers = { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' };
  const { code, lines, stdout } = await d.look({
    PUBLIC_URL: d.inFrontOf({ tls: true, headers }),
    NODE_EXTRA_CA_CERTS: ca,
  });
  expect(lines.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect(code).toBe(0);
  expect(lines.map(({ topic }) => topic)).toEqual([
    'Configuration',
    'Data folder',
    'Sealing key',
    'Disk space',
    'Service',
    'Database file',
    'Database',
    'Segment',
    'Clock',
    'From Segment',
    'To Segment',
    'Public address',
    'Proxy',
  ]);
  expect(stdout).toContain('3 users');
  expect(stdout).toContain('X-Forwarded-For and X-Forwarded-Proto');
  // Plain text where nobody looks at a terminal.
  expect(stdout).not.toContain('\x1b');
});

test('nothing has ever been started here', async () => {
  await d.stopService();
  const { code, lines, about } = await d.look({ DATA_DIR: join(d.place.dir, 'new') });
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(code).toBe(0);
  expect(about('Database')).toMatchObject({
    level: 'warning',
    text: expect.stringContaining('The first start makes it'),
  });
  expect(about('Service').text).toContain('ECONNREFUSED');
  expect(await readdir(d.place.dir)).not.toContain('new');
});

test('a variable that is wrong ends the examination', async () => {
  const { code, lines } = await d.look({ PORT: 'x', LOG_LEVEL: 'loud' });
  expect(code).toBe(1);
  expect(lines.map(({ level, text }) => [level, text.split('.')[0]])).toEqual([
    ['error', 'PORT must be a whole number from 0 to 65535'],
    ['error', 'LOG_LEVEL must be trace, debug, info, warn, error, silent'],
  ]);
});

describe('nothing is changed', () => {
  /** A service in a process of its own, with one user, ended in one way or another: only so does it let go of its files. */
  async function endedBy(signal: NodeJS.Signals): Promise<string> {
    const dir = join(d.place.dir, signal);
    const child = await d.place.serve({ DATA_DIR: dir, ADMIN_API_KEY: API_KEY });
    const answer = await fetch(`${child.url}/api/v1/users/identify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: '{"email":"ada@example.com"}',
    });
    expect(answer.status).toBe(201);
    child.kill(signal);
    await child.ended;
    return dir;
  }

  test('while the service rests', async () => {
    const dir = await endedBy('SIGTERM');
    const before = await snapshot(dir);
    expect(before.map(({ name }) => name)).toEqual([
      'quackback-segment.db',
      'quackback-segment.db.lock',
      'secret.key',
    ]);
    const { about } = await d.look({ DATA_DIR: dir });
    expect(about('Database').text).toContain('1 user,');
    expect(await snapshot(dir)).toEqual(before);
  });

  test('after a crash, and what was written last is seen', async () => {
    const dir = await endedBy('SIGKILL');
    // The index of the log is shared memory: whoever reads takes locks in it.
    const data = async () => (await snapshot(dir)).filter(({ name }) => !name.endsWith('-shm'));
    const before = await data();
    expect(before.map(({ name }) => name)).toContain('quackback-segment.db-wal');
    const { about } = await d.look({ DATA_DIR: dir });
    expect(about('Database')).toMatchObject({ level: 'ok', text: expect.stringContaining('1 user,') });
    expect(await data()).toEqual(before);
  });

  test('while the service runs, which goes on', async () => {
    await addCrowd(d.t, 3);
    const activity = async () => (await d.t.api('GET', '/api/v1/activity/inbound')).body.data;
    const before = await activity();
    const { about } = await d.look({ PUBLIC_URL: d.t.url });
    expect(about('Service').level).toBe('ok');
    expect(about('Database').text).toContain('3 users');
    expect(await activity()).toEqual(before);
    expect((await d.t.webhook(identify('u0@example.com', { plan: 'pro' }))).body.reason).toBe('applied');
  });
});
