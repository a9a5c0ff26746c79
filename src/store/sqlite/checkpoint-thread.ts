/** The thread of `checkpoints.ts`: copies what the write-ahead log holds into the database when it is asked to. */
import { Database } from 'bun:sqlite';
import { runThread } from './thread.ts';

runThread((path) => {
  const sqlite = new Database(path, { create: false, readwrite: true, strict: true });
  sqlite.run('PRAGMA synchronous = FULL');
  // It reads each page of the log once.
  sqlite.run('PRAGMA cache_size = -256');
  return {
    answer(_: 'copy') {
      sqlite.run('PRAGMA wal_checkpoint(PASSIVE)');
    },
    close: () => sqlite.close(),
  };
});
