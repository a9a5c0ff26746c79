/** The thread of `checkpoints.ts`: copies what the write-ahead log holds into the database when it is asked to. */
import { Database } from 'bun:sqlite';

declare const self: Worker;
let sqlite: Database | null = null;

self.onmessage = ({ data }: MessageEvent<{ path: string } | 'copy' | 'close'>) => {
  if (data === 'close') sqlite?.close();
  else if (data === 'copy') sqlite?.run('PRAGMA wal_checkpoint(PASSIVE)');
  else {
    sqlite = new Database(data.path, { create: false, readwrite: true, strict: true });
    sqlite.run('PRAGMA synchronous = FULL');
    // It reads each page of the log once.
    sqlite.run('PRAGMA cache_size = -256');
  }
  self.postMessage('done');
};
