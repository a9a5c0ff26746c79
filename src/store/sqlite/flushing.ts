import { closeSync, fdatasync, openSync } from 'node:fs';
import type { SqliteConnection } from './database.ts';

/** Commits that other work need not wait for the disk with. */
export interface Flushing {
  /** Runs a transaction whose commit leaves what it has written to the operating system. */
  commit<T>(transaction: () => T): T;
  /** Resolves when everything committed so far is on the disk. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Brings a file to the disk. */
export type Sync = (fd: number, done: (error: Error | null) => void) => void;

/**
 * Flushes the write-ahead log beside the event loop in place of inside the commit, where everything waits for the disk.
 * The log is read up to its first torn piece, so one flush makes all commits before it durable, in their order.
 */
export function createFlushing({ sqlite, path }: SqliteConnection, sync: Sync = fdatasync): Flushing {
  let fd: number | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let failed = false;
  const empty = sqlite.query<[busy: number, number, number], []>('PRAGMA wal_checkpoint(TRUNCATE)');

  function flush(): Promise<void> {
    next = null;
    running = new Promise<void>((resolve, reject) => {
      if (failed) mend();
      fd ??= openSync(`${path}-wal`, 'r+');
      sync(fd, (error) => {
        failed = error !== null;
        if (error === null) resolve();
        else reject(error);
      });
    }).finally(() => {
      running = null;
    });
    return running;
  }

  /**
   * After a flush that failed the operating system may take for written what is not, so that the log has a hole and the
   * next flush proves nothing. What is in the log is brought into the database, which is flushed as well, and the log is
   * emptied: what is before the hole is older than the database, and would be read in its place after a power cut.
   */
  function mend() {
    const [[busy] = [1]] = empty.values() as [number, number, number][];
    if (busy !== 0)
      throw new Error('The write-ahead log could not be flushed, nor be copied into the database yet');
    failed = false;
  }

  return {
    commit(transaction) {
      // Not prepared: the setting is changed while the statement is compiled.
      sqlite.run('PRAGMA synchronous = NORMAL');
      try {
        return transaction();
      } finally {
        sqlite.run('PRAGMA synchronous = FULL');
      }
    },

    flushed() {
      if (running === null) return next ?? flush();
      // The flush under way may have begun before the last commit; the one after it is for all who wait by then.
      next ??= running.then(flush, flush);
      return next;
    },

    async close() {
      await Promise.allSettled([running, next]);
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

/** For those who have nothing else to do meanwhile: the commit itself waits for the disk. */
export const flushedByCommits: Flushing = {
  commit: (transaction) => transaction(),
  flushed: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
