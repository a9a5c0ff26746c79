import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store } from '../store/store.ts';

const SETTING = 'admin_api_key_hash';

export interface AdminKey {
  matches(token: string): boolean;
  /** The key itself where this start has just made it: to be shown once. */
  fresh: string | null;
}

/**
 * The administrator's API key: the one from the environment alone where it is set, else the one made at the first
 * start, of which only the SHA-256 is stored (the key has 256 random bits, so a slow hash would add nothing).
 */
export async function loadAdminKey(store: Store, fromEnvironment: string | undefined): Promise<AdminKey> {
  if (fromEnvironment !== undefined) return { matches: matcher(hash(fromEnvironment)), fresh: null };
  const stored = await store.readSetting(SETTING);
  if (stored !== null) return { matches: matcher(Buffer.from(stored, 'hex')), fresh: null };
  const fresh = `qb_${randomBytes(32).toString('base64url')}`;
  await store.writeSetting(SETTING, hash(fresh).toString('hex'));
  return { matches: matcher(hash(fresh)), fresh };
}

const hash = (token: string): Buffer => createHash('sha256').update(token).digest();
const matcher = (expected: Buffer) => (token: string) => timingSafeEqual(hash(token), expected);
