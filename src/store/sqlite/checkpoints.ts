import type { SqliteConnection } from './database.ts';

/** In pages. So many are worth a round of the thread. */
const WORTH = 250;
/** From so many on the log is to begin anew, or it would grow for ever. */
const LONG = 4000;
/** So few left are copied here, in some milliseconds, so that nothing is left when the next commit begins. */
const FEW = 400;
/** Where the thread can't keep up with imports, SQLite copies by itself. */
const TOO_LONG = 20_000;
const EVERY_MS = 20;
/**
 * Where SQLite copies by itself. More would copy a page that many events touch once for more of them, but everything
 * waits for the copying: with 8000 that is 40 to 60 ms.
 */
export const OWN_PAGES = 2000;

export interface Checkpoints {
  /** Looks how long the log is and does what is due; resolves when that is done. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Copies the write-ahead log into the database in a thread of its own: SQLite alone would do it inside a commit, and
 * everybody would wait 10 to 40 ms for the disk several times a second. The thread is started when there is something
 * to copy; where it can't work, SQLite goes on by itself.
 */
export function createCheckpoints({ sqlite, path }: SqliteConnection): Checkpoints {
  const state = sqlite.query('PRAGMA wal_checkpoint(NOOP)');
  let thread: Worker | null = null;
  let round: Promise<void> | null = null;
  const timer = setInterval(() => void look(), EVERY_MS);
  timer.unref();

  function look(): Promise<void> {
    round ??= work().finally(() => {
      round = null;
    });
    return round;
  }

  async function work() {
    try {
      const { length, rest } = log();
      if (rest < WORTH) return;
      await copy();
      const after = log();
      if (length >= LONG && after.rest <= FEW) sqlite.run('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      clearInterval(timer);
      thread?.terminate();
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
      thread = new Worker(threadUrl(), { ref: false });
      await answerTo({ path });
      sqlite.run(`PRAGMA wal_autocheckpoint = ${TOO_LONG}`);
    }
    await answerTo('copy');
  }

  function answerTo(message: { path: string } | 'copy' | 'close'): Promise<void> {
    const to = thread as Worker;
    return new Promise((resolve, reject) => {
      to.onmessage = () => resolve();
      to.onerror = ({ message: why }) => reject(new Error(why));
      to.postMessage(message);
    });
  }

  return {
    look,
    async close() {
      clearInterval(timer);
      await round;
      if (thread === null) return;
      await answerTo('close');
      thread.terminate();
      thread = null;
    },
  };
}

/** In the executable, modules lie below its root without their `src`, translated. */
function threadUrl(): URL {
  const here = import.meta.url;
  return here.includes('/$bunfs/')
    ? new URL('./store/sqlite/checkpoint-thread.js', here)
    : new URL('./checkpoint-thread.ts', here);
}
