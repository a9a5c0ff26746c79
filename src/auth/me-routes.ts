import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Gate } from './gate.ts';
import { MeAnswer, MePatch, SignInOptionsAnswer } from './model.ts';
import type { Principal } from './principal.ts';

export interface MeDeps {
  store: AccountStore;
  gate: Gate;
  now(): number;
  /** The provider one can sign in at. */
  oidc: { name: string } | null;
}

/** Who asks, and how to become somebody. */
export const meRoutes = ({ store, gate, now, oidc }: MeDeps) => {
  async function view(principal: Principal) {
    const admin = principal.kind === 'admin' ? await store.getAdmin(principal.id) : null;
    const permissions = [...principal.permissions];
    const name = admin?.name ?? principal.name;
    return { data: { ...principal, name, permissions, password: admin?.password ?? false } };
  }

  return new Elysia({ tags: ['Accounts'] })
    .use(api)
    .get(
      '/me',
      async ({ request }) => {
        const { principal } = gate.visitorOf(request);
        if (principal === null) throw new Error('This route is open to nobody');
        return view(principal);
      },
      {
        response: { 200: MeAnswer, ...errorResponses(401) },
        detail: { summary: 'Show who you are', description: 'Who is signed in, or whose key this is.' },
      },
    )
    .patch(
      '/me',
      async ({ request, body: { name } }) => {
        const me = gate.adminOf(request);
        await store.updateAdmin(me.id, { name }, now());
        return view(me);
      },
      {
        body: MePatch,
        response: { 200: MeAnswer, ...errorResponses(400, 401, 403, 413, 415, 422, 503) },
        detail: { summary: 'Change your name', description: 'For who is signed in; an API key has none.' },
      },
    )
    .get(
      '/sign-in-options',
      async () => ({ data: { setUp: await store.hasAdmin(), oidc: oidc && { name: oidc.name } } }),
      {
        response: { 200: SignInOptionsAnswer, ...errorResponses(429) },
        detail: {
          summary: 'Show how to sign in',
          description: 'For the page that asks who you are.',
          security: [],
        },
      },
    );
};
