import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { OpenAPIV3 } from 'openapi-types';
import { startTestService, type TestService } from '../helpers/service.ts';
import { fill, isAccount, isApi, isOpen, type Operation, operationsOf, takesJson } from './operations.ts';

let t: TestService;
let document: OpenAPIV3.Document;
let operations: Operation[];
beforeAll(async () => {
  t = await startTestService();
  document = (await t.api('GET', '/swagger/json')).body;
  operations = await operationsOf(t);
});
afterAll(() => t.stop());

/** The operations for which something does not hold, by name, so that a failure says which. */
const offenders = (wrong: (operation: Operation) => boolean, among = operations): string[] =>
  among.filter(wrong).map(({ method, path }) => `${method} ${path}`);
const answers = ({ responses }: Operation, kind: RegExp) =>
  Object.entries(responses).filter(([status]) => kind.test(status));

describe('the document', () => {
  test('is valid OpenAPI 3.0', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...document })).toEqual({ valid: true });
    expect(validator.version).toBe('3.0');
  });

  test('describes every route', () => {
    expect(operations.length).toBeGreaterThan(20);
    expect(
      offenders(({ detail }) => !detail.summary || !detail.description || detail.tags?.length !== 1),
    ).toEqual([]);
    const tags = new Set(document.tags?.map(({ name }) => name));
    expect(offenders(({ detail }) => !tags.has(detail.tags?.[0] ?? ''))).toEqual([]);
  });

  test('has one id for each operation, fit for a name in code', () => {
    const ids = operations.map(({ detail }) => detail.operationId ?? '');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[A-Za-z]\w+$/.test(id))).toEqual([]);
  });

  test('asks for a key or a session everywhere but on the webhook, health and the way in', () => {
    expect(document.security).toEqual([{ apiKey: [] }, { session: [] }]);
    expect(document.components?.securitySchemes).toMatchObject({
      apiKey: { type: 'http', scheme: 'bearer' },
      session: { type: 'apiKey', in: 'cookie' },
    });
    const open = offenders(({ detail }) => detail.security?.length === 0);
    expect(open).toEqual(offenders((operation) => !isApi(operation) || isOpen(operation)));
    expect(offenders(({ detail }) => detail.security !== undefined && detail.security.length > 0)).toEqual(
      [],
    );
  });

  test('lists JSON alone, but for files', () => {
    const files = ['text/csv', 'application/x-ndjson'];
    const types = ({ body, responses }: Operation) => [
      ...Object.keys(body?.content ?? {}),
      ...Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {})),
    ];
    const isFile = ({ path }: Operation) => /\/(import|export|errors)$/.test(path);
    expect(
      offenders((operation) =>
        types(operation).some(
          (type) => type !== 'application/json' && !(isFile(operation) && files.includes(type)),
        ),
      ),
    ).toEqual([]);
  });

  test('has nothing that only later versions or the framework know', () => {
    const keywords = new Set<string>();
    walk(document.paths, (node) => {
      for (const key of Object.keys(node)) keywords.add(key);
      expect(node).not.toHaveProperty('const');
      expect(node).not.toHaveProperty('patternProperties');
      expect(Array.isArray(node.examples)).toBe(false);
      expect(node.type).not.toBe('null');
      expect(['integer', 'numeric', 'boolean']).not.toContain(node.format);
    });
    expect(keywords).toContain('nullable');
  });
});

describe('answers', () => {
  test('every one is described', () => {
    expect(offenders((operation) => answers(operation, /^2/).length === 0)).toEqual([]);
    expect(
      offenders(({ responses }) => Object.values(responses).some(({ description }) => !description)),
    ).toEqual([]);
  });

  const needed: [status: string, when: string, needs: (operation: Operation) => boolean][] = [
    ['401', 'somebody must be known', (operation) => !isOpen(operation)],
    ['403', 'somebody must be known', (operation) => !isOpen(operation)],
    ['429', 'anything is', () => true],
    ['404', 'a thing is named in the path', ({ path }) => path.includes('{')],
    ['400', 'there is a body in JSON', takesJson],
    ['413', 'there is a body in JSON', takesJson],
    ['415', 'there is a body', ({ body }) => body !== undefined],
    ['422', 'there is a body', ({ body }) => body !== undefined],
    ['400', 'there is a cursor', ({ parameters }) => parameters.some(({ name }) => name === 'cursor')],
    ['422', 'there is a query', ({ parameters }) => parameters.some((parameter) => parameter.in === 'query')],
    ['503', 'something is written', ({ method, path }) => method !== 'GET' && !path.endsWith('/preview')],
  ];
  for (const [status, when, needs] of needed) {
    test(`${status} is documented where ${when}`, () => {
      expect(
        offenders(
          (operation) => isApi(operation) && needs(operation) && operation.responses[status] === undefined,
        ),
      ).toEqual([]);
    });
  }

  test('every error of the API has the one shape, and an example of its own', () => {
    for (const operation of operations.filter(isApi)) {
      for (const [, { content }] of answers(operation, /^[45]/)) {
        const json = content?.['application/json'];
        expect(json?.schema).toMatchObject({ properties: { error: { required: ['code', 'message'] } } });
        expect(json?.example).toEqual({
          error: { code: expect.stringMatching(/^[a-z_]+$/), message: expect.any(String) },
        });
      }
    }
  });
});

describe('examples', () => {
  test('every JSON body has one', () => {
    const lacks = (content: OpenAPIV3.MediaTypeObject | undefined) => {
      let found = content?.examples !== undefined || content?.example !== undefined;
      walk(content?.schema, (node) => {
        found ||= node.example !== undefined;
      });
      return content !== undefined && !found;
    };
    expect(offenders(({ body }) => lacks(body?.content['application/json']))).toEqual([]);
    expect(
      offenders(({ responses }) =>
        Object.values(responses).some(({ content }) => lacks(content?.['application/json'])),
      ),
    ).toEqual([]);
  });

  test('the service takes the example of every request', async () => {
    const prepare = await startTestService();
    await prepare.api('POST', '/api/v1/users/identify', { email: 'user@example.com' });
    await prepare.api('POST', '/api/v1/segments', { name: 'By hand', type: 'manual' });
    const takers = operations.filter((operation) => isApi(operation) && takesJson(operation));
    expect(takers.length).toBeGreaterThan(5);
    for (const { method, path, body } of takers.filter(({ path }) => !isAccount(path))) {
      const { schema, example } = body?.content['application/json'] ?? {};
      const sent = example ?? (schema as OpenAPIV3.SchemaObject).example;
      const url = fill(path, path.startsWith('/api/v1/users') ? 'user_1' : 'by-hand');
      const answer = await prepare.api(method, url, sent);
      expect(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`).toMatch(/: 20[01] /);
    }
    await prepare.stop();
  });
});

describe('Swagger UI', () => {
  const links = (page: string) =>
    [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link as string);

  test('loads nothing from another host', async () => {
    for (const path of ['/swagger', '/swagger/']) {
      const { status, headers, body } = await t.api('GET', path, undefined, { authorization: '' });
      expect(status).toBe(200);
      expect(headers.get('content-type')).toContain('text/html');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toStartWith("default-src 'none'");
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
      expect(links(body).length).toBeGreaterThan(2);
      expect(links(body).filter((link) => !link.startsWith('/swagger/') && link !== 'data:,')).toEqual([]);
      expect(body).not.toMatch(/https?:\/\//);
    }
  });

  test('its assets are served, and refer to nothing outside', async () => {
    const page = (await t.api('GET', '/swagger')).body;
    for (const link of links(page).filter((link) => link.startsWith('/'))) {
      const { status, headers, body } = await t.api('GET', link, undefined, { authorization: '' });
      expect({ link, status }).toEqual({ link, status: 200 });
      expect(headers.get('content-type')).toMatch(link.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      if (link.endsWith('.css')) expect(body).not.toMatch(/@import|url\((?!\s*["']?data:)/);
    }
    const start = (await t.api('GET', '/swagger/start.js')).body;
    expect(start).toContain("url: '/swagger/json'");
    // Without this, Swagger UI shows a badge that sends the document's address to a validator on the internet.
    expect(start).toContain('validatorUrl: null');
  });
});

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) visit(node as Record<string, unknown>);
  for (const child of Object.values(node)) walk(child, visit);
}
