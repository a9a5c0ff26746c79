import {
  adminAccounts,
  adminSessions,
  admins,
  adminTwoFactors,
  adminVerifications,
} from '../../../db/schema.ts';
import type { AccountStore } from '../account-store.ts';
import { createAccountQueries } from './account-queries.ts';
import { createAuditQueries } from './audit-queries.ts';
import type { SqliteConnection } from './database.ts';
import { createInvitationQueries } from './invitation-queries.ts';
import { createKeyQueries } from './key-queries.ts';

/** The accounts' part of the store; `transaction` runs synchronous work, all of it or nothing. */
export function createAccounts(
  connection: SqliteConnection,
  transaction: <T>(work: () => T) => T,
): AccountStore {
  const invitations = createInvitationQueries(connection);
  const accounts = createAccountQueries(connection, invitations);
  const keys = createKeyQueries(connection);
  const audit = createAuditQueries(connection);

  return {
    async libraryAdapter() {
      const { drizzleAdapter } = await import('better-auth/adapters/drizzle');
      const schema = {
        user: admins,
        session: adminSessions,
        account: adminAccounts,
        verification: adminVerifications,
        twoFactor: adminTwoFactors,
      };
      // No transactions: on this driver those that wait for something lose what they promise.
      return drizzleAdapter(connection.db, { provider: 'sqlite', schema, transaction: false });
    },

    listAdmins: async () => accounts.list(),
    hasAdmin: async () => accounts.hasAdmin(),
    getAdmin: async (id) => accounts.get(id),
    findAdmin: async (email) => accounts.find(email),
    createAdmin: async (admin, invitationId, now) =>
      transaction(() => accounts.create(admin, invitationId, now)),
    updateAdmin: async (id, change, now) => transaction(() => accounts.update(id, change, now)),
    deleteAdmin: async (id) => transaction(() => accounts.remove(id)),
    resetPassword: async (id, passwordHash, removeTwoFactor, now) =>
      transaction(() => accounts.resetPassword(id, passwordHash, removeTwoFactor, now)),

    listSessions: async (adminId, now) => accounts.sessions(adminId, now),
    deleteSession: async (id) => accounts.deleteSession(id),
    deleteOtherSessions: async (adminId, kept) => accounts.deleteOtherSessions(adminId, kept),
    emailAskedForCode: async (identifier) => accounts.emailAskedForCode(identifier),
    pruneExpired: async (now) => transaction(() => accounts.pruneExpired(now)),

    createInvitation: async (invitation) => invitations.create(invitation),
    replaceSetUp: async (invitation) =>
      transaction(() => {
        invitations.dropSetUp();
        invitations.create(invitation);
      }),
    findInvitation: async (hash) => invitations.find(hash),
    listInvitations: async () => invitations.list(),
    invitationFor: async (email, now) => invitations.forEmail(email, now),
    claimInvitation: async (id, now) => invitations.claim(id, now),
    deleteInvitation: async (id) => invitations.remove(id),

    createKey: async (key) => keys.create(key),
    listKeys: async () => keys.list(),
    findKey: async (hash) => keys.find(hash),
    keysUsed: async (uses) =>
      transaction(() => {
        for (const [id, at] of uses) keys.used(id, at);
      }),
    revokeKey: async (id, at) => keys.revoke(id, at),

    recordAudit: async (entries) => transaction(() => audit.record(entries)),
    listAudit: async (query) => audit.list(query),
    pruneAudit: async (before, limit) => transaction(() => audit.prune(before, limit)),
  };
}
