import type { KeyScope, Role } from '../store/account-store.ts';

/** What somebody may do. `read` is everything but secrets and files of users. */
export const PERMISSIONS = ['read', 'export', 'write', 'settings', 'accounts'] as const;
export type Permission = (typeof PERMISSIONS)[number];

const ROLES: Record<Role, readonly Permission[]> = { admin: PERMISSIONS, viewer: ['read'] };
const SCOPES: Record<KeyScope, readonly Permission[]> = {
  read: ['read', 'export'],
  write: ['read', 'export', 'write'],
  settings: ['read', 'export', 'write', 'settings'],
};
export const permissionsOfRole = (role: Role): readonly Permission[] => ROLES[role] ?? [];
export const permissionsOfScope = (scope: KeyScope): readonly Permission[] => SCOPES[scope] ?? [];

/** Routes that need something else than their method says; null: nothing, whoever asks. */
const EXCEPTIONS: Record<string, Permission | null> = {
  'GET /api/v1/sign-in-options': null,
  'POST /api/v1/invitations/check': null,
  'POST /api/v1/invitations/accept': null,
  // Changes nothing.
  'POST /api/v1/segments/preview': 'read',
  // Of one's own; the routes look whose it is.
  'PATCH /api/v1/me': 'read',
  'DELETE /api/v1/sessions/:id': 'read',
  'GET /api/v1/users/export': 'export',
  'GET /api/v1/users/imports/:id/errors': 'export',
  'GET /api/v1/segments/:id/export': 'export',
};
const SETTINGS = /^\/api\/v1\/settings(\/|$)/;
const ACCOUNTS = /^\/api\/v1\/(admins|api-keys|invitations|sessions|audit)(\/|$)/;

/**
 * What a request needs, by method and pattern of its route. Without an exception whatever is no reading needs to write,
 * so a route nobody thought of is closed to those who may only look.
 */
export function needs(method: string, route: string): Permission | null {
  const reading = method === 'GET' || method === 'HEAD';
  const exception = EXCEPTIONS[`${reading ? 'GET' : method} ${route}`];
  if (exception !== undefined) return exception;
  if (reading) return 'read';
  if (SETTINGS.test(route)) return 'settings';
  return ACCOUNTS.test(route) ? 'accounts' : 'write';
}
