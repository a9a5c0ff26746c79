import type { Checkpoints } from './checkpoints.ts';
import type { SqliteConnection } from './database.ts';
import { createScan, type ScanAnswer, type ScanRequest } from './evaluation-scan.ts';
import { lastUserId } from './terms.ts';
import { startThread, type Thread } from './thread.ts';

/** Looks at users for an evaluation, here or elsewhere. */
export interface Scanner {
  /** Whether it looks while everything else goes on, so that it is worth asking ahead. */
  readonly concurrent: boolean;
  scan(request: ScanRequest): Promise<ScanAnswer>;
  /** There is nothing to look at any more. */
  rest(): Promise<void>;
}

/** Looks at once, and everything else waits. */
export function createScanner({ sqlite }: SqliteConnection): Scanner {
  const scan = createScan(sqlite);
  return { concurrent: false, scan: async (request) => scan(request), async rest() {} };
}

/** Users for whom starting a thread, some 50 ms, is worth it. */
const WORTH = 20_000;
/** By so many times more users a question to the thread is about than a transaction. */
const MORE = 10;

/**
 * The same for a service under load: where there are many users, a thread looks at them. It lives as long as there is
 * something to look at; where it can't work, everything is looked at here.
 */
export function createServedScanner(
  connection: SqliteConnection,
  checkpoints: Checkpoints,
  worth = WORTH,
): Scanner {
  const local = createScanner(connection);
  let thread: Promise<Thread<ScanRequest, ScanAnswer>> | null = null;
  /** Whether it is worth asking; after a failure from the next evaluation on. */
  let works = true;

  const isWorthIt = (cursor: number) => lastUserId(connection.db) - cursor >= worth;

  return {
    get concurrent() {
      return thread !== null;
    },
    async scan(request) {
      if (!works || (thread === null && !isWorthIt(request.cursor))) return local.scan(request);
      try {
        thread ??= startThread('evaluation-thread', connection.path);
        const { ask } = await thread;
        // While it reads, the log of what is written can't begin anew.
        await checkpoints.makeRoom();
        return await ask({ ...request, limit: request.limit * MORE });
      } catch {
        works = false;
        thread = null;
        return local.scan(request);
      }
    },
    async rest() {
      const ending = thread;
      thread = null;
      works = true;
      await ending?.then(({ end }) => end()).catch(() => {});
    },
  };
}
