import type { SchemaOptions } from '@sinclair/typebox';
import { Elysia, t } from 'elysia';
import type { OpenAPIV3 } from 'openapi-types';
import { DomainError } from '../errors.ts';
import { BodyError, readBody } from './body.ts';

/** Largest JSON body of the API; imports are streamed and have no such limit. Bytes. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** Bodies as they came. */
const sent = new WeakMap<Request, object>();

/** What every feature of the API shares: JSON bodies, limited in size and refused with a clear error. */
export const api = new Elysia({ name: 'api' })
  .onParse({ as: 'scoped' }, async ({ request, contentType }) => {
    // No body at all is for the route to judge: a DELETE has none.
    if (request.body === null) return undefined;
    if (contentType.trim().toLowerCase() !== 'application/json') {
      throw unsupported('Send the body as JSON, with Content-Type: application/json');
    }
    const body = await readJson(request);
    if (!isObject(body)) throw invalid([{ path: 'body', message: 'must be an object' }]);
    sent.set(request, body);
    return body;
  })
  .onBeforeHandle({ as: 'scoped' }, ({ request, body }) => {
    const problems = madeUp(sent.get(request), body, 'body');
    if (problems.length > 0) throw invalid(problems);
  });

/**
 * Where there is an object that was none: before it checks a body, the framework copies the members that it knows, and
 * finds none of them, rather than no object, in `null` and "abc".
 */
function madeUp(came: unknown, taken: unknown, path: string): { path: string; message: string }[] {
  if (came === taken || !isObject(taken)) return [];
  if (!isObject(came)) return [{ path, message: 'must be an object' }];
  return Object.entries(taken).flatMap(([key, value]) => madeUp(came[key], value, `${path}.${key}`));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (details: { path: string; message: string }[]) =>
  new DomainError(422, 'invalid', 'The request has values that are not acceptable; see details', details);

export const unsupported = (message: string) => new DomainError(415, 'unsupported_media_type', message);

async function readJson(request: Request): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await readBody(request, MAX_JSON_BYTES)));
  } catch (error) {
    if (error instanceof BodyError && error.problem === 'too_large') {
      throw new DomainError(
        413,
        'too_large',
        `The body is larger than ${MAX_JSON_BYTES} bytes; send it in parts`,
      );
    }
    requireUncompressed(request);
    throw new DomainError(400, 'invalid_json', 'The body is not complete JSON');
  }
}

/** A compressed body is refused: a small one can become one of any size. */
export function requireUncompressed(request: Request): void {
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    throw unsupported('Send the body uncompressed, without Content-Encoding');
  }
}

export const ErrorBody = t.Object({
  error: t.Object({
    code: t.String({ description: 'Machine-readable', examples: ['not_found'] }),
    message: t.String({ description: 'What happened and what to do' }),
    details: t.Optional(t.Any({ description: 'More about it, such as a list of {path, message}' })),
  }),
});

/** What each error status means, with the code and message of one such answer. */
const ERRORS = {
  400: ['Malformed request', 'invalid_json', 'The body is not complete JSON'],
  401: [
    'Not signed in, or API key wrong',
    'unauthorized',
    'Sign in, or send an API key that works: Authorization: Bearer qb_…',
  ],
  403: [
    'Not allowed',
    'forbidden',
    'The API key "Reports" does not allow this: it needs the permission "write", …',
  ],
  404: ['No such thing', 'not_found', 'There is no user with this id; it may have been deleted'],
  409: ['Conflicts with something that exists', 'email_taken', 'Another user has this email; …'],
  413: ['Body too large', 'too_large', 'The body is larger than 4194304 bytes; send it in parts'],
  415: ['Body of the wrong type', 'unsupported_media_type', 'Send the body as JSON, with Content-Type: …'],
  422: [
    'A value is not acceptable',
    'invalid',
    'The request has values that are not acceptable; see details',
  ],
  429: ['Too many requests; Retry-After says when', 'rate_limited', 'Too many requests; try again in 12 s'],
  503: ['Temporarily impossible; try again', 'busy', 'The database is busy or full; try again in a moment'],
} as const;

/** Who can be unknown can also be known and refused, or too eager. */
const withLimits = (statuses: readonly (keyof typeof ERRORS)[]) =>
  statuses.includes(401) ? [...new Set([...statuses, 403, 429] as const)] : statuses;

/** Response schemas for the error statuses of a route. */
export function errorResponses<S extends keyof typeof ERRORS>(...statuses: S[]): Record<S, typeof ErrorBody> {
  const entries = withLimits(statuses).map((status) => {
    const [description, code, message] = ERRORS[status];
    return [
      status,
      t.Object(ErrorBody.properties, { description, examples: [{ error: { code, message } }] }),
    ];
  });
  return Object.fromEntries(entries) as Record<S, typeof ErrorBody>;
}

/** The same in OpenAPI, for a route that describes its answers itself. */
export function describeErrors(...statuses: (keyof typeof ERRORS)[]) {
  const entries = withLimits(statuses).map((status) => {
    const [description, code, message] = ERRORS[status];
    const json = { schema: ERROR_IN_OPENAPI, example: { error: { code, message } } };
    return [status, { description, content: { 'application/json': json } }];
  });
  return Object.fromEntries(entries) as Record<string, OpenAPIV3.ResponseObject>;
}
// A TypeBox schema is a JSON schema, which its type does not say.
const ERROR_IN_OPENAPI = ErrorBody as unknown as OpenAPIV3.SchemaObject;

/** An attribute map in a request or an answer. `Any`, because the framework would drop a key such as `__proto__`. */
export const AttributesSchema = (description: string) =>
  t.Any({
    additionalProperties: true,
    description,
    examples: [{ plan: 'enterprise', company: { seats: 420 } }],
  });

export const Pagination = t.Object({
  cursor: t.Nullable(
    t.String({ description: 'Pass it as ?cursor= for the next page; null on the last one' }),
  ),
  hasMore: t.Boolean(),
  total: t.Integer({ description: 'How many there are over all pages' }),
});

/** The `meta` of a list answer. */
export const pageMeta = ({ cursor, total }: { cursor: string | null; total: number }) => ({
  pagination: { cursor, hasMore: cursor !== null, total },
});

/** One of a few words. The framework's own type would take the first of them where none is given. */
export const oneOf = <const T extends readonly [string, ...string[]]>(
  words: T,
  options: SchemaOptions = {},
) => t.UnionEnum(words, { default: undefined, ...options });

export const limitParameter = t.Optional(
  t.Integer({
    minimum: 1,
    maximum: 200,
    default: 50,
    description: 'Most items of a page, 1 to 200',
  }),
);
export const cursorParameter = t.Optional(
  t.String({ maxLength: 2048, description: 'The cursor of the page before' }),
);

/** A moment in an answer, ISO 8601. */
export const time = (description: string) => t.String({ format: 'date-time', description });
