import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { API_KEY } from '../helpers/service.ts';
import { startWorkplace, type Workplace } from './command.ts';
import { CSV } from './files.ts';

// The most memory a process ever had is compared between a small file and one that would not fit into the difference.
// The rows repeat the same users, so that the database stays small.

const MIB = 1024 * 1024;
const MAIN = join(import.meta.dir, '../../src/main.ts');
const USERS = 500;
const NOTE = 'x'.repeat(2000);

let place: Workplace;
beforeEach(async () => {
  place = await startWorkplace();
});
afterEach(() => place.remove());

/** So many bytes of rows, made as fast as they are taken. */
function rowsOf(bytes: number, header: string, row: (user: number) => string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let sent = 0;
  let number = 0;
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(header)),
    pull(controller) {
      if (sent >= bytes) return controller.close();
      let text = '';
      while (text.length < 64 * 1024) text += row(number++ % USERS);
      sent += text.length;
      controller.enqueue(encoder.encode(text));
    },
  });
}

test('a file through the API', async () => {
  const peak = async (bytes: number) => {
    const child = Bun.spawn([process.execPath, MAIN, 'serve'], {
      env: {
        PATH: process.env.PATH,
        DATA_DIR: place.file(`${bytes}`),
        PORT: '0',
        ADMIN_API_KEY: API_KEY,
        LOG_LEVEL: 'silent',
      },
      stdout: 'pipe',
      stderr: 'inherit',
    });
    const answer = await fetch(`${await addressFrom(child.stdout)}/api/v1/users/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': CSV },
      body: rowsOf(bytes, 'email,note\n', (user) => `u${user}@x.io,"${NOTE}"\n`),
    });
    const { data } = (await answer.json()) as { data: unknown };
    expect(data).toMatchObject({ created: USERS, rejected: 0 });
    child.kill();
    await child.exited;
    return child.resourceUsage()?.maxRSS ?? Number.NaN;
  };
  const small = await peak(2 * MIB);
  expect((await peak(150 * MIB)) - small).toBeLessThan(150 * MIB);
}, 120_000);

test('a file on the command line', async () => {
  const peak = async (bytes: number) => {
    const child = Bun.spawn([process.execPath, MAIN, 'users', 'import', '-', '--format', 'ndjson'], {
      env: { PATH: process.env.PATH, DATA_DIR: place.file(`${bytes}`) },
      stdin: rowsOf(bytes, '', (user) => `{"email":"u${user}@x.io","attributes":{"note":"${NOTE}"}}\n`),
      stdout: 'pipe',
      stderr: 'inherit',
    });
    expect(await new Response(child.stdout).text()).toMatch(
      /^500 created, 0 updated, \d+ unchanged, 0 rejected\n$/,
    );
    await child.exited;
    return child.resourceUsage()?.maxRSS ?? Number.NaN;
  };
  const small = await peak(2 * MIB);
  expect((await peak(200 * MIB)) - small).toBeLessThan(150 * MIB);
}, 120_000);

async function addressFrom(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of output) {
    text += new TextDecoder().decode(chunk);
    const url = /listens on (\S+)/.exec(text)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`The service ended before it listened; it printed: ${text}`);
}
