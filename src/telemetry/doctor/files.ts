import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

/** The folder everything is in. */
export function checkFolder({ DATA_DIR }: Config): Finding {
  const topic = 'Data folder';
  try {
    const stats = statSync(DATA_DIR, { throwIfNoEntry: false });
    if (stats === undefined)
      return warning(topic, `${DATA_DIR} does not exist`, 'The first start makes it; else correct DATA_DIR');
    if (!stats.isDirectory()) return failure(topic, `${DATA_DIR} is no folder`, 'Correct DATA_DIR');
    accessSync(DATA_DIR, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return failure(
      topic,
      `${DATA_DIR} can not be read and written by this user`,
      'Run as the user of the service, or change its owner with chown; every folder above it must be open to them, too',
    );
  }
  return ok(topic, `${DATA_DIR} can be read and written`);
}

/** What seals the secrets. `hasDatabase`: whether there may be secrets already. */
export function checkKey({ SECRET_KEY, DATA_DIR }: Config, hasDatabase: boolean): Finding {
  const topic = 'Sealing key';
  if (SECRET_KEY !== undefined) return ok(topic, 'SECRET_KEY is set');
  const path = join(DATA_DIR, 'secret.key');
  if (existsSync(path)) return checkPrivate(topic, path);
  return hasDatabase
    ? failure(topic, `${path} is missing`, 'Restore it from a backup, or set SECRET_KEY to what it was')
    : warning(topic, `${path} does not exist`, 'The first start makes it');
}

/** The database, and what is beside it while it is open. */
export function checkDatabaseFiles(path: string): Finding {
  const topic = 'Database file';
  const files = ['', '-wal', '-shm', '.lock'].map((suffix) => path + suffix).filter(existsSync);
  const closed = files.find((file) => !mayAccess(file, constants.R_OK | constants.W_OK));
  return closed === undefined ? checkPrivate(topic, path) : closedTo(topic, closed, 'read and written');
}

/** A file that nobody but its owner may read, who should be this user. */
function checkPrivate(topic: string, path: string): Finding {
  if (!mayAccess(path, constants.R_OK)) return closedTo(topic, path, 'read');
  const { mode } = statSync(path);
  // Where permissions are not those of Unix, every file looks as if all could read it.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const bits = (mode & 0o777).toString(8).padStart(3, '0');
    return failure(topic, `${path} can be read by others (mode ${bits})`, `Run: chmod 600 ${path}`);
  }
  return ok(topic, `${path} can be read by its owner alone`);
}

const closedTo = (topic: string, path: string, what: string): Finding =>
  failure(
    topic,
    `${path} can not be ${what} by this user`,
    `Run as the user of the service, or make it theirs: chown USER ${path}, and chmod 600`,
  );

function mayAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

const MIB = 1024 * 1024;
/** Below the first, a burst or a re-evaluation may fill the disk; below the second, it is as good as full. */
const LOW = 1024 * MIB;
const FULL = 100 * MIB;

/** Room for the database to grow. */
export function checkSpace({ DATA_DIR }: Config): Finding {
  try {
    const { bavail, bsize } = statfsSync(existsSync(DATA_DIR) ? DATA_DIR : '.');
    return judgeSpace(bavail * bsize);
  } catch (error) {
    return warning('Disk space', `It can not be asked: ${(error as Error).message}`, 'Check it by hand');
  }
}

/** `free` in bytes. */
export function judgeSpace(free: number): Finding {
  const left = free >= LOW ? `${(free / LOW).toFixed(1)} GiB free` : `${Math.floor(free / MIB)} MiB free`;
  const remedy = 'Make room, or move DATA_DIR to a larger disk; when it is full, deliveries are answered 503';
  if (free < FULL) return failure('Disk space', left, remedy);
  return free < LOW ? warning('Disk space', left, remedy) : ok('Disk space', left);
}
