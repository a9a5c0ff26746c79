import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startTestService, type TestService } from '../helpers/service.ts';
import { CSV, type ImportResult, importFile, NDJSON, plainUsers } from './files.ts';

let t: TestService;
beforeAll(async () => {
  t = await startTestService({ env: { MAX_USER_ATTRIBUTES: '10', MAX_USER_BYTES: '1024' } });
});
afterAll(() => t.stop());

interface Case {
  it: string;
  file: string | Uint8Array<ArrayBuffer>;
  users: Record<string, { attributes?: unknown; name?: string; externalId?: string }>;
  rejected?: ImportResult['errors'];
}
const line = (user: object) => `${JSON.stringify(user)}\n`;
const ada = (attributes: unknown) => ({ 'ada@x.io': { attributes } });
const refused = (it: string, text: string, reason: string): Case => ({
  it,
  file: `${line({ email: 'ada@x.io' })}${text}\n`,
  users: ada({}),
  rejected: [{ line: 2, reason }],
});
const nested = (levels: number) =>
  `{"email":"deep@x.io","attributes":{"d":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, i]));

const CASES: Case[] = [
  {
    it: 'everything a row can say',
    file: line({ email: ' ADA@x.io', name: ' Ada ', externalId: 'u1', attributes: { plan: 'pro' } }),
    users: { 'ada@x.io': { name: 'Ada', externalId: 'u1', attributes: { plan: 'pro' } } },
  },
  {
    it: 'every JSON type',
    file: line({
      email: 'ada@x.io',
      attributes: { s: '1', n: 1.5, b: false, l: [1, null], o: { a: {} }, x: null },
    }),
    users: ada({ s: '1', n: 1.5, b: false, l: [1, null], o: { a: {} } }),
  },
  {
    it: 'keys of every object are ordinary ones',
    file: '{"email":"ada@x.io","attributes":{"__proto__":{"a":1},"constructor":2,"":3,"a.b":4}}',
    users: ada(JSON.parse('{"__proto__":{"a":1},"constructor":2,"":3,"a.b":4}')),
  },
  {
    it: 'an email among the attributes is none',
    file: line({ email: 'ada@x.io', attributes: { email: 'b@x.io' } }),
    users: ada({}),
  },
  {
    it: 'null says nothing of a new user',
    file: line({ email: 'ada@x.io', name: null, externalId: null }),
    users: ada({}),
  },
  {
    it: 'what an export adds is left out',
    file: line({ id: 'user_9', email: 'ada@x.io', createdAt: 'x' }),
    users: ada({}),
  },
  { it: 'no line break at the end', file: '{"email":"ada@x.io"}', users: ada({}) },
  { it: 'CRLF and blank lines', file: '\r\n{"email":"ada@x.io"}\r\n\r\n  \r\n', users: ada({}) },
  { it: 'a byte order mark', file: '\ufeff{"email":"ada@x.io"}\n', users: ada({}) },
  { it: 'an empty file', file: '', users: {} },
  {
    it: 'lone surrogates as JSON spells them',
    file: '{"email":"ada@x.io","attributes":{"s":"\\ud800"}}\n',
    users: ada({ s: '\ud800' }),
  },
  {
    it: 'a row that is not UTF-8 costs that row alone',
    file: new Uint8Array(
      Buffer.from('{"email":"jürgen@x.io"}\n{"email":"ada@x.io","attributes":{"s":"b"}}\n', 'latin1'),
    ),
    users: ada({ s: 'b' }),
    rejected: [{ line: 1, reason: 'not UTF-8; save the file as UTF-8' }],
  },
  {
    it: 'replacement characters that are in the file itself',
    file: line({ email: 'ada@x.io', attributes: { s: '\ufffd' } }),
    users: ada({ s: '\ufffd' }),
  },
  {
    it: 'UTF-16 with a byte order mark',
    file: new Uint8Array(Buffer.from('\ufeff{"email":"ada@x.io","attributes":{"s":"größe"}}\n', 'utf16le')),
    users: ada({ s: 'größe' }),
  },
  {
    it: 'all that an export writes is known',
    file: line({
      id: 'user_9',
      email: 'ada@x.io',
      name: 'Ada',
      externalId: null,
      attributes: {},
      createdAt: 'x',
      updatedAt: 'x',
      lastSeenAt: null,
    }),
    users: { 'ada@x.io': { name: 'Ada' } },
  },
  refused('no JSON', '{"email":', 'not valid JSON'),
  refused('a list', '["ada@x.io"]', 'not a JSON object'),
  refused('null', 'null', 'not a JSON object'),
  refused('text', '"ada@x.io"', 'not a JSON object'),
  refused('no email', '{"name":"Ada"}', 'there is no email'),
  refused('an email that is null', '{"email":null}', 'the email is not an address'),
  refused('an email that is a number', '{"email":7}', 'the email is not an address'),
  refused('an email that is no address', '{"email":"ada"}', 'the email is not an address'),
  refused(
    'an attribute outside of "attributes"',
    '{"email":"b@x.io","plan":"pro"}',
    'unknown "plan"; a row has "email", "name", "externalId" and "attributes", everything else goes under "attributes"',
  ),
  refused(
    'many of them, with long names and those of every object',
    `{"email":"b@x.io","__proto__":1,"toString":2,"${'k'.repeat(1000)}":3,"a":4,"b":5,"c":6,"d":7}`,
    `unknown "__proto__", "toString", "${'k'.repeat(50)}…", "a", "b" and 2 more; a row has "email", "name", "externalId" and "attributes", everything else goes under "attributes"`,
  ),
  refused(
    'an externalId that is too long',
    `{"email":"b@x.io","externalId":"${'z'.repeat(256)}"}`,
    'the externalId is longer than 255 characters',
  ),
  refused(
    'an externalId that is no well-formed text',
    '{"email":"b@x.io","externalId":"\\ud800"}',
    'the externalId is not well-formed Unicode',
  ),
  refused('a name that is no text', '{"email":"b@x.io","name":1}', '"name" is not text'),
  refused('an externalId that is no text', '{"email":"b@x.io","externalId":{}}', '"externalId" is not text'),
  refused(
    'attributes that are a list',
    '{"email":"b@x.io","attributes":[]}',
    '"attributes" is not an object',
  ),
  refused(
    'attributes that are null',
    '{"email":"b@x.io","attributes":null}',
    '"attributes" is not an object',
  ),
  refused('too deep', nested(64), 'an attribute nests too deeply'),
  refused('so deep that recursion would end', nested(200_000), 'an attribute nests too deeply'),
  refused(
    'too many attributes',
    JSON.stringify({ email: 'b@x.io', attributes: many }),
    'the user would have more attributes than MAX_USER_ATTRIBUTES allows',
  ),
  refused(
    'too large',
    JSON.stringify({ email: 'b@x.io', attributes: { s: 'x'.repeat(1024) } }),
    "the user's attributes would be larger than MAX_USER_BYTES allows",
  ),
  {
    it: 'a line longer than a row may be costs that line alone',
    file: `{"email":"a@x.io","name":"${'x'.repeat(5_000_000)}"}\n${line({ email: 'ada@x.io' })}nonsense\n`,
    users: ada({}),
    rejected: [
      { line: 1, reason: 'the line is longer than 4194304 bytes' },
      { line: 3, reason: 'not valid JSON' },
    ],
  },
  {
    it: 'line numbers count blank lines',
    file: '\n\n{\n\n{"email":"ada@x.io"}\n{\n',
    users: ada({}),
    rejected: [
      { line: 3, reason: 'not valid JSON' },
      { line: 6, reason: 'not valid JSON' },
    ],
  },
];

describe('what a row becomes', () => {
  test.each(CASES.map((one): [string, Case] => [one.it, one]))(
    '%s',
    async (_it, { file, users, rejected = [] }) => {
      const { body } = await t.api('GET', '/api/v1/users?limit=200');
      for (const { id } of body.data) await t.api('DELETE', `/api/v1/users/${id}`);
      const result = await importFile(t, NDJSON, file);
      const expected = Object.entries(users).map(([email, user]) => ({
        email,
        name: null,
        externalId: null,
        attributes: {},
        ...user,
      }));
      expect(result).toMatchObject({
        created: expected.length,
        updated: 0,
        unchanged: 0,
        rejected: rejected.length,
        errors: rejected,
      });
      expect(await plainUsers(t)).toEqual(expected);
    },
  );
});

test('null unsets what a user has', async () => {
  const before = { email: 'eve@x.io', name: 'Eve', externalId: 'e1', attributes: { plan: 'pro', n: 1 } };
  await importFile(t, NDJSON, line(before));
  const result = await importFile(
    t,
    NDJSON,
    line({ email: 'eve@x.io', name: null, externalId: null, attributes: { plan: null } }),
  );
  expect(result).toMatchObject({ created: 0, updated: 1 });
  expect((await plainUsers(t)).find(({ email }) => email === 'eve@x.io')).toEqual({
    email: 'eve@x.io',
    name: null,
    externalId: null,
    attributes: { n: 1 },
  });
});

test.each([
  ['CSV', CSV, (externalId: string) => `email,externalId\nfay@x.io,${externalId}\n`],
  ['NDJSON', NDJSON, (externalId: string) => line({ email: 'fay@x.io', externalId })],
])('a link stays where a row of %s has an externalId that can not be taken', async (_it, type, row) => {
  await importFile(t, NDJSON, line({ email: 'fay@x.io', externalId: 'f1' }));
  const { errors, ...counts } = await importFile(t, type, row('z'.repeat(300)));
  expect(counts).toMatchObject({ created: 0, updated: 0, unchanged: 0, rejected: 1 });
  expect(errors.map(({ reason }) => reason)).toEqual(['the externalId is longer than 255 characters']);
  expect((await plainUsers(t)).find(({ email }) => email === 'fay@x.io')?.externalId).toBe('f1');
  await importFile(t, type, row('y'.repeat(255)));
  expect((await plainUsers(t)).find(({ email }) => email === 'fay@x.io')?.externalId).toHaveLength(255);
});
