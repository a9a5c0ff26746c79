import { Elysia } from 'elysia';
import { adminAccountRoutes } from '../auth/admin-routes.ts';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { Audit } from '../auth/audit.ts';
import { auditRoutes } from '../auth/audit-routes.ts';
import type { Gate } from '../auth/gate.ts';
import { invitationRoutes } from '../auth/invitation-routes.ts';
import type { Invitations } from '../auth/invitations.ts';
import { keyRoutes } from '../auth/key-routes.ts';
import { meRoutes } from '../auth/me-routes.ts';
import { sessionRoutes } from '../auth/session-routes.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { AccountStore } from '../store/account-store.ts';

export interface AccountDeps {
  store: AccountStore;
  gate: Gate;
  audit: Audit;
  signIn: SignIn;
  keys: ApiKeys;
  invitations: Invitations;
  oidc: { name: string } | null;
  publicUrl(): string;
  now(): number;
}

/** Everything about who may use the service. */
export const accountRoutes = (deps: AccountDeps) =>
  new Elysia({ name: 'accounts' })
    .use(meRoutes(deps))
    .use(sessionRoutes(deps))
    .use(keyRoutes(deps))
    .use(adminAccountRoutes(deps))
    .use(invitationRoutes(deps))
    .use(auditRoutes(deps));
