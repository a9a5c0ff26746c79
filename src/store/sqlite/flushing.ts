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

  function flush(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      fd ??= openSync(`${path}-wal`, 'r+');
      sync(fd, (error) => (error === null ? resolve() : reject(error)));
    }).finally(() => {
      running = null;
    });
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
      if (running === null) {
        running = flush();
        return running;
      }
      // The flush under way may have begun before the last commit; the one after it is for all who wait by then.
      const begin = () => {
        next = null;
        running = flush();
        return running;
      };
      next ??= running.then(begin, begin);
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
