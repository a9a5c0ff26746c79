import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { parse } from 'csv-parse/sync';
import { startTestService, type TestService } from '../helpers/service.ts';
import { CSV, exportFile, importFile, latestImport, plainUsers, slowBody, upload } from './files.ts';

let t: TestService;
beforeAll(async () => {
  t = await startTestService();
});
afterAll(() => t.stop());

const rejected = async (id: string): Promise<string[][]> =>
  parse(await exportFile(t, `/api/v1/users/imports/${id}/errors`));

describe('rejected rows', () => {
  test('all of them can be had, with line, reason and the row as it stands in the file', async () => {
    const bad = Array.from({ length: 700 }, (_, i) => `nobody ${i},"a ""quoted"" <b>"`);
    const { id, errors } = await importFile(t, CSV, `email,plan\nada@x.io,pro\n${bad.join('\n')}\n`);
    expect(errors).toHaveLength(100);
    const [header, ...rows] = await rejected(id);
    expect(header).toEqual(['line', 'reason', 'row']);
    expect(rows).toEqual(bad.map((row, i) => [String(i + 3), 'the email is not an address', row]));
  });

  test('so far, while the file is still coming in', async () => {
    const body = slowBody();
    const answer = upload(t, CSV, body.stream);
    body.send(`email\n${'nobody\n'.repeat(251)}`);
    const { id } = await latestImport(t, ({ rejected }) => rejected === 250);
    expect((await rejected(id)).length).toBeGreaterThanOrEqual(251);
    body.end();
    await answer;
    expect(await rejected(id)).toHaveLength(252);
  });

  test('of an import without any: the header alone', async () => {
    const { id } = await importFile(t, CSV, 'email\nada@x.io\n');
    expect(await rejected(id)).toEqual([['line', 'reason', 'row']]);
  });

  test.each(['import_4711', '..%2Fsecret.key', 'import_1%2F..%2F..%2Fsecret'])(
    'of %s there are none',
    async (id) => {
      expect(await t.api('GET', `/api/v1/users/imports/${id}/errors`)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found' } },
      });
    },
  );

  test('go with the process, as the list of imports does', async () => {
    const { id } = await importFile(t, CSV, 'email\nnobody\n');
    await t.restart();
    expect((await t.api('GET', `/api/v1/users/imports/${id}/errors`)).status).toBe(404);
    const fresh = await importFile(t, CSV, 'email\nada@x.io\n');
    expect(await rejected(fresh.id)).toHaveLength(1);
  });
});

test('an import may say what its file is called, and a failed one says why', async () => {
  await upload(t, CSV, 'email\nada@x.io\n', '?name=people%20%3Cb%3E.csv');
  expect(await latestImport(t, () => true)).toMatchObject({ name: 'people <b>.csv', problem: null });
  const { body } = await upload(t, CSV, 'nothing\n', '?name=bad.csv');
  expect(await latestImport(t, () => true)).toMatchObject({
    name: 'bad.csv',
    status: 'failed',
    problem: body.error.message,
  });
});

test.each([
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
])('columns may be separated by a %s', async (delimiter, sign) => {
  const file = `email${sign}name${sign}note\n${delimiter}@x.io${sign}Ada${sign}"a,b;c\td"\n`;
  expect((await upload(t, CSV, file, `?delimiter=${delimiter}`)).body.data).toMatchObject({ created: 1 });
  const user = (await plainUsers(t)).find(({ email }) => email === `${delimiter}@x.io`);
  expect(user).toMatchObject({ name: 'Ada', attributes: { note: 'a,b;c\td' } });
});

test('no other separator is taken', async () => {
  expect(await upload(t, CSV, 'email\n', '?delimiter=pipe')).toMatchObject({
    status: 422,
    body: { error: { details: [{ path: 'query.delimiter' }] } },
  });
});
