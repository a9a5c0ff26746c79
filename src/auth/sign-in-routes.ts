import { Elysia } from 'elysia';
import { DomainError } from '../errors.ts';
import { BodyError, readBody } from '../http/body.ts';
import { type Arrival, type Gate, requireOwnOrigin } from './gate.ts';
import { answerSignIn, type SignInEndpointDeps } from './sign-in-endpoints.ts';

const MAX_BODY_BYTES = 64 * 1024;

export interface SignInRouteDeps extends SignInEndpointDeps {
  gate: Gate;
}

/** Where browsers sign in and out: the library's own endpoints, those we let through. */
export const signInRoutes = (deps: SignInRouteDeps) =>
  new Elysia({ name: 'sign-in' }).all(
    '/api/auth/*',
    async ({ request, server }: Pick<Arrival, 'request' | 'server'>) => {
      const client = deps.gate.clientOf({ request, server });
      const own = deps.gate.ownAddress(client);
      // The provider sends the browser back with a GET, whose state the library checks.
      if (request.method !== 'GET') requireOwnOrigin(request, own);
      const given = request.method === 'POST' ? await readJson(request) : null;
      return answerSignIn(deps, request, given, client, own);
    },
    { parse: 'none', detail: { hide: true } },
  );

async function readJson(request: Request): Promise<Record<string, unknown>> {
  // A form of another site can send text, never this type.
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (request.body === null) return {};
  if (type !== 'application/json') {
    throw new DomainError(
      415,
      'unsupported_media_type',
      'Send the body as JSON, with Content-Type: application/json',
    );
  }
  try {
    const bytes = await readBody(request, MAX_BODY_BYTES);
    const body: unknown = bytes.length === 0 ? {} : JSON.parse(new TextDecoder().decode(bytes));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  } catch (error) {
    if (error instanceof BodyError && error.problem === 'too_large') {
      throw new DomainError(413, 'too_large', `The body is larger than ${MAX_BODY_BYTES} bytes`);
    }
  }
  throw new DomainError(400, 'invalid_json', 'The body is not a complete JSON object');
}
