import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as text that is safe in an address. */
export const makeToken = (): string => randomBytes(32).toString('base64url');
/** What is kept of a token. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');
/** An id as the API shows it: `key_…`. */
export const makeId = (kind: string): string => `${kind}_${randomBytes(12).toString('base64url')}`;
