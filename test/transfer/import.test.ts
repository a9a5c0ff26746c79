import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { openDatabase } from '../helpers/database.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { API_KEY, identify, startTestService, type TestService } from '../helpers/service.ts';
import { dump } from './database.ts';
import {
  CSV,
  exportFile,
  importFile,
  latestImport,
  NDJSON,
  plainUsers,
  rows,
  slowBody,
  upload,
} from './files.ts';

const clock = manualClock();
let t: TestService;
beforeEach(async () => {
  t = await startTestService({ clock });
});
afterEach(() => t.stop());

test('created, updated, unchanged and rejected rows are counted', async () => {
  await importFile(t, CSV, `email,plan\n${rows(0, 600)}`);
  const mixed = `email,plan\n${rows(0, 300)}${rows(300, 600, 'free')}${rows(600, 1000)}${'nobody,x\n'.repeat(250)}`;
  const { id: _id, errors, ...counts } = await importFile(t, CSV, mixed);
  expect(counts).toEqual({ created: 400, updated: 300, unchanged: 300, rejected: 250 });
  expect(errors).toHaveLength(100);
  expect(errors.at(0)).toEqual({ line: 1002, reason: 'the email is not an address' });
  expect(errors.at(-1)).toEqual({ line: 1101, reason: 'the email is not an address' });
  expect((await t.api('GET', '/api/v1/users?limit=1')).body.meta.pagination.total).toBe(1000);
});

describe('twice', () => {
  const csv = `email,name,user_id,plan,n,tags:json\nada@x.io,Ada,u1,pro,1,"[1,{""a"":1,""b"":2}]"\nbob@x.io,,,free,,\n`;
  const ndjson = [
    { email: 'ada@x.io', name: 'Ada', externalId: 'u1', attributes: { o: { a: 1, b: [null] }, gone: null } },
    { email: 'bob@x.io', name: null, attributes: {} },
  ];
  /** All that is in the database, when nothing is put off any more. */
  async function everything() {
    while (await t.service.store.catchUp(1000));
    return dump(t.dataDir);
  }
  test.each([
    ['CSV', CSV, csv, csv],
    ['NDJSON', NDJSON, ndjson.map((row) => JSON.stringify(row)).join('\n'), undefined],
    [
      'NDJSON with its keys in another order',
      NDJSON,
      JSON.stringify({ email: 'ada@x.io', attributes: { a: { b: 1, c: { d: 1, e: 2 } }, f: 1 } }),
      JSON.stringify({ attributes: { f: 1, a: { c: { e: 2, d: 1 }, b: 1 } }, email: 'ADA@x.io' }),
    ],
  ])('%s changes nothing at all', async (_it, type, file, again = file) => {
    await t.planSegment('Pro', 'pro');
    const first = await importFile(t, type, file);
    const before = await everything();
    clock.advance(3_600_000);
    expect(await importFile(t, type, again)).toEqual({
      id: 'import_2',
      created: 0,
      updated: 0,
      unchanged: first.created,
      rejected: 0,
      errors: [],
    });
    expect(await everything()).toEqual(before);
  });

  test('an event from between the two still counts', async () => {
    await importFile(t, CSV, 'email,plan\nada@x.io,pro\n');
    clock.advance(3_600_000);
    const between = new Date(clock.now()).toISOString();
    clock.advance(3_600_000);
    await importFile(t, CSV, 'email,plan\nada@x.io,pro\n');
    await t.webhook(identify('ada@x.io', { plan: 'free' }, { timestamp: between }));
    expect(await plainUsers(t)).toMatchObject([{ attributes: { plan: 'free' } }]);
  });
});

test('an import overrules what events said before, and events what it said', async () => {
  await t.api('POST', '/api/v1/users/identify', { email: 'ada@x.io' });
  await t.webhook(identify('ada@x.io', { plan: 'a' }, { timestamp: new Date(clock.now()).toISOString() }));
  clock.advance(1000);
  await importFile(t, CSV, 'email,plan\nada@x.io,b\n');
  expect(await plainUsers(t)).toMatchObject([{ attributes: { plan: 'b' } }]);
  clock.advance(1000);
  await t.webhook(identify('ada@x.io', { plan: 'c' }, { timestamp: new Date(clock.now()).toISOString() }));
  expect(await plainUsers(t)).toMatchObject([{ attributes: { plan: 'c' } }]);
});

test('memberships follow an import, and Segment hears of them', async () => {
  await t.connect();
  await t.planSegment('Pro', 'pro');
  await importFile(t, CSV, `email,plan\n${rows(0, 3)}bob@x.io,free\n`);
  await t.stub.waitFor(({ profiles }) => profiles().size === 3);
  expect(Object.fromEntries(t.stub.profiles())).toEqual({
    'u0@example.com': { pro: true },
    'u1@example.com': { pro: true },
    'u2@example.com': { pro: true },
  });
});

test.each([
  ['none', ''],
  ['JSON', 'application/json'],
  ['a form', 'multipart/form-data; boundary=x'],
  ['a property of every object', 'constructor'],
])('a file of another type is refused: %s', async (_it, type) => {
  const { status, body } = await upload(t, type, 'email\nada@x.io\n');
  expect({ status, code: body.error.code }).toEqual({ status: 415, code: 'unsupported_media_type' });
  expect(await plainUsers(t)).toEqual([]);
});

test.each(['charset=utf-8', 'charset=UTF8', 'header=present; Charset="utf-8"'])(
  'a type may name its encoding: %s',
  async (parameters) => {
    const file = 'email\nada@x.io\n';
    expect(await importFile(t, `Text/CSV; ${parameters}`, file)).toMatchObject({ created: 1 });
  },
);

test.each(['text/csv; charset=iso-8859-1', 'application/x-ndjson;charset="windows-1252"'])(
  'no other encoding is taken: %s',
  async (type) => {
    const { status, body } = await upload(t, type, 'email\nada@x.io\n');
    expect({ status, code: body.error.code }).toEqual({ status: 415, code: 'unsupported_media_type' });
    expect(body.error.message).toContain('UTF-8');
    expect(await plainUsers(t)).toEqual([]);
  },
);

test('an import needs the API key', async () => {
  const body = 'email\nada@x.io\n';
  const headers = { 'content-type': CSV };
  const answer = await fetch(`${t.url}/api/v1/users/import`, { method: 'POST', headers, body });
  expect(answer.status).toBe(401);
  expect(await plainUsers(t)).toEqual([]);
});

test('an import waits while too many events are waiting to be stored', async () => {
  const { store } = t.service;
  const { apply } = store;
  const held = Promise.withResolvers<void>();
  store.apply = async (...given) => {
    await held.promise;
    return apply(...given);
  };
  // More than the queue takes: those in it wait, and the others are sent away.
  const batch = Array.from({ length: 4000 }, (_, i) => identify(`nobody${i}@example.com`, {}));
  const batches = Array.from({ length: 6 }, () => t.webhook(batch));
  expect((await Promise.race(batches)).status).toBe(503);

  let answered = false;
  const answer = upload(t, CSV, `email,plan\n${rows(0, 300)}`).finally(() => {
    answered = true;
  });
  await latestImport(t, () => true);
  for (let look = 0; look < 20; look++) await t.api('GET', '/api/v1/users/imports');
  expect(answered).toBe(false);
  held.resolve();
  expect((await answer).body.data).toMatchObject({ created: 300, rejected: 0 });
  await Promise.all(batches);
});

describe('progress', () => {
  test('is shown while the file is coming in', async () => {
    const body = slowBody();
    const answer = upload(t, CSV, body.stream);
    // The last row of a piece may go on in the next one, so 500 users are certain with the 501st.
    const first = `email,plan\n${rows(0, 501)}`;
    body.send(first);
    const running = await latestImport(t, ({ created }) => created === 500);
    expect(running).toEqual({
      id: 'import_1',
      name: null,
      status: 'running',
      problem: null,
      bytes: first.length,
      totalBytes: null,
      created: 500,
      updated: 0,
      unchanged: 0,
      rejected: 0,
      startedAt: new Date(clock.now()).toISOString(),
      finishedAt: null,
    });
    clock.advance(60_000);
    body.send('nobody,x\n'.repeat(250));
    expect(await latestImport(t, ({ rejected }) => rejected > 0)).toMatchObject({
      status: 'running',
      bytes: first.length + 250 * 'nobody,x\n'.length,
      created: 501,
      rejected: 249,
    });
    body.end();
    expect((await answer).body.data).toMatchObject({ created: 501, rejected: 250 });
    const done = { status: 'done', created: 501, finishedAt: new Date(clock.now()).toISOString() };
    expect(await latestImport(t, () => true)).toMatchObject(done);
  });

  test('knows the size of a file that comes with one', async () => {
    const file = `email,plan\n${rows(0, 10)}`;
    await importFile(t, CSV, file);
    expect(await latestImport(t, () => true)).toMatchObject({ bytes: file.length, totalBytes: file.length });
  });

  test('a refused file has failed; the last twenty are shown, the latest first', async () => {
    for (let i = 0; i < 21; i++) await importFile(t, CSV, 'email\n');
    await upload(t, CSV, 'nothing');
    const { body } = await t.api('GET', '/api/v1/users/imports');
    expect(body.data).toHaveLength(20);
    expect(body.data[0]).toMatchObject({ id: 'import_22', status: 'failed' });
    expect(body.data[19]).toMatchObject({ id: 'import_3', status: 'done' });
  });
});

test('an import whose rows can not be stored has failed, and so has nothing else', async () => {
  const body = slowBody();
  const answer = upload(t, CSV, body.stream);
  body.send(`email,plan\nnobody,x\n${rows(0, 600)}`);
  await latestImport(t, ({ created }) => created > 0);
  // Another process, such as a backup, holds the database longer than anybody waits for it.
  const other = openDatabase(t.dataDir, { write: true });
  try {
    other.run('BEGIN IMMEDIATE');
    body.send(rows(600, 1200));
    body.end();
    const { status, body: answered } = await answer;
    expect({ status, code: answered.error.code }).toEqual({ status: 503, code: 'busy' });
  } finally {
    other.close();
  }
  const { id, finishedAt, problem } = await latestImport(t, ({ status }) => status === 'failed');
  expect(finishedAt).not.toBeNull();
  expect(problem).toMatch(/busy or full.*Send the file again/);
  expect(await exportFile(t, `/api/v1/users/imports/${id}/errors`)).toContain(
    '2,the email is not an address',
  );
  expect(await importFile(t, CSV, `email,plan\n${rows(0, 1200)}`)).toMatchObject({ rejected: 0 });
});

describe('an upload that breaks off', () => {
  const csv = `email,plan\n${rows(0, 600)}last@example.com,enter`;
  const ndjson = `${Array.from({ length: 600 }, (_, i) => `{"email":"u${i}@example.com"}\n`).join('')}{"email":"last@ex`;
  test.each([
    ['CSV of a known size', CSV, csv, 'length', 'destroy'],
    ['CSV in pieces', CSV, csv, 'chunked', 'destroy'],
    ['NDJSON of a known size', NDJSON, ndjson, 'length', 'destroy'],
    ['NDJSON in pieces', NDJSON, ndjson, 'chunked', 'destroy'],
    ['CSV, the connection closed in order', CSV, csv, 'length', 'end'],
  ] as const)('leaves every row before it: %s', async (_it, type, text, framing, how) => {
    const socket = connect(Number(new URL(t.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `POST /api/v1/users/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\nContent-Type: ${type}\r\n`,
    );
    if (framing === 'length') socket.write(`Content-Length: 1000000\r\n\r\n${text}`);
    else socket.write(`Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n`);
    await latestImport(t, ({ bytes }) => bytes === text.length);
    socket[how]();
    expect(await latestImport(t, ({ status }) => status !== 'running')).toMatchObject({
      status: 'failed',
      created: 600,
      rejected: 0,
    });
    const { body } = await t.api('GET', '/api/v1/users?limit=1');
    expect(body.meta.pagination.total).toBe(600);
    expect((await t.api('GET', '/api/v1/users?search=last')).body.data).toEqual([]);
    const { data: done } = (await t.api('GET', '/api/v1/audit?action=users.imported')).body;
    expect(done).toMatchObject([
      {
        target: 'in part',
        changes: [
          { field: 'created', after: 600 },
          { field: 'updated', after: 0 },
        ],
      },
    ]);
    // The service lives, and a second try completes the work.
    expect(await importFile(t, type, text.replace(/\n[^\n]*$/, '\n'))).toMatchObject({ unchanged: 600 });
  });
});
