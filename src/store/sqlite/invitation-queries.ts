import { and, desc, eq, gt, isNotNull, isNull } from 'drizzle-orm';
import { invitations } from '../../../db/schema.ts';
import type { InvitationRecord } from '../account-store.ts';
import type { SqliteConnection } from './database.ts';

/** Links by which an account is made, once. */
export function createInvitationQueries({ db }: SqliteConnection) {
  const unused = isNull(invitations.usedAt);
  const toRecord = ({ hash: _hash, ...record }: typeof invitations.$inferSelect): InvitationRecord => record;

  return {
    create(invitation: InvitationRecord & { hash: string }): void {
      db.insert(invitations).values(invitation).run();
    },
    /** Drops every link for the set-up; used ones have done their work, too. */
    dropSetUp(): void {
      db.delete(invitations).where(isNull(invitations.createdBy)).run();
    },
    /** Drops the open links that this admin made. */
    dropBy(email: string): void {
      db.delete(invitations)
        .where(and(unused, eq(invitations.createdBy, email)))
        .run();
    },
    find(hash: string): InvitationRecord | null {
      const [row] = db.select().from(invitations).where(eq(invitations.hash, hash)).all();
      return row === undefined ? null : toRecord(row);
    },
    list(): InvitationRecord[] {
      return db
        .select()
        .from(invitations)
        .where(and(unused, isNotNull(invitations.createdBy)))
        .orderBy(desc(invitations.createdAt), invitations.id)
        .all()
        .map(toRecord);
    },
    forEmail(email: string, now: number): InvitationRecord | null {
      const [row] = db
        .select()
        .from(invitations)
        .where(and(unused, eq(invitations.email, email), gt(invitations.expiresAt, now)))
        .orderBy(desc(invitations.createdAt))
        .limit(1)
        .all();
      return row === undefined ? null : toRecord(row);
    },
    claim(id: string, now: number): boolean {
      return (
        db
          .update(invitations)
          .set({ usedAt: now })
          .where(and(eq(invitations.id, id), unused, gt(invitations.expiresAt, now)))
          .returning({ id: invitations.id })
          .all().length > 0
      );
    },
    remove(id: string): InvitationRecord | null {
      const [row] = db
        .delete(invitations)
        .where(and(eq(invitations.id, id), unused, isNotNull(invitations.createdBy)))
        .returning()
        .all();
      return row === undefined ? null : toRecord(row);
    },
  };
}
