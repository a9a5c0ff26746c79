import { afterEach, beforeEach, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openDatabase } from '../helpers/database.ts';
import { SETTINGS, WEBHOOK } from '../helpers/service.ts';
import { createPlace, type Place } from './process.ts';

let place: Place;
beforeEach(async () => {
  place = await createPlace();
});
afterEach(() => place.remove());

const KEY = /\bqb_[\w-]{20,}/;
const headers = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
const statusWith = async (url: string, key: string) =>
  (await fetch(`${url}/api/v1/users`, { headers: headers(key) })).status;
const stop = async (service: { kill(signal: 'SIGTERM'): void; ended: Promise<{ code: number }> }) => {
  service.kill('SIGTERM');
  return (await service.ended).code;
};

test('the first start prints a fresh key, once; only its hash is stored', async () => {
  const first = await place.serve();
  const key = KEY.exec(first.output)?.[0] ?? '';
  expect(first.output.split(key)).toHaveLength(2);
  expect(await statusWith(first.url, key)).toBe(200);
  expect(await statusWith(first.url, `${key}x`)).toBe(401);
  for (const name of readdirSync(join(place.dir, 'data'))) {
    expect(await Bun.file(join(place.dir, 'data', name)).text()).not.toContain(key);
  }
  expect(await stop(first)).toBe(0);
  expect((await first.ended).stderr).not.toContain(key);

  const second = await place.serve();
  expect(second.output).not.toMatch(KEY);
  expect(await statusWith(second.url, key)).toBe(200);
  expect(await stop(second)).toBe(0);
});

test('a start that fails does not use up the key', async () => {
  const other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
  const failed = await place.run(['serve'], { PORT: String(other.port) });
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  await other.stop(true);
  const service = await place.serve();
  expect(service.output).toMatch(KEY);
  expect(await stop(service)).toBe(0);
});

test('a port is not shared with a service that listens there already', async () => {
  const first = await place.serve();
  const { port } = new URL(first.url);
  for (const [env, variable] of [
    [{ PORT: port }, 'PORT'],
    [{ PORT: '0', METRICS_PORT: port }, 'METRICS_PORT'],
  ] as const) {
    const failed = await place.run(['serve'], { DATA_DIR: 'other', ...env });
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain(`Can't listen on 127.0.0.1:${port}`);
    expect(failed.stderr).toContain(`Choose another HOST or ${variable}`);
  }
  expect(await stop(first)).toBe(0);
});

test('a database is served by one service, and the next one after any end of it', async () => {
  const first = await place.serve();
  const second = await place.run(['serve'], { PORT: '0' });
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toContain('Another service is running on');
  expect(second.stderr).toContain('DATA_DIR');
  // Commands work beside it.
  expect(await place.run(['users', 'export'])).toMatchObject({ code: 0 });
  first.kill('SIGKILL');
  await first.ended;
  const next = await place.serve();
  expect(await stop(next)).toBe(0);
});

test('ADMIN_API_KEY replaces the key, and is printed nowhere', async () => {
  const first = await place.serve();
  const key = KEY.exec(first.output)?.[0] ?? '';
  await stop(first);
  const own = 'an-administrators-own-key-of-40-characters';
  const second = await place.serve({ ADMIN_API_KEY: own });
  expect(await statusWith(second.url, own)).toBe(200);
  expect(await statusWith(second.url, key)).toBe(401);
  await stop(second);
  const { stdout, stderr } = await second.ended;
  expect(stdout + stderr).not.toContain(own);
  expect(stdout).not.toMatch(KEY);
});

test('the key file is for its owner alone, and so is the data folder', async () => {
  const service = await place.serve();
  const mode = async (name: string) => ((await stat(join(place.dir, name))).mode & 0o777).toString(8);
  expect(await mode('data')).toBe('700');
  expect(await mode('data/secret.key')).toBe('600');
  expect(await mode('data/quackback-segment.db')).toBe('600');
  await stop(service);
});

test('secrets sealed with another key are refused with what to do about it', async () => {
  const env = { SECRET_KEY: 'the-first-secret-key-of-32-characters' };
  const service = await place.serve(env);
  const key = KEY.exec(service.output)?.[0] ?? '';
  const body = JSON.stringify({ inbound: { sharedSecret: 'a-shared-secret-of-enough-length' } });
  expect((await fetch(service.url + SETTINGS, { method: 'PATCH', headers: headers(key), body })).status).toBe(
    200,
  );
  await stop(service);
  const wrong: [env: Record<string, string>, said: string][] = [
    [{ SECRET_KEY: 'another-secret-key-of-32-characters!' }, 'sealed with another key'],
    [{}, 'is missing'],
  ];
  for (const [env, said] of wrong) {
    const { code, stdout, stderr } = await place.run(['serve'], { PORT: '0', ...env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(said);
    expect(stderr).toContain('SECRET_KEY');
    expect(stderr).not.toMatch(/^\s+at /m);
  }
  // One made now would hide that the old one is to be found.
  expect(readdirSync(join(place.dir, 'data'))).not.toContain('secret.key');
  const again = await place.serve(env);
  expect(await statusWith(again.url, key)).toBe(200);
  await stop(again);
});

test('SIGTERM finishes a slow upload, takes nothing new, and ends with 0 within ten seconds', async () => {
  const service = await place.serve();
  const key = KEY.exec(service.output)?.[0] ?? '';
  const body = JSON.stringify({ email: 'slow@example.com', attributes: { bio: 'x'.repeat(100_000) } });
  const upload = await openUpload(service.url, key, body.length);
  await upload.write(body.slice(0, 50_000));
  // An answer to a later request shows that the upload has reached the service.
  expect((await fetch(`${service.url}/healthz`, { headers: { connection: 'close' } })).status).toBe(200);

  const signalledAt = performance.now();
  service.kill('SIGTERM');
  await service.printed(/Stopping/);
  await expect(fetch(`${service.url}/healthz`)).rejects.toThrow();
  await upload.write(body.slice(50_000));
  expect(await upload.answer).toStartWith('HTTP/1.1 201');
  expect(await service.ended).toMatchObject({ code: 0 });
  expect(performance.now() - signalledAt).toBeLessThan(10_000);

  const again = await place.serve();
  const found = await fetch(`${again.url}/api/v1/users?search=slow@example.com`, { headers: headers(key) });
  expect(await found.json()).toMatchObject({ meta: { pagination: { total: 1 } } });
  await stop(again);
});

test('an upload that stands still is cut off, and the end is still 0 within ten seconds', async () => {
  const service = await place.serve();
  const key = KEY.exec(service.output)?.[0] ?? '';
  const upload = await openUpload(service.url, key, 100);
  expect((await fetch(`${service.url}/healthz`, { headers: { connection: 'close' } })).status).toBe(200);
  const signalledAt = performance.now();
  service.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0 });
  expect(performance.now() - signalledAt).toBeLessThan(10_000);
  expect(await upload.answer).toBe('');
  expect(readdirSync(join(place.dir, 'data')).filter((name) => name.endsWith('-wal'))).toEqual([]);
}, 20_000);

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends an idle service at once, open connections or not',
  async (signal) => {
    const service = await place.serve();
    const idle = connect(Number(new URL(service.url).port), '127.0.0.1');
    const answered = new Promise((resolve) => idle.once('data', resolve));
    idle.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await answered;
    const before = performance.now();
    service.kill(signal);
    expect(await service.ended).toMatchObject({ code: 0 });
    expect(performance.now() - before).toBeLessThan(5000);
    idle.destroy();
    // The write-ahead log has been emptied, so the database file alone is a complete backup.
    expect(readdirSync(join(place.dir, 'data')).filter((name) => name.endsWith('-wal'))).toEqual([]);
  },
);

test('a stop that can not write down what happened last says so, and ends as properly', async () => {
  const service = await place.serve();
  const database = openDatabase(join(place.dir, 'data'), { write: true });
  for (const table of ['activity_counters', 'api_keys'])
    for (const event of ['INSERT', 'UPDATE'])
      database.run(`CREATE TRIGGER full_${table}_${event} BEFORE ${event} ON ${table}
        BEGIN SELECT RAISE(ABORT, 'disk is full'); END`);
  database.close();
  const key = KEY.exec(service.output)?.[0] ?? '';
  expect(await statusWith(service.url, key)).toBe(200);
  expect((await fetch(service.url + WEBHOOK, { method: 'POST', body: '{}' })).status).toBe(503);
  service.kill('SIGTERM');
  const { code, stderr } = await service.ended;
  expect(code).toBe(0);
  expect(stderr.split('\n').filter((line) => line.includes('could not be written down'))).toHaveLength(1);
  expect(stderr).toContain('Stopped');
  expect(readdirSync(join(place.dir, 'data')).filter((name) => name.endsWith('-wal'))).toEqual([]);
});

/** A request whose body is sent by hand. */
async function openUpload(url: string, key: string, length: number) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const { promise: answer, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('close', () => resolve(text));
  const write = (part: string) => new Promise<void>((done) => void socket.write(part, () => done()));
  await write(
    `POST /api/v1/users/identify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
  );
  return { write, answer };
}
