import type { BetterAuthOptions, BetterAuthPlugin } from 'better-auth';
import type { AccountStore } from '../store/account-store.ts';
import { asAccountName } from './account-name.ts';
import type { Audit } from './audit.ts';

type Validate = NonNullable<NonNullable<BetterAuthOptions['user']>['validateUserInfo']>;
type Hooks = Pick<NonNullable<BetterAuthOptions['databaseHooks']>, 'user' | 'account'>;

/** Signing in at a provider, by OpenID Connect. */
export interface Oidc {
  name: string;
  plugin(): Promise<BetterAuthPlugin>;
  /** Who may come in: the library asks it before it makes or links an account. */
  validate: Validate;
  hooks: Hooks;
}
export interface OidcConfig {
  issuer: string;
  clientId: string;
  clientSecret: string;
  name: string;
  /** Lower case. Whoever has an address there comes in as a viewer. */
  allowedDomains: readonly string[];
}

export const OIDC_PROVIDER = 'oidc';

export function createOidc(config: OidcConfig, store: AccountStore, audit: Audit, now: () => number): Oidc {
  const isAllowed = (email: string) => config.allowedDomains.includes(email.split('@').at(-1) ?? '');

  return {
    name: config.name,

    async plugin() {
      const { genericOAuth } = await import('better-auth/plugins/generic-oauth');
      return genericOAuth({
        config: [
          {
            providerId: OIDC_PROVIDER,
            name: config.name,
            discoveryUrl: `${config.issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
            clientId: config.clientId,
            clientSecret: config.clientSecret,
            scopes: ['openid', 'email', 'profile'],
            pkce: true,
            requireIdTokenVerification: true,
          },
        ],
      });
    },

    async validate({ user, source }) {
      const email = user.email?.toLowerCase();
      if (email === undefined) return { error: 'email_not_found' };
      if (user.emailVerified !== true) return { error: 'email_not_verified' };
      if (source.action !== 'create-user' || isAllowed(email)) return;
      if ((await store.invitationFor(email, now())) === null) return { error: 'not_invited' };
    },

    hooks: {
      user: {
        create: {
          async before(user) {
            const invitation = await store.invitationFor(user.email, now());
            return {
              data: {
                ...user,
                name: asAccountName(user.name) || user.email,
                role: invitation?.role ?? 'viewer',
              },
            };
          },
          async after(user) {
            const invitation = await store.invitationFor(user.email, now());
            if (invitation !== null) await store.claimInvitation(invitation.id, now());
            const after = (user as { role?: unknown }).role;
            await audit.record(
              { principal: null, ip: null },
              {
                action: 'admin.created',
                target: user.email,
                changes: [
                  { field: 'role', after },
                  { field: 'signIn', after: config.name },
                ],
              },
            );
          },
        },
      },
      account: {
        create: {
          // Nothing here calls the provider on somebody's behalf.
          before: async (account) => ({
            data: { ...account, accessToken: null, refreshToken: null, idToken: null },
          }),
        },
      },
    },
  };
}
