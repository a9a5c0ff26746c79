import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { OpenAPIV3 } from 'openapi-types';
import { openDatabase } from '../helpers/database.ts';
import { API_KEY, SETTINGS, startTestService, type TestService } from '../helpers/service.ts';
import { fill, isApi, type Operation, operationsOf, takesJson } from './operations.ts';
import { check, expectError, problem, type Scenario, scenarios } from './scenario.ts';

let t: TestService;
let operations: Operation[];
beforeAll(async () => {
  t = await startTestService();
  operations = await operationsOf(t);
});
afterAll(() => t.stop());

describe('routes that are not there', () => {
  const nothing = { status: 404, body: { error: { code: 'not_found' } } };
  scenarios(
    (
      [
        ['GET', '/nothing'],
        ['GET', '/api'],
        ['GET', '/api/v1'],
        ['GET', '/api/v2/users'],
        ['GET', '/api/v1/users/user_1/nothing'],
        ['POST', '/api/v1/users'],
        ['PUT', '/api/v1/users/user_1'],
        ['PATCH', '/api/v1/users'],
        ['DELETE', '/api/v1/users'],
        ['OPTIONS', '/api/v1/users'],
        ['GET', '/api/integrations/segment/webhook'],
        ['DELETE', '/api/integrations/segment/webhook'],
        ['POST', '/healthz'],
        ['GET', '/swagger/plugin-page'],
        ['GET', '/swagger/..%2f..%2fetc%2fpasswd'],
      ] as const
    ).map(([method, path]): Scenario => ({ it: `${method} ${path}`, call: [method, path], ...nothing })),
  );
});

/** What is wrong with a body before anybody looks at its values. */
const BODIES: [what: string, body: BodyInit, type: string, status: number, code: string][] = [
  ['no JSON', 'hello', 'application/json', 400, 'invalid_json'],
  ['half of a JSON', '{"email": "a@b.c"', 'application/json', 400, 'invalid_json'],
  ['nothing but white space', '  ', 'application/json', 400, 'invalid_json'],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00]), 'application/json', 400, 'invalid_json'],
  ['a JSON list', '[]', 'application/json', 422, 'invalid'],
  ['a JSON text', '"a@b.c"', 'application/json', 422, 'invalid'],
  ['a JSON null', 'null', 'application/json', 422, 'invalid'],
  ['a JSON number', '7', 'application/json; charset=utf-8', 422, 'invalid'],
  ['plain text', '{"email": "a@b.c"}', 'text/plain', 415, 'unsupported_media_type'],
  ['a form', 'email=a@b.c', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
  ['parts', '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x', 415, 'unsupported_media_type'],
  ['an unknown type', '{}', 'application/vnd.unknown+json', 415, 'unsupported_media_type'],
  ['no type', '{}', '', 415, 'unsupported_media_type'],
  ['a broken type', '{}', ';;;', 415, 'unsupported_media_type'],
  ['more than is allowed', `{"x":"${'x'.repeat(4 * 1024 * 1024)}"}`, 'application/json', 413, 'too_large'],
];

describe('bodies', () => {
  for (const [what, body, type, status, code] of BODIES) {
    test(`${what} is answered ${status} by every route that takes JSON`, async () => {
      const takers = operations.filter((operation) => isApi(operation) && takesJson(operation));
      expect(takers.length).toBeGreaterThan(5);
      for (const { method, path } of takers) {
        check(await send(method, fill(path, 'user_1'), body, type), { status, body: { error: { code } } });
      }
    });
  }

  test('what is compressed is answered 415 by every route that takes a body, with what to do', async () => {
    const body = Bun.gzipSync(new TextEncoder().encode('{"email":"a@b.c"}'));
    const takers = operations.filter((operation) => isApi(operation) && operation.body !== undefined);
    for (const operation of takers) {
      const type = takesJson(operation) ? 'application/json' : 'text/csv';
      const path = fill(operation.path, 'user_1');
      check(await send(operation.method, path, body, type, { 'content-encoding': 'gzip' }), {
        status: 415,
        body: { error: { code: 'unsupported_media_type' } },
        contains: ['uncompressed'],
      });
    }
  });

  test('more than is allowed is refused without a content-length, too, long before its end', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(256 * 1024).fill(0x20));
      },
    });
    const answer = await send('POST', '/api/v1/users/identify', endless, 'application/json');
    check(answer, { status: 413, body: { error: { code: 'too_large' } } });
    expect(sent).toBeLessThan(200);
  });

  test('a media type counts in any case and with parameters', async () => {
    for (const type of ['Application/JSON', 'application/json ; charset=UTF-8', 'application/json;x="y"']) {
      const { status } = await send('POST', '/api/v1/users/identify', '{"email":"a@b.c"}', type);
      expect(status).toBeOneOf([200, 201]);
    }
  });

  scenarios([
    {
      it: 'a body that is missing',
      call: ['POST', '/api/v1/users/identify'],
      status: 422,
      body: problem('body', 'is missing; it must be an object'),
    },
    {
      it: 'a value that can not be put into words',
      call: ['POST', '/api/v1/segments', { name: { toString: {} }, type: 'manual' }],
      status: 422,
      body: { error: { code: 'invalid' } },
    },
    {
      it: 'a nest of 100,000 lists',
      call: [
        'POST',
        '/api/v1/users/identify',
        `{"email":"a@b.c","attributes":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`,
      ],
      status: 422,
      body: { error: { code: 'too_deep' } },
    },
    {
      it: 'a nest of 50,000 rules',
      call: [
        'POST',
        '/api/v1/segments',
        `{"name":"x","type":"dynamic","rules":${'{"match":"all","conditions":['.repeat(5e4)}${']}'.repeat(5e4)}}`,
      ],
      status: 422,
      body: { error: { code: 'invalid_rules' } },
    },
  ]);
});

describe('parameters', () => {
  test('a value outside of what is documented is refused with its name and what is allowed', async () => {
    let tried = 0;
    for (const { method, path, parameters } of operations.filter(isApi)) {
      for (const { name, schema } of parameters.filter((parameter) => parameter.in === 'query')) {
        for (const [value, allowed] of unacceptable(schema as OpenAPIV3.SchemaObject)) {
          tried++;
          const answer = await t.api(method, `${fill(path, 'user_1')}?${name}=${value}`);
          check(answer, {
            status: 422,
            body: { error: { code: 'invalid', details: [{ path: `query.${name}` }] } },
          });
          expect(answer.body.error.details[0].message).toContain(allowed);
        }
      }
    }
    expect(tried).toBeGreaterThan(10);
  });

  const garbage = [
    '%',
    '%zz',
    '%ff%fe',
    '%00',
    '%2F',
    '%F0%9F%94%A5',
    'user_1%00',
    'user_1%20',
    '__proto__',
    'constructor',
    `${'a'.repeat(5000)}`,
  ];
  test('garbage in a path finds nothing', async () => {
    const withId = operations.filter((operation) => isApi(operation) && operation.path.includes('{'));
    expect(withId.length).toBeGreaterThan(5);
    for (const { method, path } of withId) {
      for (const id of garbage) {
        const answer = await t.api(method, fill(path, id), method === 'GET' ? undefined : {});
        expect({ method, path, id, status: answer.status }).toEqual({ method, path, id, status: 404 });
        expectError(answer);
      }
    }
  });

  test('garbage in a query is not looked at, or refused', async () => {
    for (const query of [
      '%',
      '%=%',
      '&&&',
      '=',
      'search=%E0%A4%A',
      '__proto__=1',
      'constructor[prototype]=1',
      'limit[]=1',
      `x=${'x'.repeat(8000)}`,
    ]) {
      const answer = await t.api('GET', `/api/v1/users?${query}`);
      expect({ query, status: answer.status }).toEqual({ query, status: expect.any(Number) });
      expect(answer.status).toBeOneOf([200, 422]);
      if (answer.status !== 200) expectError(answer);
    }
  });

  test('a query longer than a server reads is refused, and the service lives on', async () => {
    const { status } = await t.api('GET', `/api/v1/users?search=${'x'.repeat(200_000)}`);
    expect(status).toBe(431);
    expect((await t.api('GET', '/api/v1/users')).status).toBe(200);
  });
});

test('whatever is asked, the answer is a documented one and every error has its shape', async () => {
  const byName = new Map(operations.map((operation) => [`${operation.method} ${operation.path}`, operation]));
  byName.delete(`POST ${SETTINGS}/rotate-secret`);
  const request = fc.record({
    name: fc.constantFrom(...byName.keys()),
    id: fc.oneof(
      fc.constantFrom('user_1', 'segment_1', 'vip'),
      fc.string({ minLength: 1 }).map(encodeURIComponent),
    ),
    query: fc.webQueryParameters(),
    body: fc.oneof(fc.json(), membersOfBodies),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ name, id, query, body: sent }) => {
      const { method, path, responses, body } = byName.get(name) as Operation;
      const answer = await t.api(method, `${fill(path, id)}?${query}`, method === 'GET' ? undefined : sent);
      // A route that takes no body does not say what it answers to one.
      const documented = [...Object.keys(responses), ...(body === undefined ? ['415', '422'] : [])];
      expect(documented).toContain(String(answer.status));
      if (answer.status >= 400 && path.startsWith('/api/v1/')) expectError(answer);
    }),
    { numRuns: 400 },
  );
}, 120_000);
const membersOfBodies = fc.record(
  Object.fromEntries(
    'email name externalId attributes type rules traitKey sync description userIds emails inbound outbound'
      .split(' ')
      .map((name) => [name, fc.oneof(fc.jsonValue(), fc.constantFrom('manual', 'dynamic', 'a@b.c'))]),
  ),
  { requiredKeys: [] },
);

test('a locked database is answered 503 with Retry-After, and the next request goes well', async () => {
  const other = openDatabase(t.dataDir, { write: true });
  other.run('BEGIN IMMEDIATE');
  const locked = await t.api('POST', '/api/v1/users/identify', { email: 'locked@example.com' });
  check(locked, { status: 503, body: { error: { code: 'busy' } } });
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
  other.run('ROLLBACK');
  other.close();
  expect((await t.api('POST', '/api/v1/users/identify', { email: 'locked@example.com' })).status).toBe(201);
  // Each writer in the queue waits for the lock in its turn.
}, 60_000);

async function send(
  method: string,
  path: string,
  body: BodyInit,
  type: string,
  more: Record<string, string> = {},
) {
  const headers = {
    authorization: `Bearer ${API_KEY}`,
    ...(type === '' ? {} : { 'content-type': type }),
    ...more,
  };
  // Bytes, because the client would add a content type of its own to a text.
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const response = await fetch(`${t.url}${path}`, { method, headers, body: bytes });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Values a schema does not allow, each with a part of what the refusal must say. */
function unacceptable({
  type,
  enum: words,
  minimum,
  maximum,
  minLength = 0,
  maxLength,
}: OpenAPIV3.SchemaObject): [string, string][] {
  if (words !== undefined)
    return [
      ['nonsense', words.join(', ')],
      ['', words.join(', ')],
    ];
  if (type === 'integer') {
    const outside = [minimum === undefined ? null : minimum - 1, maximum === undefined ? null : maximum + 1];
    return [...outside.filter((value) => value !== null), 'x', '1.5', ''].map((value) => [
      String(value),
      'a whole number',
    ]);
  }
  if (type === 'boolean') return [['maybe', 'true or false']];
  if (maxLength === undefined) return [];
  const length = minLength === 0 ? `at most ${maxLength}` : `${minLength} to ${maxLength}`;
  return [['x'.repeat(maxLength + 1), `${length} characters`]];
}
