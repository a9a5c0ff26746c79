import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store } from '../store/store.ts';

const SETTING = 'admin_api_key_hash';

export interface AdminKey {
  matches(token: string): boolean;
  /** The key itself where this start has just made it: to be kept and then shown once. */
  fresh: string | null;
  /** Stores a fresh key's hash. Until then the next start makes another one, so a start that fails uses up none. */
  keep(): Promise<void>;
}

/**
 * The administrator's API key: the one from the environment alone where it is set, else the one made at the first
 * start, of which only the SHA-256 is stored (the key has 256 random bits, so a slow hash would add nothing).
 */
export async function loadAdminKey(store: Store, fromEnvironment: string | undefined): Promise<AdminKey> {
  if (fromEnvironment !== undefined) return known(hash(fromEnvironment));
  const stored = await store.readSetting(SETTING);
  if (stored !== null) return known(Buffer.from(stored, 'hex'));
  const fresh = `qb_${randomBytes(32).toString('base64url')}`;
  const keep = () => store.writeSetting(SETTING, hash(fresh).toString('hex'));
  return { matches: matcher(hash(fresh)), fresh, keep };
}

const known = (expected: Buffer): AdminKey => ({
  matches: matcher(expected),
  fresh: null,
  keep: async () => {},
});

const hash = (token: string): Buffer => createHash('sha256').update(token).digest();
const matcher = (expected: Buffer) => (token: string) => timingSafeEqual(hash(token), expected);
