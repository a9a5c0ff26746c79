import type { BetterAuthOptions } from 'better-auth';

/** Who may use the service, and who did what: the accounts' part of the store. Times are Unix milliseconds. */
export interface AccountStore {
  /** The sign-in library's own way to its tables; loaded when it is first asked for. */
  libraryAdapter(): Promise<NonNullable<BetterAuthOptions['database']>>;

  listAdmins(): Promise<AdminRecord[]>;
  /** Whether somebody can sign in who may change everything. */
  hasAdmin(): Promise<boolean>;
  getAdmin(id: string): Promise<AdminRecord | null>;
  findAdmin(email: string): Promise<AdminRecord | null>;
  /** Creates an account that signs in with a password; uses up the invitation, if it is by one, in the same commit. */
  createAdmin(admin: NewAdmin, invitationId: string | null, now: number): Promise<Created>;
  /** Changes name, role or access and ends the sessions of who lost something. 'last': no admin would be left. */
  updateAdmin(id: string, change: AdminChange, now: number): Promise<AdminRecord | 'last' | null>;
  deleteAdmin(id: string): Promise<AdminRecord | 'last' | null>;
  /** Sets another password, ends every session, and takes the second factor away where asked to. */
  resetPassword(id: string, passwordHash: string, removeTwoFactor: boolean, now: number): Promise<void>;

  /** Sessions that have not expired, the latest first; everybody's without an id. */
  listSessions(adminId: string | null, now: number): Promise<SessionRecord[]>;
  /** False when there is none. */
  deleteSession(id: string): Promise<boolean>;
  /** Deletes all sessions of an admin but one. */
  deleteOtherSessions(adminId: string, kept: string | null): Promise<void>;
  /** The email of the admin who is asked for a code, by the library's identifier of that; null where nobody is. */
  emailAskedForCode(identifier: string): Promise<string | null>;
  /** Deletes sessions and other traces of signing in that have expired. */
  pruneExpired(now: number): Promise<void>;

  createInvitation(invitation: InvitationRecord & { hash: string }): Promise<void>;
  /** Puts this one in place of every unused link for the set-up. */
  replaceSetUp(invitation: InvitationRecord & { hash: string }): Promise<void>;
  findInvitation(hash: string): Promise<InvitationRecord | null>;
  /** The unused ones made by somebody, the latest first. */
  listInvitations(): Promise<InvitationRecord[]>;
  /** An unused one that has not expired, for this email. */
  invitationFor(email: string, now: number): Promise<InvitationRecord | null>;
  /** False when it was used, or is not there any more. */
  claimInvitation(id: string, now: number): Promise<boolean>;
  deleteInvitation(id: string): Promise<InvitationRecord | null>;

  createKey(key: KeyRecord & { hash: string }): Promise<void>;
  /** Every key, revoked ones too, the latest first. */
  listKeys(): Promise<KeyRecord[]>;
  findKey(hash: string): Promise<KeyRecord | null>;
  keysUsed(uses: ReadonlyMap<string, number>): Promise<void>;
  /** The key, or null when there is none that works. */
  revokeKey(id: string, at: number): Promise<KeyRecord | null>;

  recordAudit(entries: readonly AuditEntry[]): Promise<void>;
  /** The latest first. */
  listAudit(query: AuditQuery): Promise<AuditRecord[]>;
  /** Deletes up to `limit` entries older than `before`; answers how many. */
  pruneAudit(before: number, limit: number): Promise<number>;
}

export type Role = 'admin' | 'viewer';
export type KeyScope = 'read' | 'write' | 'settings';

export interface AdminRecord {
  id: string;
  name: string;
  email: string;
  role: Role;
  disabledAt: number | null;
  twoFactor: boolean;
  /** Whether there is a password; without one the way in is by a provider. */
  password: boolean;
  createdAt: number;
  /** When a session of theirs was last begun or prolonged, while there is one. */
  lastSeenAt: number | null;
}
export interface NewAdmin {
  id: string;
  name: string;
  email: string;
  role: Role;
  passwordHash: string;
}
export type Created = 'created' | 'email_taken' | 'invitation_gone';
export interface AdminChange {
  name?: string | undefined;
  role?: Role | undefined;
  disabled?: boolean | undefined;
}

export interface SessionRecord {
  id: string;
  adminId: string;
  email: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: number;
  updatedAt: number;
  expiresAt: number;
}

export interface InvitationRecord {
  id: string;
  role: Role;
  /** Null where whoever has the link chooses. */
  email: string | null;
  /** Null for the link of the set-up. */
  createdBy: string | null;
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
}

export interface KeyRecord {
  id: string;
  name: string;
  hint: string;
  scope: KeyScope;
  createdBy: string | null;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export type ActorKind = 'admin' | 'key' | 'environment' | 'command' | 'nobody';
export interface AuditEntry {
  at: number;
  actorKind: ActorKind;
  actorId: string | null;
  actorName: string | null;
  ip: string | null;
  action: string;
  target: string | null;
  changes: AuditChange[] | null;
}
export interface AuditChange {
  field: string;
  before?: unknown;
  after?: unknown;
}
export type AuditRecord = AuditEntry & { id: number };
export interface AuditQuery {
  limit: number;
  /** Only entries with a lower id. */
  before?: number;
  /** Part of the name, or the id. */
  actor?: string;
  /** The beginning: "segment" finds "segment.changed". */
  action?: string;
  from?: number;
  to?: number;
}
