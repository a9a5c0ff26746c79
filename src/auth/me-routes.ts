import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Gate } from './gate.ts';
import { MeAnswer, SignInOptionsAnswer } from './model.ts';

export interface MeDeps {
  store: AccountStore;
  gate: Gate;
  /** The provider one can sign in at. */
  oidc: { name: string } | null;
}

/** Who asks, and how to become somebody. */
export const meRoutes = ({ store, gate, oidc }: MeDeps) =>
  new Elysia({ tags: ['Accounts'] })
    .use(api)
    .get(
      '/me',
      async ({ request }) => {
        const { principal } = gate.visitorOf(request);
        if (principal === null) throw new Error('This route is open to nobody');
        const admin = principal.kind === 'admin' ? await store.getAdmin(principal.id) : null;
        const permissions = [...principal.permissions];
        return { data: { ...principal, permissions, password: admin?.password ?? false } };
      },
      {
        response: { 200: MeAnswer, ...errorResponses(401) },
        detail: { summary: 'Show who you are', description: 'Who is signed in, or whose key this is.' },
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
