import type { AdminKey } from '../auth/admin-key.ts';
import { DomainError } from '../errors.ts';

/** Refuses a request that does not carry the API key. */
export function requireApiKey(request: Request, adminKey: AdminKey): void {
  const token = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token !== undefined && adminKey.matches(token)) return;
  throw new DomainError(401, 'unauthorized', 'Send an API key: Authorization: Bearer qb_…');
}

/**
 * Whether the address is under /api/v1, known route or not: good for an early refusal, before a body is read. It is no
 * protection, because the server's router and a URL parser can read one address differently ("/#/../api/v1/users").
 */
export function asksForApi({ url }: Request): boolean {
  const base = 'http://localhost';
  return URL.canParse(url, base) && /^\/+api\/v1(\/|$)/.test(new URL(url, base).pathname);
}

/** Headers for every answer that may end in a browser. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
