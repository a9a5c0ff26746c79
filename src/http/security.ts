import type { AdminKey } from '../auth/admin-key.ts';
import { DomainError } from '../errors.ts';

/**
 * Everything under /api/v1 needs the API key, whatever the route: one check before routing, so that a new route can't
 * be left open by mistake.
 */
export function requireApiKey(request: Request, adminKey: AdminKey): void {
  const path = new URL(request.url).pathname;
  if (!/^\/api\/v1(\/|$)/.test(path)) return;
  const token = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token !== undefined && adminKey.matches(token)) return;
  throw new DomainError(401, 'unauthorized', 'Send an API key: Authorization: Bearer qb_…');
}

/** Headers for every answer that may end in a browser. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
