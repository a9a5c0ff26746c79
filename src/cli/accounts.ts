import type { Logger } from 'pino';
import { createApiKeys, firstKey, retireFirstKey } from '../auth/api-keys.ts';
import { createAudit } from '../auth/audit.ts';
import { createGate } from '../auth/gate.ts';
import { createInvitations } from '../auth/invitations.ts';
import { createLimit } from '../auth/limit.ts';
import { createOidc, type OidcConfig } from '../auth/oidc.ts';
import { createPasswords } from '../auth/password.ts';
import { createSignIn } from '../auth/sign-in.ts';
import type { Config } from '../config.ts';
import { OperatorError } from '../errors.ts';
import type { Sealer } from '../settings/secrets.ts';
import type { AccountStore } from '../store/account-store.ts';

/** Constructs what decides who may use the service. */
export async function createAccounts(
  config: Config,
  store: AccountStore,
  sealer: Sealer,
  log: Logger,
  now: () => number,
  publicUrl: () => string,
) {
  const audit = createAudit(store, now, (err, entries) =>
    log.error(
      { err, ...entries },
      'The audit log can not be written; its entries wait in memory for the next try, as long as the service runs',
    ),
  );
  const keys = createApiKeys(store, now);
  const wanted = oidcConfig(config);
  const oidc = wanted === null ? null : createOidc(wanted, store, audit, now);
  const passwords = createPasswords();
  const signIn = createSignIn({
    store,
    passwords,
    secret: sealer.derive('sign-in'),
    publicUrl,
    publicUrlConfigured: config.PUBLIC_URL !== undefined,
    oidc,
    attemptsPerMinute: config.SIGN_IN_ATTEMPTS_PER_MINUTE,
    log,
  });
  const gate = createGate({
    keys,
    signIn,
    operatorKey: config.ADMIN_API_KEY,
    publicUrl: config.PUBLIC_URL,
    proxyHops: config.TRUSTED_PROXY_HOPS,
    limit: createLimit(config.API_REQUESTS_PER_MINUTE, 60),
    openLimit: createLimit(config.SIGN_IN_ATTEMPTS_PER_MINUTE, 60),
  });
  const invitations = createInvitations(store, passwords, now);
  if (config.ADMIN_API_KEY !== undefined) await retireFirstKey(store, audit, now());
  return {
    deps: { store, gate, audit, signIn, keys, invitations, oidc, publicUrl, now },
    freshKey: config.ADMIN_API_KEY === undefined ? await firstKey(store, now()) : null,
  };
}

/** The provider to sign in at, if one is configured; fails where it is in part. */
export function oidcConfig(config: Config): OidcConfig | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return null;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    throw new OperatorError(
      'Signing in at a provider needs OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET',
      'Set all three, or none',
    );
  }
  const domains = (config.OIDC_ALLOWED_DOMAINS ?? '').toLowerCase().split(',');
  const allowedDomains = domains.map((domain) => domain.trim()).filter((domain) => domain !== '');
  return { issuer, clientId, clientSecret, name: config.OIDC_NAME, allowedDomains };
}
