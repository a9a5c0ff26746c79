import { OperatorError } from '../../errors.ts';
import { makeFolder, openPrivate, unopened } from './database.ts';

/**
 * Makes sure that one service alone serves a database: each keeps settings in memory, and a second one would go on with
 * those of its start. SQLite locks a file beside it, and whatever ends the process ends the lock.
 */
export function lockForService(path: string): { release(): void } {
  const file = `${path}.lock`;
  try {
    makeFolder(path);
    const lock = openPrivate(file);
    lock.run('BEGIN EXCLUSIVE');
    return {
      release() {
        lock.run('ROLLBACK');
        lock.close();
      },
    };
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'SQLITE_BUSY') throw unopened(path, cause as Error);
    throw new OperatorError(
      `Another service is running on ${path}`,
      'Stop it first, or give this one a DATA_DIR of its own',
      { cause },
    );
  }
}
