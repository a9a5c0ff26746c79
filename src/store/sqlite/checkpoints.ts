import type { SqliteConnection } from './database.ts';
import { startThread, type Thread } from './thread.ts';

/** In pages. So many are worth a round of the thread. */
const WORTH = 250;
/** From so many on the log is to begin anew, or it would grow for ever. */
const LONG = 16_000;
/** So few left are copied here, in some milliseconds, so that nothing is left when the next commit begins. */
const FEW = 100;
/** What comes in while the thread copies is less with every round, unless the disk is too slow for all of it. */
const ROUNDS = 4;
/** Where the thread can't keep up with imports, SQLite copies by itself. */
const TOO_LONG = 32_000;
const EVERY_MS = 20;
/** So many looks the thread is left alone after it has failed, on a full disk for example: about a minute. */
const PAUSE = 3000;
/**
 * Where SQLite copies by itself. More would copy a page that many events touch once for more of them, but everything
 * waits for the copying: with 8000 that is 40 to 60 ms.
 */
export const OWN_PAGES = 2000;

export interface Checkpoints {
  /** Looks how long the log is and does what is due; resolves when that is done. */
  look(): Promise<void>;
  /** Sees to it that the log begins anew with the next commit if it is long, which it can't while somebody reads. */
  makeRoom(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Copies the write-ahead log into the database in a thread of its own: SQLite alone would do it inside a commit, and
 * everybody would wait 10 to 40 ms for the disk several times a second. The thread is started when there is something
 * to copy; while it can't work, SQLite goes on by itself.
 */
export function createCheckpoints({ sqlite, path }: SqliteConnection): Checkpoints {
  const state = sqlite.query('PRAGMA wal_checkpoint(NOOP)');
  let thread: Thread<'copy', undefined> | null = null;
  let round: Promise<void> | null = null;
  let pause = 0;
  const timer = setInterval(() => void look(), EVERY_MS);
  timer.unref();

  function look(): Promise<void> {
    round ??= work().finally(() => {
      round = null;
    });
    return round;
  }

  async function work() {
    if (pause > 0) {
      pause--;
      return;
    }
    try {
      const { length, rest } = log();
      if (rest < WORTH) return;
      await copy();
      if (length < LONG) return;
      for (let n = 1; n < ROUNDS && log().rest > FEW; n++) await copy();
      if (log().rest <= FEW) sqlite.run('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      pause = PAUSE;
      void thread?.end().catch(() => {});
      thread = null;
      sqlite.run(`PRAGMA wal_autocheckpoint = ${OWN_PAGES}`);
    }
  }

  /** Pages in the log, and how many of them are not in the database yet. */
  function log(): { length: number; rest: number } {
    const [row] = state.values() as number[][];
    const [, length = 0, copied = 0] = row ?? [];
    return { length, rest: length - copied };
  }

  async function copy() {
    if (thread === null) {
      thread = await startThread<'copy', undefined>('checkpoint-thread', path);
      sqlite.run(`PRAGMA wal_autocheckpoint = ${TOO_LONG}`);
    }
    await thread.ask('copy');
  }

  return {
    look,
    async makeRoom() {
      if (log().length >= LONG) await look();
    },
    async close() {
      clearInterval(timer);
      await round;
      await thread?.end();
      thread = null;
    },
  };
}
