import { DomainError } from '../errors.ts';
import { hintOf } from '../settings/secrets.ts';
import type { AccountStore, KeyRecord, KeyScope } from '../store/account-store.ts';
import type { Audit } from './audit.ts';
import { OPERATOR } from './principal.ts';
import { hashToken, makeId, makeToken } from './tokens.ts';

/** How exact the last use of a key is kept, milliseconds. */
const USE_EVERY_MS = 60_000;

/** Later times are written with a sign and more digits, which RFC 3339 does not know. */
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

export interface ApiKeys {
  /** The key that this token is, if it works. */
  find(token: string): Promise<KeyRecord | null>;
  /** Makes a key; the token is in this answer only. */
  create(key: NewKey, createdBy: string): Promise<{ key: KeyRecord; token: string }>;
  list(): Promise<KeyRecord[]>;
  revoke(id: string): Promise<KeyRecord>;
  /** Writes down which keys were used: not in the way of requests. */
  flush(): Promise<void>;
}
export interface NewKey {
  name: string;
  scope: KeyScope;
  /** Unix milliseconds. */
  expiresAt: number | null;
}

export function createApiKeys(store: AccountStore, now: () => number): ApiKeys {
  let uses = new Map<string, number>();

  async function flush() {
    if (uses.size === 0) return;
    const written = uses;
    uses = new Map();
    await store.keysUsed(written);
  }

  return {
    async find(token) {
      const key = await store.findKey(hashToken(token));
      if (key === null || key.revokedAt !== null) return null;
      const at = now();
      if (key.expiresAt !== null && key.expiresAt <= at) return null;
      if (key.lastUsedAt === null || at - key.lastUsedAt >= USE_EVERY_MS) uses.set(key.id, at);
      return key;
    },

    async create({ name, scope, expiresAt }, createdBy) {
      if (expiresAt !== null && expiresAt <= now()) {
        throw new DomainError(422, 'invalid', 'A key that expires must do so in the future', [
          { path: 'body.expiresAt', message: 'must be in the future' },
        ]);
      }
      if (expiresAt !== null && expiresAt > LATEST) {
        throw new DomainError(422, 'invalid', 'A key that expires must do so before the year 10000', [
          { path: 'body.expiresAt', message: 'must be before the year 10000' },
        ]);
      }
      const { key, token, hash } = makeKey({ name, scope, expiresAt }, createdBy, now());
      await store.createKey({ ...key, hash });
      return { key, token };
    },

    async list() {
      await flush();
      return store.listKeys();
    },

    async revoke(id) {
      const revoked = await store.revokeKey(id, now());
      if (revoked !== null) return revoked;
      throw new DomainError(404, 'not_found', 'There is no API key with this id that still works');
    },

    flush,
  };
}

function makeKey({ name, scope, expiresAt }: NewKey, createdBy: string | null, now: number) {
  const token = `qb_${makeToken()}`;
  const key: KeyRecord = {
    id: makeId('key'),
    name,
    hint: `qb_${hintOf(token)}`,
    scope,
    createdBy,
    createdAt: now,
    expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  };
  return { key, token, hash: hashToken(token) };
}

/** A key made by a start. */
export interface FreshKey {
  /** To be shown once. */
  token: string;
  /** Stores its hash. Until then the next start makes another one, so a start that fails uses up none. */
  keep(): Promise<void>;
}

/** The key of the first start; null where there has been a key before, or somebody can sign in and make one. */
export async function firstKey(store: AccountStore, now: number): Promise<FreshKey | null> {
  if ((await store.listKeys()).length > 0 || (await store.hasAdmin())) return null;
  const { key, token, hash } = makeKey(
    { name: 'First start', scope: 'settings', expiresAt: null },
    null,
    now,
  );
  return { token, keep: () => store.createKey({ ...key, hash }) };
}

/** ADMIN_API_KEY replaces the key of the first start, for good. */
export async function retireFirstKey(store: AccountStore, audit: Audit, now: number): Promise<void> {
  for (const { id, name, createdBy, revokedAt } of await store.listKeys()) {
    if (createdBy !== null || revokedAt !== null) continue;
    await store.revokeKey(id, now);
    await audit.record({ principal: OPERATOR, ip: null }, { action: 'key.revoked', target: name });
  }
}
