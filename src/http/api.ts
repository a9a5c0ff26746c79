import type { SchemaOptions } from '@sinclair/typebox';
import { Elysia, t } from 'elysia';
import { DomainError } from '../errors.ts';
import { BodyError, readBody } from './body.ts';

/** Largest JSON body of the API; imports are streamed and have no such limit. Bytes. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** What every feature of the API shares: JSON bodies, limited in size and refused with a clear error. */
export const api = new Elysia({ name: 'api' }).onParse({ as: 'scoped' }, async ({ request, contentType }) => {
  // No body at all is for the route to judge: a DELETE has none.
  if (request.body === null) return undefined;
  if (contentType.trim().toLowerCase() !== 'application/json') {
    throw new DomainError(
      415,
      'unsupported_media_type',
      'Send the body as JSON, with Content-Type: application/json',
    );
  }
  const body = await readJson(request);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new DomainError(422, 'invalid', 'The request has values that are not acceptable; see details', [
    { path: 'body', message: 'must be an object' },
  ]);
});

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
    throw new DomainError(400, 'invalid_json', 'The body is not complete JSON');
  }
}

export const ErrorBody = t.Object({
  error: t.Object({
    code: t.String({ description: 'Machine-readable', examples: ['not_found'] }),
    message: t.String({ description: 'What happened and what to do' }),
    details: t.Optional(t.Any({ description: 'More about it, such as a list of {path, message}' })),
  }),
});

const MEANINGS = {
  400: 'Malformed request',
  401: 'API key missing or wrong',
  404: 'No such thing',
  409: 'Conflicts with something that exists',
  413: 'Body too large',
  415: 'Body is not JSON',
  422: 'A value is not acceptable',
  503: 'Temporarily impossible; try again',
} as const;

/** Response schemas for the error statuses of a route. */
export function errorResponses<S extends keyof typeof MEANINGS>(
  ...statuses: S[]
): Record<S, typeof ErrorBody> {
  const entries = statuses.map((status) => [
    status,
    t.Object(ErrorBody.properties, { description: MEANINGS[status] }),
  ]);
  return Object.fromEntries(entries) as Record<S, typeof ErrorBody>;
}

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
    title: 'limit',
    minimum: 1,
    maximum: 200,
    default: 50,
    description: 'Most items of a page, 1 to 200',
  }),
);
export const cursorParameter = t.Optional(
  t.String({ maxLength: 2048, description: 'The cursor of the page before' }),
);
