import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../errors.ts';

/** Encrypts secrets for the database and decrypts them (AES-256-GCM). `purpose` binds a text to the place it stands in. */
export interface Sealer {
  seal(secret: string, purpose: string): string;
  open(sealed: string, purpose: string): string;
  /** A key for something else, from which neither this one nor another purpose's can be found. */
  derive(purpose: string): string;
}

/** The key for sealing on a first start: from SECRET_KEY, else from a key file (mode 0600), which is made. */
export function loadSealer(secretKey: string | undefined, dataDir: string): Sealer {
  return createSealer(secretKey ?? keyFromFile(join(dataDir, 'secret.key')));
}

/** The key of a database in use: another one than before would open nothing, so none is made. */
export function openSealer(secretKey: string | undefined, dataDir: string): Sealer {
  const path = join(dataDir, 'secret.key');
  if (secretKey === undefined && !existsSync(path)) {
    throw new OperatorError(`The key file ${path} is missing`, 'Restore it from a backup, or set SECRET_KEY');
  }
  return createSealer(secretKey ?? readKey(path));
}

function keyFromFile(path: string): string {
  if (!existsSync(path)) {
    try {
      writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Another process that starts at this moment was first: its key is the one.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  try {
    chmodSync(path, 0o600);
  } catch (cause) {
    throw closed(path, cause);
  }
  return readKey(path);
}

function readKey(path: string): string {
  let key: string;
  try {
    key = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw closed(path, cause);
  }
  if (key.length >= 32) return key;
  throw new OperatorError(`The key file ${path} is damaged`, 'Restore it from a backup, or set SECRET_KEY');
}

function closed(path: string, cause: unknown): OperatorError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM'
    ? new OperatorError(
        `The key file ${path} can't be read by this user`,
        `Run as the user of the service, or make it theirs: chown USER ${path}`,
        { cause },
      )
    : new OperatorError(
        `The key file ${path} can't be read: ${message}`,
        'Restore it from a backup, or set SECRET_KEY',
        { cause },
      );
}

export function createSealer(keyMaterial: string): Sealer {
  const key = Buffer.from(hkdfSync('sha256', keyMaterial, '', 'quackback-segment sealed secrets', 32));
  return {
    seal(secret, purpose) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(sealed, purpose) {
      try {
        const bytes = Buffer.from(sealed, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
          .setAAD(Buffer.from(purpose))
          .setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new OperatorError(
          'The secrets in the database were sealed with another key',
          'Start with the SECRET_KEY (or the file secret.key in DATA_DIR) they were saved with',
          { cause },
        );
      }
    },
    derive(purpose) {
      const info = `quackback-segment ${purpose}`;
      return Buffer.from(hkdfSync('sha256', keyMaterial, '', info, 32)).toString('base64url');
    },
  };
}

/** What the API shows of a secret: its last four characters; nothing of one so short that they would give it away. */
export const hintOf = (secret: string): string => (secret.length < 12 ? '…' : `…${secret.slice(-4)}`);
