/** The thread of `evaluation.ts`: looks for users while everything else goes on. */
import { Database } from 'bun:sqlite';
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { createScan } from './evaluation-scan.ts';
import { runThread } from './thread.ts';

// On Linux a thread can step back behind everything else; where it can't, it still runs beside it.
try {
  const [, tid] = /(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
  setPriority(Number(tid), constants.priority.PRIORITY_BELOW_NORMAL);
} catch {}

runThread((path) => {
  const sqlite = new Database(path, { readonly: true, strict: true });
  sqlite.run('PRAGMA busy_timeout = 2000');
  return { answer: createScan(sqlite), close: () => sqlite.close() };
});
