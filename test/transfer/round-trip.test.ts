import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/users/attributes.ts';
import { startTestService, type TestService } from '../helpers/service.ts';
import { key as commonKey, json } from '../users/arbitraries.ts';
import { CSV, exportFile, importFile, NDJSON, plainUsers } from './files.ts';

// What was exported anywhere and imported anywhere else is the same directory.

let source: TestService;
let target: TestService;
beforeAll(async () => {
  source = await startTestService();
  target = await startTestService();
});
afterAll(async () => {
  await source.stop();
  await target.stop();
});

/** Any UTF-16 text: lone surrogates, control characters, byte order marks. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 })
  .map((units) => String.fromCharCode(...units));
const text = fc.oneof(
  anyText,
  fc.string({ maxLength: 8 }),
  fc.constantFrom('', ' ', ' a ', '"', '""', '"a"', 'a,b', 'a\nb', 'a\r\nb', '\r', '\n', '\ufeff', '\0'),
  fc.constantFrom('007', '1', '1e3', 'true', 'null', '{}', '2026-01-31', 'a:number', ':', ':text', '=1+1'),
);
const key = fc.oneof(
  commonKey,
  text,
  fc.constantFrom('id', 'createdAt', 'name', 'Email', 'externalId', 'user_id', 'toString', '__proto__:json'),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  json,
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const attributes = fc
  .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 5 })
  .map(
    (entries): JsonObject =>
      JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`)}}`),
  );
const users = fc.uniqueArray(
  fc.record({
    email: fc.constantFrom('a@x.io', 'b@x.io', '"c,"@x.io', 'd\u0000@x.io', '=e@x.io'),
    name: fc.option(text),
    // Any other is refused, and would be no user that could come back.
    externalId: fc.option(text.map((id) => id.toWellFormed())),
    attributes,
  }),
  { selector: ({ email }) => email, maxLength: 4 },
);

async function clear(t: TestService) {
  const { body } = await t.api('GET', '/api/v1/users?limit=200');
  for (const { id } of body.data) await t.api('DELETE', `/api/v1/users/${id}`);
}

describe.each([
  ['csv', CSV],
  ['ndjson', NDJSON],
])('%s', (format, type) => {
  test('any users come back as they were, and change nothing where they are already', async () => {
    await fc.assert(
      fc.asyncProperty(users, async (given) => {
        await clear(source);
        await clear(target);
        const made = await importFile(
          source,
          NDJSON,
          given.map((user) => `${JSON.stringify(user)}\n`).join(''),
        );
        expect(made).toMatchObject({ created: given.length, errors: [] });

        const file = await exportFile(source, `/api/v1/users/export?format=${format}`);
        expect(await importFile(target, type, file)).toMatchObject({ created: given.length, errors: [] });
        expect(await plainUsers(target)).toEqual(await plainUsers(source));
        expect(await importFile(target, type, file)).toMatchObject({ unchanged: given.length, errors: [] });
      }),
      { numRuns: 150 },
    );
  });
});

test('a CSV of the export says more than the users: columns an import leaves alone', async () => {
  await clear(source);
  await importFile(source, NDJSON, '{"email":"a@x.io","attributes":{"n":1,"b":true,"s":"x","j":[1]}}\n');
  const file = await exportFile(source, '/api/v1/users/export');
  const [header, row] = file.split('\r\n');
  expect(header).toBe(
    'id,email,name,externalId,createdAt,updatedAt,lastSeenAt,b:boolean,j:json,n:number,s:text,other:attributes',
  );
  expect(row).toMatch(/^user_\d+,a@x\.io,,,20\S+Z,20\S+Z,,true,\[1],1,x,$/);
});

describe('a user who changes while a CSV is written, after its columns were chosen', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['a number becomes text', { k: 1 }, { k: 'many' }],
    ['text becomes a number', { k: 'x' }, { k: 7 }],
    ['text becomes an object', { k: 'Acme' }, { k: { name: 'Acme', 'a,"b"': [null] } }],
    ['text becomes blank', { k: 'x' }, { k: ' ' }],
    ['a boolean becomes text', { k: true }, { k: 'true' }],
    ['JSON becomes text', { k: [1] }, { k: '[1]' }],
    ['an attribute goes', { k: 1, l: 2 }, { k: null }],
    ['a new attribute', { k: 1 }, { fresh: 'yes', l: ['x'] }],
    ['a new attribute that has a name of every object', {}, JSON.parse('{"__proto__":1,"toString":"x"}')],
    ['a new attribute that is called like the column for it', {}, { 'other:attributes': 1, other: 'x' }],
  ])('%s', async (_it, before, after) => {
    await clear(source);
    await clear(target);
    const tell = async (email: string, attributes: JsonObject) =>
      expect((await source.api('POST', '/api/v1/users/identify', { email, attributes })).status).toBeLessThan(
        300,
      );
    await tell('a@x.io', before);
    await tell('b@x.io', { k: null });
    const { store } = source.service;
    const { scanUsers } = store;
    let walks = 0;
    store.scanUsers = async (from, ...rest) => {
      if (from === 0 && ++walks === 2) {
        await tell('a@x.io', after);
        await tell('b@x.io', after);
      }
      return scanUsers(from, ...rest);
    };
    const file = await exportFile(source, '/api/v1/users/export');
    store.scanUsers = scanUsers;
    expect(walks).toBe(2);
    expect(await importFile(target, CSV, file)).toMatchObject({ created: 2, errors: [] });
    expect(await plainUsers(target)).toEqual(await plainUsers(source));
  });
});
