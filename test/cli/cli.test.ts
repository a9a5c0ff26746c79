import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from '../../package.json';
import { describeVariables } from '../../src/config.ts';
import { openDatabase } from '../helpers/database.ts';
import { createPlace, type Ended, type Place } from './process.ts';

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place.remove());

/** A failure as an operator should see it: exit code 1, nothing on standard output, a few plain lines and no stack. */
function expectFailure({ code, stdout, stderr }: Ended, ...said: string[]) {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  for (const part of said) expect(stderr).toContain(part);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(4);
  expect(stderr).not.toMatch(/^\s+at |node_modules|\.ts:\d|Bun v/m);
}

describe.concurrent('help', () => {
  const variables = [...describeVariables().matchAll(/^ {2}([A-Z_]+) /gm)].map(([, name]) => name as string);
  const commands = [
    'serve',
    'demo',
    'admin',
    'admin create',
    'admin reset-password',
    'admin list',
    'users',
    'users import',
    'users export',
    'segments',
    'segments export',
    'doctor',
    'healthcheck',
    'migrate',
    'version',
  ];

  test('lists every command', async () => {
    const { code, stdout, stderr } = await place.run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const listed = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[command\])? {2,}\S/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual([...commands.filter((name) => !name.includes(' ')), 'help'].sort());
  });

  test.each(['', ...commands])('quackback-segment %s --help explains every variable', async (command) => {
    const { code, stdout } = await place.run([...command.split(' ').filter(Boolean), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: quackback-segment');
    expect(variables.length).toBeGreaterThan(10);
    for (const name of variables) expect(stdout).toContain(`  ${name} `);
  });
});

describe.concurrent('version', () => {
  test.each([['version'], ['--version'], ['-V']])('%s', async (argument) => {
    expect(await place.run([argument])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
  test('needs no valid configuration', async () => {
    expect((await place.run(['version'], { PORT: 'x' })).code).toBe(0);
  });
});

describe.concurrent('what can not be', () => {
  test.each([
    [['nonsense'], 'no command "nonsense"'],
    [['serve', 'extra'], 'no command "extra"'],
    [['migrate', 'extra'], 'too many arguments'],
    [['--nonsense'], "unknown option '--nonsense'"],
    [['serve', '--port', '80'], "unknown option '--port'"],
    [['users', 'nonsense'], 'nonsense'],
  ])('%p', async (args, said) => {
    expectFailure(await place.run(args), said);
  });

  test.each(['serve', 'migrate', 'healthcheck', 'users export'])(
    'a wrong configuration for %s',
    async (command) => {
      const env = { PORT: 'eighty', LOG_LEVEL: 'loud', ADMIN_API_KEY: 'hunter2' };
      const ended = await place.run(command.split(' '), env);
      expectFailure(
        ended,
        'PORT must be a whole number from 0 to 65535\n',
        'LOG_LEVEL must be',
        'ADMIN_API_KEY must be',
        '--help',
      );
      expect(ended.stderr).not.toContain('hunter2');
    },
  );

  test('an address nobody can listen on', async () => {
    expectFailure(
      await place.run(['serve'], { HOST: '999.0.0.1', DATA_DIR: 'nowhere' }),
      "Can't listen on 999.0.0.1:3000",
      'HOST',
    );
  });

  test('a busy port', async () => {
    const other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    expectFailure(
      await place.run(['serve'], { PORT: String(other.port), DATA_DIR: 'busy' }),
      `Can't listen on 127.0.0.1:${other.port}`,
      'PORT',
    );
    await other.stop(true);
  });

  test.each(['serve', 'migrate'])('a data folder that is a file, for %s', async (command) => {
    await Bun.write(join(place.dir, 'file'), '');
    expectFailure(
      await place.run(command.split(' '), { DATA_DIR: 'file' }),
      'file/quackback-segment.db',
      'DATA_DIR',
    );
  });

  test.each([
    'users export',
    'segments export',
    'admin list',
    'admin create eve@example.com --generate',
    'admin reset-password ada@example.com --generate',
  ])('a folder without a database, for %s, and none is made', async (command) => {
    expectFailure(
      await place.run(command.split(' '), { DATA_DIR: 'elsewhere' }),
      'There is no database in elsewhere',
      'DATA_DIR',
    );
    expect(existsSync(join(place.dir, 'elsewhere'))).toBe(false);
  });

  test.each(['serve', 'migrate'])('a database that is none, for %s', async (command) => {
    await Bun.write(
      join(place.dir, 'damaged/quackback-segment.db'),
      'not a database, whatever its name says',
    );
    expectFailure(
      await place.run([command], { DATA_DIR: 'damaged' }),
      'damaged/quackback-segment.db',
      'not a database',
      'Put a backup in its place',
    );
  });

  test.each(['serve', 'migrate'])('a database of a newer version, for %s', async (command) => {
    const folder = `newer-${command}`;
    await place.run(['migrate'], { DATA_DIR: folder });
    const database = openDatabase(join(place.dir, folder), { write: true });
    database.run('PRAGMA user_version = 999');
    database.close();
    expectFailure(await place.run([command], { DATA_DIR: folder }), 'newer version', 'schema 999');
  });
});

describe('migrate', () => {
  test('makes the database, readable by its owner alone, and a second time changes nothing', async () => {
    const first = await place.run(['migrate'], { DATA_DIR: 'made/deep' });
    expect(first).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^The database is at schema \d+ \(\d{4}_\w+\)\n$/),
      stderr: '',
    });
    const path = join(place.dir, 'made/deep/quackback-segment.db');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const database = new Database(path);
    database.run("INSERT INTO settings (key, value) VALUES ('mine', 'kept')");
    expect(await place.run(['migrate'], { DATA_DIR: 'made/deep' })).toEqual(first);
    expect(database.query("SELECT value FROM settings WHERE key = 'mine'").get()).toEqual({ value: 'kept' });
    database.close();
  });
});

describe('healthcheck', () => {
  test('says yes to a running service and no to a stopped one', async () => {
    const service = await place.serve({ DATA_DIR: 'healthy' });
    const port = new URL(service.url).port;
    expect(await place.run(['healthcheck'], { PORT: port })).toEqual({
      code: 0,
      stdout: 'ready\n',
      stderr: '',
    });
    expect((await place.run(['healthcheck'], { PORT: port, HOST: '0.0.0.0' })).code).toBe(0);
    service.kill('SIGTERM');
    await service.ended;
    expectFailure(
      await place.run(['healthcheck'], { PORT: port }),
      `http://127.0.0.1:${port}/readyz is not ready`,
    );
  });

  test('says no to something else on the port', async () => {
    const other = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => new Response('no', { status: 404 }),
    });
    expectFailure(await place.run(['healthcheck'], { PORT: String(other.port) }), 'it answered 404');
    await other.stop(true);
  });
});
