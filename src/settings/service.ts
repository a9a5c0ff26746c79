import { randomBytes, randomUUID } from 'node:crypto';
import { DomainError } from '../errors.ts';
import type { SettingEffects, Store } from '../store/store.ts';
import type { IdentifyAs } from '../users/user.ts';
import type { SegmentSettingsPatch } from './model.ts';
import { hintOf, type Sealer } from './secrets.ts';

export const WEBHOOK_PATH = '/api/integrations/segment/webhook';
export const SETTINGS_PATH = '/api/v1/settings/integrations/segment';
const SETTING = 'segment';
/** How long a rotated secret stays valid beside the new one. */
const OVERLAP_MS = 24 * 3_600_000;
/** Valid at once at most: every delivery is compared with each. */
const MAX_SECRETS = 10;

/** As stored: secrets are sealed. */
interface StoredSettings {
  inbound: {
    enabled: boolean;
    sharedSecrets: { id: string; sealed: string; createdAt: number; expiresAt: number | null }[];
    acceptFirstEventSignature: boolean;
    createUsers: boolean;
    deleteUsers: boolean;
  };
  outbound: {
    enabled: boolean;
    writeKey: string | null;
    /** Whether there has been a write key, so that a source may have been told. */
    connected: boolean;
    region: 'us' | 'eu';
    userId: IdentifyAs;
    eventsPerSecond: number | null;
  };
}

export interface SharedSecret {
  id: string;
  secret: string;
  createdAt: number;
  /** Unix milliseconds; null for the current secret. */
  expiresAt: number | null;
}
/** The settings in force, secrets readable: for the parts of the service that need them, never for an answer. */
export interface SegmentSettings {
  inbound: Omit<StoredSettings['inbound'], 'sharedSecrets'> & { sharedSecrets: SharedSecret[] };
  outbound: Omit<StoredSettings['outbound'], 'connected'>;
}

export interface SettingsService {
  current(): SegmentSettings;
  patch(patch: SegmentSettingsPatch): Promise<void>;
  /** Makes a new shared secret and answers it; the current one stays valid for 24 hours, older ones until they expire. */
  rotateSecret(): Promise<string>;
  /** Calls back after every change of settings. */
  onChange(listener: () => void): void;
}

const INITIAL: StoredSettings = {
  inbound: {
    enabled: true,
    sharedSecrets: [],
    acceptFirstEventSignature: false,
    createUsers: false,
    deleteUsers: false,
  },
  outbound: {
    enabled: false,
    writeKey: null,
    connected: false,
    region: 'us',
    userId: 'email',
    eventsPerSecond: 1000,
  },
};

/** Loads the settings; fails when they were sealed with another key. */
export async function createSettingsService(
  store: Store,
  sealer: Sealer,
  now: () => number,
): Promise<SettingsService> {
  const text = await store.readSetting(SETTING);
  let stored: StoredSettings = text === null ? INITIAL : withDefaults(JSON.parse(text));
  let settings = unsealed(stored, sealer);
  const listeners: (() => void)[] = [];

  async function save(next: StoredSettings, effects?: SettingEffects) {
    const readable = unsealed(next, sealer);
    await store.writeSetting(SETTING, JSON.stringify(next), effects);
    stored = next;
    settings = readable;
  }
  const announce = () => {
    for (const listener of listeners) listener();
  };
  const newSecret = (secret: string) => {
    const id = randomUUID();
    return { id, sealed: sealer.seal(secret, sharedSecretPurpose(id)), createdAt: now(), expiresAt: null };
  };

  return {
    current: () => settings,

    async patch({ inbound = {}, outbound = {} }) {
      const { sharedSecret, ...switches } = inbound;
      const { writeKey: given, ...choices } = outbound;
      const writeKey = typeof given === 'string' || given === null ? given : undefined;
      const before = stored.outbound;
      const next: StoredSettings = {
        inbound: { ...stored.inbound, ...switches },
        outbound: { ...before, ...choices },
      };
      if (sharedSecret !== undefined) next.inbound.sharedSecrets = [newSecret(sharedSecret)];
      if (writeKey !== undefined) {
        next.outbound.writeKey = writeKey === null ? null : sealer.seal(writeKey, WRITE_KEY_PURPOSE);
        next.outbound.connected ||= writeKey !== null;
      }
      if (next.outbound.enabled && next.outbound.writeKey === null) {
        throw new DomainError(
          422,
          'write_key_missing',
          'Set outbound.writeKey before, or together with, outbound.enabled',
        );
      }
      const newKey = typeof writeKey === 'string' && writeKey !== settings.outbound.writeKey;
      const newSource = before.connected && (newKey || next.outbound.region !== before.region);
      await save(next, {
        now: now(),
        resendAll: newSource,
        retractAll: next.outbound.userId === before.userId ? null : before.userId,
      });
      announce();
    },

    async rotateSecret() {
      const secret = randomBytes(32).toString('base64url');
      const expiresAt = now() + OVERLAP_MS;
      // Whoever rotates twice has not told Segment in between.
      const kept = valid(stored.inbound.sharedSecrets, now()).map((one) => ({
        ...one,
        expiresAt: one.expiresAt ?? expiresAt,
      }));
      if (kept.length >= MAX_SECRETS) {
        throw new DomainError(
          409,
          'too_many_secrets',
          `There are ${MAX_SECRETS} valid shared secrets; rotate again when one has expired, or set inbound.sharedSecret, which replaces all of them`,
        );
      }
      await save({ ...stored, inbound: { ...stored.inbound, sharedSecrets: [newSecret(secret), ...kept] } });
      announce();
      return secret;
    },

    onChange(listener) {
      listeners.push(listener);
    },
  };
}

/** The shared secrets that count at `now`, the current one first. */
export const validSecrets = (settings: SegmentSettings, now: number): SharedSecret[] =>
  valid(settings.inbound.sharedSecrets, now);

const valid = <T extends { expiresAt: number | null }>(secrets: readonly T[], now: number): T[] =>
  secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);

export const viewSecret = ({ id, secret, createdAt, expiresAt }: SharedSecret) => ({
  id,
  hint: hintOf(secret),
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
});

const WRITE_KEY_PURPOSE = 'write key';
const sharedSecretPurpose = (id: string) => `shared secret ${id}`;

function unsealed(stored: StoredSettings, sealer: Sealer): SegmentSettings {
  const { writeKey, connected: _, ...choices } = stored.outbound;
  return {
    inbound: {
      ...stored.inbound,
      sharedSecrets: stored.inbound.sharedSecrets.map(({ sealed, ...rest }) => ({
        ...rest,
        secret: sealer.open(sealed, sharedSecretPurpose(rest.id)),
      })),
    },
    outbound: {
      ...choices,
      writeKey: writeKey === null ? null : sealer.open(writeKey, WRITE_KEY_PURPOSE),
    },
  };
}

function withDefaults(saved: StoredSettings): StoredSettings {
  return {
    inbound: { ...INITIAL.inbound, ...saved.inbound },
    // Saved by an older version there may be no word of it.
    outbound: {
      ...INITIAL.outbound,
      connected: saved.outbound.writeKey !== null,
      ...(saved.outbound as Partial<StoredSettings['outbound']>),
    },
  };
}
