import { OperatorError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import { type Finding, failure, ok } from './finding.ts';

const TOPIC = 'Database';

/** Why a database could not be opened. */
export function describeUnopened(error: unknown): Finding {
  if (error instanceof OperatorError) return failure(TOPIC, error.message, error.hint);
  const { message, code } = error as { message: string; code?: string };
  const damaged = code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB';
  return failure(
    TOPIC,
    `It can not be read: ${message}`,
    damaged ? RESTORE : 'Check who owns the files, and that nothing else has locked them',
  );
}

/** Reads all of it. */
export async function checkIntegrity(store: Store): Promise<Finding> {
  const problems = await store.checkIntegrity();
  if (problems.length > 0) return failure(TOPIC, `It is damaged: ${problems.join('; ')}`, RESTORE);
  const { count } = await store.userIdRange();
  const { bytes } = await store.stats();
  const size = Object.values(bytes).reduce((sum, one) => sum + one, 0) / 1024 / 1024;
  const users = count === 1 ? '1 user' : `${count.toLocaleString('en')} users`;
  return ok(TOPIC, `It is whole: ${users}, ${size.toFixed(1)} MiB`);
}

const RESTORE = 'Stop the service and restore a backup';
