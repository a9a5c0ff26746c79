/**
 * `bun run smoke`: the built executable, alone in an empty directory with an empty environment: start, one signed
 * identify, one outbound call, the documentation, metrics, traces, the doctor, clean stop.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startSegmentStub } from './helpers/segment-stub.ts';
import { identify, SECRET, SETTINGS, sign, WEBHOOK, WRITE_KEY } from './helpers/service.ts';
import { startOtlpReceiver } from './telemetry/otlp-receiver.ts';

const executable = resolve(import.meta.dir, '../dist/quackback-segment');
const directory = await mkdtemp(join(tmpdir(), 'quackback-segment-smoke-'));
const stub = startSegmentStub({ writeKey: WRITE_KEY });
const collector = startOtlpReceiver();
const env = { PATH: '/usr/bin:/bin', PORT: '0', SEGMENT_API_URL: stub.url };
const child = Bun.spawn([executable], {
  cwd: directory,
  env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  stdout: 'pipe',
  stderr: 'inherit',
});
const deadline = setTimeout(() => {
  console.error('The smoke test took more than 60 s');
  child.kill('SIGKILL');
}, 60_000);

try {
  const { url, key, token } = await greeting(child.stdout);
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  await call('PATCH', SETTINGS, {
    inbound: { sharedSecret: SECRET },
    outbound: { enabled: true, writeKey: WRITE_KEY },
  });
  await call('POST', '/api/v1/users/identify', { email: 'user@example.com' });
  const rules = {
    match: 'all',
    conditions: [{ field: 'attributes.plan', operator: 'eq', value: 'enterprise' }],
  };
  await call('POST', '/api/v1/segments', { name: 'Enterprise', type: 'dynamic', rules });
  const event = JSON.stringify(identify('user@example.com', { plan: 'enterprise' }));
  await call('POST', WEBHOOK, event, { 'x-signature': sign(event) });
  await stub.waitFor(({ accepted }) => accepted().length === 1);
  const traits = JSON.stringify(Object.fromEntries(stub.profiles()));
  if (traits !== '{"user@example.com":{"enterprise":true}}') throw new Error(`Segment holds ${traits}`);
  // Enough for the write-ahead log to be worth a thread of its own.
  const users = Array.from({ length: 5000 }, (_, n) => `user${n}@example.org,${'x'.repeat(500)}`);
  const csv = ['email,note', ...users].join('\n');
  await call('POST', '/api/v1/users/import', csv, { 'content-type': 'text/csv' });
  await threads(1);
  // Enough for an evaluation to be.
  const people = Array.from({ length: 25_000 }, (_, n) => `person${n}@example.org`);
  await call('POST', '/api/v1/users/import', ['email', ...people].join('\n'), { 'content-type': 'text/csv' });
  await call('POST', '/api/v1/segments/evaluate');
  await threads(2, () => call('POST', '/api/v1/segments/evaluate'));
  for (const path of ['/swagger', '/swagger/json', '/swagger/swagger-ui-bundle.js', '/readyz', '/metrics'])
    await call('GET', path);
  const page = await (await call('GET', '/admin/users')).text();
  const assets = [...page.matchAll(/"(\/admin\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  if (assets.length < 2) throw new Error(`The admin area loads ${assets.length} files`);
  for (const path of assets) await call('GET', path);

  const account = { email: 'ada@example.com', password: 'correct horse battery staple' };
  await call('POST', '/api/v1/invitations/accept', { token, name: 'Ada', ...account });
  const signIn = await call('POST', '/api/auth/sign-in/email', account, { origin: url });
  const cookie = signIn.headers.getSetCookie().map((one) => one.split(';')[0]);
  const me = await fetch(`${url}/api/v1/me`, { headers: { cookie: cookie.join('; ') } });
  if (!(await me.text()).includes(account.email)) throw new Error('The session is not known');

  const doctor = Bun.spawn([executable, 'doctor'], {
    cwd: directory,
    env: { ...env, PORT: new URL(url).port },
    stdout: 'pipe',
  });
  const findings = await new Response(doctor.stdout).text();
  if ((await doctor.exited) !== 0) throw new Error(`The doctor found errors:\n${findings}`);

  child.kill('SIGTERM');
  const code = await child.exited;
  if (code !== 0) throw new Error(`The executable stopped with exit code ${code}`);
  if (!collector.spans.some(({ name }) => name === 'group commit')) throw new Error('No traces came');
  const left = await readdir(directory);
  if (left.join() !== 'data') throw new Error(`The executable left ${left.join(', ')} in its directory`);
  console.log('The executable works alone in an empty directory');
} finally {
  clearTimeout(deadline);
  child.kill('SIGKILL');
  await stub.stop();
  await collector.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Waits until the executable works with so many threads of its own at once. */
async function threads(wanted: number, meanwhile?: () => Promise<unknown>) {
  for (let looks = 1; ; looks++) {
    const names = await threadsOf(child.pid);
    if (names.filter((name) => name === 'Worker').length >= wanted) return;
    if (looks % 100 === 0) await meanwhile?.();
    await Bun.sleep(5);
  }
}

/** Names of the threads of a process. */
async function threadsOf(pid: number): Promise<string[]> {
  const files = await Array.fromAsync(new Bun.Glob(`/proc/${pid}/task/*/comm`).scan({ absolute: true }));
  return Promise.all(files.map(async (file) => (await Bun.file(file).text()).trim()));
}

/** Reads the address, the API key and the set-up link's token from what the first start prints. */
async function greeting(
  output: ReadableStream<Uint8Array>,
): Promise<{ url: string; key: string; token: string }> {
  let text = '';
  for await (const chunk of output) {
    text += new TextDecoder().decode(chunk);
    const key = /qb_[\w-]{43}/.exec(text)?.[0];
    const url = /listens on (\S+)/.exec(text)?.[1];
    const token = /accept#([\w-]+)/.exec(text)?.[1];
    if (key !== undefined && url !== undefined && token !== undefined) return { key, url, token };
  }
  throw new Error(`The executable ended before it listened; it printed: ${text}`);
}
