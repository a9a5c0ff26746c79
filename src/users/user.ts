import { type Attributes, type JsonObject, noAttributes, plainValues } from './attributes.ts';

/** A user as it is stored. All times are Unix milliseconds. `name` and `externalId` are registers like an attribute. */
export interface UserRecord {
  id: number;
  email: string;
  name: string | null;
  nameAt: number;
  externalId: string | null;
  externalIdAt: number;
  attributes: Attributes;
  createdAt: number;
  updatedAt: number;
  lastSeenAt: number | null;
  /** When a time-relative rule may next change its answer for this user; null for never. */
  dueAt: number | null;
}

/** A user as the API shows it; times are ISO 8601. */
export interface UserView {
  id: string;
  email: string;
  name: string | null;
  externalId: string | null;
  attributes: JsonObject;
  createdAt: string;
  updatedAt: string;
  lastSeenAt: string | null;
}

/** The clock of a register nobody has written yet: older than any event's. */
const NEVER = Number.MIN_SAFE_INTEGER;

export const emptyUser = (email: string, now: number): UserRecord => ({
  id: 0,
  email,
  name: null,
  nameAt: NEVER,
  externalId: null,
  externalIdAt: NEVER,
  attributes: noAttributes(),
  createdAt: now,
  updatedAt: now,
  lastSeenAt: null,
  dueAt: null,
});

export function viewUser(user: UserRecord): UserView {
  return {
    id: publicUserId(user.id),
    email: user.email,
    name: user.name,
    externalId: user.externalId,
    attributes: plainValues(user.attributes),
    createdAt: new Date(user.createdAt).toISOString(),
    updatedAt: new Date(user.updatedAt).toISOString(),
    lastSeenAt: user.lastSeenAt === null ? null : new Date(user.lastSeenAt).toISOString(),
  };
}

export const publicUserId = (id: number): string => `user_${id}`;

/** The stored id behind `user_123`, or null when the text is no such id. */
export function parseUserId(text: string): number | null {
  const digits = /^user_([1-9]\d{0,14})$/.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Trimmed, lower-cased, or null when it can't be an address: wrong type, no `@`, white space, over 320 characters. */
export function normaliseEmail(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const email = value.trim().toLowerCase();
  return email.length <= 320 && email.isWellFormed() && /^[^\s@]+@[^\s@]+$/.test(email) ? email : null;
}

/** A display name fit to store: trimmed, well-formed, at most 256 characters; null when nothing is left. */
export function normaliseName(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const name = value.trim().toWellFormed().slice(0, 256).toWellFormed();
  return name === '' ? null : name;
}

/** Segment's userId; old clients send numbers, which count as their decimal text. Null when there is none. */
export function normaliseExternalId(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  const id = value.trim();
  return id === '' || id.length > 255 || !id.isWellFormed() ? null : id;
}

/** Who the user is to Segment: the email, or the linked Segment userId where the admin chose that and there is one. */
export function outboundId(user: Pick<UserRecord, 'email' | 'externalId'>, identifyAs: IdentifyAs): string {
  return identifyAs === 'external_id' && user.externalId !== null ? user.externalId : user.email;
}
export type IdentifyAs = 'email' | 'external_id';
