import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, statSync } from 'node:fs';
import { startTestService } from '../helpers/service.ts';
import { startWorkplace, type Workplace } from './command.ts';
import { dump } from './database.ts';
import { rows } from './files.ts';

let place: Workplace;
beforeEach(async () => {
  place = await startWorkplace();
});
afterEach(() => place.remove());

const counts = (created: number, updated = 0, unchanged = 0, rejected = 0) =>
  `${created} created, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected\n`;

describe('users import', () => {
  const ada = '{"email":"ada@x.io","attributes":{"plan":"pro"}}\n';
  test.each([
    ['a CSV file', 'users.csv', 'email,plan\nada@x.io,pro\n', []],
    ['a JSONL file in capitals', 'USERS.JSONL', ada, []],
    ['a format that overrules the name', 'users.csv', ada, ['--format', 'ndjson']],
  ])('%s', async (_it, name, content, options) => {
    const file = await place.write(name, content);
    expect(await place.run(['users', 'import', file, ...options])).toEqual({
      code: 0,
      stdout: counts(1),
      stderr: '',
    });
    expect(existsSync(`${file}.rejected.csv`)).toBe(false);
    const { stdout } = await place.run(['users', 'export', '--format', 'ndjson']);
    expect(JSON.parse(stdout)).toMatchObject({ email: 'ada@x.io', attributes: { plan: 'pro' } });
  });

  test('standard input, without a progress bar where there is no terminal', async () => {
    const stdin = `email,plan\n${rows(0, 2000)}`;
    const ended = await place.run(['users', 'import', '-', '--format', 'csv'], { stdin });
    expect(ended).toEqual({ code: 0, stdout: counts(2000), stderr: '' });
  });

  test('a progress bar on a terminal, gone when it is done', async () => {
    const file = await place.write('users.csv', `email,plan\n${rows(0, 2000)}`);
    const shown = await place.runOnTerminal(['users', 'import', file]);
    expect(shown).toMatch(/^\r\[#* *] \d+ % {2}[\d,]+ rows, [\d,]+ a second /);
    expect(shown).toEndWith(`\r\x1b[K${counts(2000).replace('\n', '\r\n')}`);
  });

  test('rejected rows are in a file beside it, with line and reason', async () => {
    const file = await place.write('users.csv', 'email,n:number\nada@x.io,1\n,2\nbob@x.io,"many, ""x"""\n');
    expect(await place.run(['users', 'import', file])).toEqual({
      code: 2,
      stdout: `${counts(1, 0, 0, 2)}Rejected rows, with line and reason, are in ${file}.rejected.csv\n`,
      stderr: '',
    });
    expect(await place.read('users.csv.rejected.csv')).toBe(
      'line,reason,row\r\n3,there is no email,",2"\r\n4,"""n"" is not a number","bob@x.io,""many, """"x"""""""\r\n',
    );
    expect(statSync(`${file}.rejected.csv`).mode & 0o777).toBe(0o600);
  });

  test('rejected rows of standard input go where --rejected says', async () => {
    const args = ['users', 'import', '-', '--format', 'ndjson', '--rejected', place.file('bad.csv')];
    const { code, stdout } = await place.run(args, { stdin: '{\n{"email":"ada@x.io"}' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining(counts(1, 0, 0, 1)) });
    expect(await place.read('bad.csv')).toBe('line,reason,row\r\n1,not valid JSON,{\r\n');
  });

  test('every rejected row is in the file, not only the first hundred', async () => {
    const file = await place.write('users.csv', `email\n${'nobody\n'.repeat(5000)}`);
    await place.run(['users', 'import', file]);
    const lines = (await place.read('users.csv.rejected.csv')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(5001);
    expect(lines.at(-1)).toBe('5001,the email is not an address,nobody');
  });

  test('twice changes nothing', async () => {
    const file = await place.write('users.csv', 'email,plan,n\nada@x.io,pro,1\nbob@x.io,,2\n');
    await place.run(['users', 'import', file]);
    const before = dump(place.file('data'));
    expect((await place.run(['users', 'import', file])).stdout).toBe(counts(0, 0, 2));
    expect(dump(place.file('data'))).toEqual(before);
  });

  test.each([
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
  ])('columns may be separated by a %s', async (delimiter, sign) => {
    const stdin = `email${sign}name\nada@x.io${sign}"Ada, L; of\tL"\n`;
    const args = ['users', 'import', '-', '--format', 'csv', '--delimiter', delimiter];
    expect(await place.run(args, { stdin })).toEqual({ code: 0, stdout: counts(1), stderr: '' });
    const { stdout } = await place.run(['users', 'export', '--format', 'ndjson']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'Ada, L; of\tL', attributes: {} });
  });

  test.each([
    ['the shape of NDJSON', '"attributes"'],
    ['the types of columns', 'text, number, boolean, date, json'],
    ['the separators', '--delimiter'],
    ['the encoding', 'UTF-8'],
    ['the exit codes', '2 when rows were rejected'],
  ])('--help says %s', async (_it, said) => {
    const { stdout } = await place.run(['users', 'import', '--help']);
    expect(stdout.replace(/\s+/g, ' ')).toContain(said);
  });

  test.each([
    ['a file that is not there', ['users', 'import', 'nowhere.csv'], `Can't read "nowhere.csv"`],
    ['a folder', ['users', 'import', '.', '--format', 'csv'], `Can't read "."`],
    ['an unknown kind of file', ['users', 'import', 'users.xls'], '--format csv or --format ndjson'],
    ['standard input without a format', ['users', 'import', '-'], '--format csv or --format ndjson'],
    ['an unknown format', ['users', 'import', '-', '--format', 'xml'], 'Allowed choices are csv, ndjson'],
    [
      'an unknown separator',
      ['users', 'import', '-', '--format', 'csv', '--delimiter', 'pipe'],
      'Allowed choices are comma, semicolon, tab',
    ],
    ['no email column', ['users', 'import', '-', '--format', 'csv'], 'one of them must be "email"'],
  ])('%s fails with one sentence and exit code 1', async (_it, args, message) => {
    const { code, stdout, stderr } = await place.run(args, { stdin: 'mail\nada@x.io\n' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\.ts\b|^\s+at /m);
  });

  test('a place for rejected rows that can not be written fails with one sentence', async () => {
    const args = ['users', 'import', '-', '--format', 'csv', '--rejected', 'nowhere/bad.csv'];
    const { code, stderr } = await place.run(args, { stdin: 'email\nada\n' });
    expect(code).toBe(1);
    expect(stderr).toContain(`Can't write "nowhere/bad.csv"`);
    expect(stderr).not.toMatch(/\.ts\b|^\s+at /m);
  });
});

describe('users export', () => {
  test.each(['csv', 'ndjson'])('%s that an import takes back unchanged', async (format) => {
    const stdin = 'email,name,plan,tags:json\nada@x.io,Ada,pro,"[""a"",1]"\n';
    await place.run(['users', 'import', '-', '--format', 'csv'], { stdin });
    const { code, stdout, stderr } = await place.run(['users', 'export', '--format', format]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const again = await place.run(['users', 'import', '-', '--format', format], { stdin: stdout });
    expect(again.stdout).toBe(counts(0, 0, 1));
  });

  test('all of it comes out, and a reader that has had enough is no error', async () => {
    const stdin = `email,note\n${Array.from({ length: 3000 }, (_, i) => `u${i}@x.io,${'x'.repeat(300)}\n`).join('')}`;
    await place.run(['users', 'import', '-', '--format', 'csv'], { stdin });
    const { stdout } = await place.run(['users', 'export']);
    const lines = stdout.split('\r\n');
    expect(lines).toHaveLength(3002);
    expect(lines.at(-2)).toStartWith('user_3000,u2999@x.io,');
    expect(await place.runBriefly(['users', 'export'])).toEqual({ code: 0, stderr: '' });
  });
});

describe('segments export', () => {
  test('the members of a segment, or the segments themselves', async () => {
    const t = await startTestService();
    try {
      await t.api('POST', '/api/v1/users/identify', { email: 'ada@x.io', attributes: { plan: 'pro' } });
      await t.api('POST', '/api/v1/users/identify', { email: 'bob@x.io', attributes: { plan: 'free' } });
      await t.planSegment('Pro', 'pro');
      await t.api('POST', '/api/v1/segments', { name: 'VIP', type: 'manual' });
      const dataDir = { dataDir: t.dataDir };

      const members = await place.run(['segments', 'export', 'pro'], dataDir);
      expect(members).toMatchObject({ code: 0, stderr: '' });
      expect(members.stdout.split('\r\n').slice(1)).toEqual([expect.stringContaining(',ada@x.io,'), '']);
      const json = await place.run(['segments', 'export', 'pro', '--format', 'ndjson'], dataDir);
      expect(JSON.parse(json.stdout)).toMatchObject({ email: 'ada@x.io', attributes: { plan: 'pro' } });

      const all = await place.run(['segments', 'export'], dataDir);
      const listed = (await t.api('GET', '/api/v1/segments')).body.data;
      expect(
        all.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual(listed);
      expect(listed).toHaveLength(2);

      const unknown = await place.run(['segments', 'export', 'gold'], dataDir);
      expect(unknown).toMatchObject({ code: 1, stdout: '' });
      expect(unknown.stderr).toBe('There is no segment "gold"\nThe segments are: pro, vip\n');
    } finally {
      await t.stop();
    }
  });
});

describe('beside a service that runs', () => {
  test('an import reaches Segment without a restart', async () => {
    const t = await startTestService();
    try {
      await t.connect();
      await t.planSegment('Pro', 'pro');
      const file = await place.write('users.csv', `email,plan\n${rows(0, 1200)}bob@x.io,free\n`);
      expect((await place.run(['users', 'import', file], { dataDir: t.dataDir })).stdout).toBe(counts(1201));
      await t.stub.waitFor(({ profiles }) => profiles().size === 1200);
      expect(t.stub.profiles().get('u7@example.com')).toEqual({ pro: true });
      expect(t.stub.profiles().has('bob@x.io')).toBe(false);
      expect((await t.api('GET', '/api/v1/segments/pro')).body.data.memberCount).toBe(1200);
      expect((await t.api('GET', '/api/v1/users/imports')).body.data).toEqual([]);
    } finally {
      await t.stop();
    }
  });
});
