import { DomainError } from '../errors.ts';
import type { AccountStore, AdminRecord, InvitationRecord, Role } from '../store/account-store.ts';
import type { Passwords } from './password.ts';
import { hashToken, makeId, makeToken } from './tokens.ts';

const SET_UP_MS = 30 * 60_000;
const INVITATION_MS = 7 * 24 * 3_600_000;

/** Links by which an account is made, once: of the set-up, and those an admin sends. */
export interface Invitations {
  /** Makes a link; the token is in this answer only. */
  invite(
    role: Role,
    email: string | null,
    by: string,
  ): Promise<{ invitation: InvitationRecord; token: string }>;
  list(): Promise<InvitationRecord[]>;
  withdraw(id: string): Promise<InvitationRecord>;
  /** What a token is good for, or throws why it is good for nothing. */
  check(token: string): Promise<InvitationRecord>;
  /** Makes the account. */
  accept(acceptance: Acceptance): Promise<AdminRecord>;
  /** A token for the set-up while there is no admin, else null; the ones before stop working. */
  setUp(): Promise<string | null>;
}
export interface Acceptance {
  token: string;
  name: string;
  email: string;
  password: string;
}

export function createInvitations(store: AccountStore, passwords: Passwords, now: () => number): Invitations {
  function make(role: Role, email: string | null, createdBy: string | null, validMs: number) {
    const token = makeToken();
    const createdAt = now();
    const times = { createdAt, expiresAt: createdAt + validMs, usedAt: null };
    const invitation: InvitationRecord = { id: makeId('invitation'), role, email, createdBy, ...times };
    return { invitation, token, hash: hashToken(token) };
  }

  async function check(token: string): Promise<InvitationRecord> {
    const invitation = await store.findInvitation(hashToken(token));
    if (invitation === null) throw refused('invitation_unknown', 'This link is not known');
    const setUpDone = invitation.createdBy === null && (await store.hasAdmin());
    if (invitation.usedAt !== null || setUpDone)
      throw refused('invitation_used', 'This link was used already');
    if (invitation.expiresAt <= now()) throw refused('invitation_expired', 'This link has expired');
    return invitation;
  }

  return {
    async invite(role, email, by) {
      const address = email === null ? null : normalEmail(email);
      if (address !== null && (await store.findAdmin(address)) !== null) throw emailTaken();
      const { invitation, token, hash } = make(role, address, by, INVITATION_MS);
      await store.createInvitation({ ...invitation, hash });
      return { invitation, token };
    },

    list: () => store.listInvitations(),

    async withdraw(id) {
      const withdrawn = await store.deleteInvitation(id);
      if (withdrawn !== null) return withdrawn;
      throw new DomainError(404, 'not_found', 'There is no open invitation with this id');
    },

    check,

    async accept({ token, name, email, password }) {
      const invitation = await check(token);
      const address = normalEmail(email);
      if (invitation.email !== null && invitation.email !== address) {
        throw new DomainError(
          422,
          'other_email',
          `This link is for ${invitation.email}; use that email, or ask for another link`,
          [{ path: 'body.email', message: `must be ${invitation.email}` }],
        );
      }
      const id = makeId('admin');
      const admin = { id, name, email: address, role: invitation.role };
      const passwordHash = await passwords.hash(password);
      const created = await store.createAdmin({ ...admin, passwordHash }, invitation.id, now());
      if (created === 'email_taken') throw emailTaken();
      const made = created === 'created' ? await store.getAdmin(id) : null;
      if (made === null) throw refused('invitation_used', 'This link was used already');
      return made;
    },

    async setUp() {
      if (await store.hasAdmin()) return null;
      const { invitation, token, hash } = make('admin', null, null, SET_UP_MS);
      await store.replaceSetUp({ ...invitation, hash });
      return token;
    },
  };
}

/** The page for a link; the token stands behind the # because that part of an address is sent to nobody. */
export const acceptUrl = (publicUrl: string, token: string): string => `${publicUrl}/admin/accept#${token}`;

export const normalEmail = (email: string): string => email.trim().toLowerCase();

const refused = (slug: string, what: string) =>
  new DomainError(
    409,
    slug,
    `${what}. Ask an admin for another one; where there is no admin yet, restart the service and it prints one`,
  );
const emailTaken = () =>
  new DomainError(409, 'email_taken', 'Somebody with this email has an account already');
