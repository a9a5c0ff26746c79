import { Elysia } from 'elysia';
import { type Arrival, type Gate, requireOwnOrigin } from './gate.ts';
import { answerSignIn, type SignInEndpointDeps } from './sign-in-endpoints.ts';

export interface SignInRouteDeps extends SignInEndpointDeps {
  gate: Gate;
}

/** Where browsers sign in and out: the library's own endpoints, those we let through. */
export const signInRoutes = (deps: SignInRouteDeps) =>
  new Elysia({ name: 'sign-in' }).all(
    '/api/auth/*',
    ({ request, server }: Pick<Arrival, 'request' | 'server'>) => {
      const client = deps.gate.clientOf({ request, server });
      const own = deps.gate.ownAddress(client);
      // The provider sends the browser back with a GET, whose state the library checks.
      if (request.method !== 'GET') requireOwnOrigin(request, own);
      return answerSignIn(deps, request, client, own);
    },
    { parse: 'none', detail: { hide: true } },
  );
