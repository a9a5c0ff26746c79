import { and, count, desc, eq, gt, isNull, lt, ne, sql } from 'drizzle-orm';
import {
  adminAccounts,
  adminSessions,
  admins,
  adminTwoFactors,
  adminVerifications,
} from '../../../db/schema.ts';
import type { AdminChange, AdminRecord, Created, NewAdmin, SessionRecord } from '../account-store.ts';
import type { SqliteConnection } from './database.ts';
import type { createInvitationQueries } from './invitation-queries.ts';

/** Name under which the sign-in library keeps passwords. */
const PASSWORD = 'credential';

/** Admins and their sessions. What changes several rows is to be called inside a transaction. */
export function createAccountQueries(
  { db }: SqliteConnection,
  invitations: ReturnType<typeof createInvitationQueries>,
) {
  const selectAdmins = () =>
    db
      .select({
        id: admins.id,
        name: admins.name,
        email: admins.email,
        role: admins.role,
        disabledAt: admins.disabledAt,
        twoFactor: admins.twoFactorEnabled,
        createdAt: admins.createdAt,
        // Names in full: within a query of one table the builder leaves out whose column it is.
        password: sql<number>`EXISTS (SELECT 1 FROM admin_accounts WHERE admin_accounts.user_id = admins.id AND admin_accounts.provider_id = ${PASSWORD})`,
        lastSeenAt: sql<
          number | null
        >`(SELECT max(admin_sessions.updated_at) FROM admin_sessions WHERE admin_sessions.user_id = admins.id)`,
      })
      .from(admins);
  const toAdmin = (row: ReturnType<ReturnType<typeof selectAdmins>['all']>[number]): AdminRecord => ({
    ...row,
    twoFactor: row.twoFactor === true,
    password: row.password === 1,
    disabledAt: row.disabledAt?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
  });
  const byId = (id: string): AdminRecord | null => {
    const [row] = selectAdmins().where(eq(admins.id, id)).all();
    return row === undefined ? null : toAdmin(row);
  };
  const enabledAdmin = and(eq(admins.role, 'admin'), isNull(admins.disabledAt));
  const othersLeft = (id: string): boolean => {
    const [found] = db
      .select({ n: count() })
      .from(admins)
      .where(and(enabledAdmin, ne(admins.id, id)))
      .all();
    return (found?.n ?? 0) > 0;
  };
  const isAdmin = ({ role, disabledAt }: AdminRecord) => role === 'admin' && disabledAt === null;
  const endSessions = (id: string) => db.delete(adminSessions).where(eq(adminSessions.userId, id)).run();
  const endAccess = ({ id, email }: AdminRecord) => {
    endSessions(id);
    // They may have kept a link that makes them another account.
    invitations.dropBy(email);
  };

  return {
    list: (): AdminRecord[] => selectAdmins().orderBy(admins.createdAt, admins.id).all().map(toAdmin),

    hasAdmin(): boolean {
      return db.select({ id: admins.id }).from(admins).where(enabledAdmin).limit(1).all().length > 0;
    },

    get: byId,

    find(email: string): AdminRecord | null {
      const [row] = selectAdmins().where(eq(admins.email, email)).all();
      return row === undefined ? null : toAdmin(row);
    },

    create({ passwordHash, ...admin }: NewAdmin, invitationId: string | null, now: number): Created {
      const [taken] = db.select({ id: admins.id }).from(admins).where(eq(admins.email, admin.email)).all();
      if (taken !== undefined) return 'email_taken';
      if (invitationId !== null && !invitations.claim(invitationId, now)) return 'invitation_gone';
      const at = new Date(now);
      db.insert(admins)
        .values({ ...admin, emailVerified: true, twoFactorEnabled: false, createdAt: at, updatedAt: at })
        .run();
      setPassword(admin.id, passwordHash, at);
      return 'created';
    },

    update(id: string, change: AdminChange, now: number): AdminRecord | 'last' | null {
      const before = byId(id);
      if (before === null) return null;
      const { name = before.name, role = before.role, disabled } = change;
      const disabledAt =
        disabled === undefined ? before.disabledAt : disabled ? (before.disabledAt ?? now) : null;
      const after = { ...before, role, disabledAt };
      if (isAdmin(before) && !isAdmin(after) && !othersLeft(id)) return 'last';
      db.update(admins)
        .set({
          name,
          role,
          disabledAt: disabledAt === null ? null : new Date(disabledAt),
          updatedAt: new Date(now),
        })
        .where(eq(admins.id, id))
        .run();
      if (disabledAt !== null || (before.role === 'admin' && role === 'viewer')) endAccess(before);
      return byId(id);
    },

    remove(id: string): AdminRecord | 'last' | null {
      const admin = byId(id);
      if (admin === null) return null;
      if (isAdmin(admin) && !othersLeft(id)) return 'last';
      endAccess(admin);
      db.delete(adminAccounts).where(eq(adminAccounts.userId, id)).run();
      db.delete(adminTwoFactors).where(eq(adminTwoFactors.userId, id)).run();
      db.delete(admins).where(eq(admins.id, id)).run();
      return admin;
    },

    resetPassword(id: string, passwordHash: string, removeTwoFactor: boolean, now: number): void {
      const at = new Date(now);
      db.delete(adminAccounts)
        .where(and(eq(adminAccounts.userId, id), eq(adminAccounts.providerId, PASSWORD)))
        .run();
      setPassword(id, passwordHash, at);
      endSessions(id);
      if (!removeTwoFactor) return;
      db.delete(adminTwoFactors).where(eq(adminTwoFactors.userId, id)).run();
      db.update(admins).set({ twoFactorEnabled: false, updatedAt: at }).where(eq(admins.id, id)).run();
    },

    sessions(adminId: string | null, now: number): SessionRecord[] {
      return db
        .select({
          id: adminSessions.id,
          adminId: adminSessions.userId,
          email: admins.email,
          ip: adminSessions.ipAddress,
          userAgent: adminSessions.userAgent,
          createdAt: adminSessions.createdAt,
          updatedAt: adminSessions.updatedAt,
          expiresAt: adminSessions.expiresAt,
        })
        .from(adminSessions)
        .innerJoin(admins, eq(admins.id, adminSessions.userId))
        .where(
          and(
            gt(adminSessions.expiresAt, new Date(now)),
            adminId === null ? undefined : eq(adminSessions.userId, adminId),
          ),
        )
        .orderBy(desc(adminSessions.updatedAt), adminSessions.id)
        .all()
        .map(({ createdAt, updatedAt, expiresAt, ...row }) => ({
          ...row,
          createdAt: createdAt.getTime(),
          updatedAt: updatedAt.getTime(),
          expiresAt: expiresAt.getTime(),
        }));
    },

    deleteSession(id: string): boolean {
      return db.delete(adminSessions).where(eq(adminSessions.id, id)).returning().all().length > 0;
    },

    deleteOtherSessions(adminId: string, kept: string | null): void {
      const other = kept === null ? undefined : ne(adminSessions.id, kept);
      db.delete(adminSessions)
        .where(and(eq(adminSessions.userId, adminId), other))
        .run();
    },

    emailAskedForCode(identifier: string): string | null {
      const [found] = db
        .select({ email: admins.email })
        .from(adminVerifications)
        .innerJoin(admins, eq(admins.id, adminVerifications.value))
        .where(eq(adminVerifications.identifier, identifier))
        .all();
      return found?.email ?? null;
    },

    pruneExpired(now: number): void {
      const at = new Date(now);
      db.delete(adminSessions).where(lt(adminSessions.expiresAt, at)).run();
      db.delete(adminVerifications).where(lt(adminVerifications.expiresAt, at)).run();
    },
  };

  function setPassword(adminId: string, password: string, at: Date) {
    db.insert(adminAccounts)
      .values({
        id: adminId,
        accountId: adminId,
        providerId: PASSWORD,
        userId: adminId,
        password,
        createdAt: at,
        updatedAt: at,
      })
      .run();
  }
}
