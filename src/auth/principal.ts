import type { ActorKind, AdminRecord, KeyRecord, KeyScope, Role } from '../store/account-store.ts';
import { type Permission, permissionsOfRole, permissionsOfScope } from './permissions.ts';

/** Who makes a request. */
export interface Principal {
  kind: Extract<ActorKind, 'admin' | 'key' | 'environment'>;
  id: string;
  name: string;
  /** Of an admin. */
  email: string | null;
  role: Role | null;
  scope: KeyScope | null;
  twoFactor: boolean;
  /** The session by which an admin is here. */
  sessionId: string | null;
  permissions: readonly Permission[];
}

const nobody = { email: null, role: null, scope: null, twoFactor: false, sessionId: null };

export const adminPrincipal = (
  admin: Pick<AdminRecord, 'id' | 'name' | 'email' | 'role' | 'twoFactor'>,
  sessionId: string,
): Principal => {
  const { id, name, email, role, twoFactor } = admin;
  const permissions = permissionsOfRole(role);
  return { kind: 'admin', id, name, email, role, scope: null, twoFactor, sessionId, permissions };
};

export const keyPrincipal = ({ id, name, scope }: KeyRecord): Principal => ({
  ...nobody,
  kind: 'key',
  id,
  name,
  scope,
  permissions: permissionsOfScope(scope),
});

/** Whoever holds ADMIN_API_KEY: the operator of the service. */
export const OPERATOR: Principal = {
  ...nobody,
  kind: 'environment',
  id: 'ADMIN_API_KEY',
  name: 'ADMIN_API_KEY',
  permissions: permissionsOfRole('admin'),
};

/** As it is kept beside what somebody made. */
export const nameOf = (principal: Principal | null): string =>
  principal?.email ?? principal?.name ?? 'nobody';
