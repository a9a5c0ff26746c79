import type { Logger } from 'pino';
import { type Clock, turnOfTheLoop } from './clock.ts';

export interface LoopOptions {
  name: string;
  /** Does one piece of work; answers after how many milliseconds there may be more: 0 at once, null when woken. */
  runOnce(signal: AbortSignal): Promise<number | null>;
  clock: Clock;
  log: Logger;
}

/** A background task: runs while there is work, sleeps otherwise. */
export interface Loop {
  start(): void;
  /** There may be something to do now. */
  wake(): void;
  /** Ends the piece of work in hand and resolves when it is over. */
  stop(): Promise<void>;
}

/** How long to sleep where only a wake brings work: another process may have changed the database. Milliseconds. */
const IDLE_MS = 1000;
const AFTER_ERROR_MS = 5000;

export function createLoop({ name, runOnce, clock, log }: LoopOptions): Loop {
  const stopping = new AbortController();
  let woken = false;
  let interrupt: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();

  async function run() {
    while (!stopping.signal.aborted) {
      woken = false;
      const wait = await attempt();
      if (wait === 0) await turnOfTheLoop();
      else await sleep(wait ?? IDLE_MS);
    }
  }

  async function attempt(): Promise<number | null> {
    try {
      return await runOnce(stopping.signal);
    } catch (error) {
      log.error({ err: error, task: name }, 'A background task failed and will be tried again');
      // No wake cuts this short: what fails would fail again with every commit.
      await clock.sleep(AFTER_ERROR_MS, stopping.signal);
      return 0;
    }
  }

  async function sleep(ms: number) {
    if (woken || stopping.signal.aborted) return;
    interrupt = new AbortController();
    await clock.sleep(ms, interrupt.signal);
    interrupt = null;
  }

  const wake = () => {
    woken = true;
    interrupt?.abort();
  };
  return {
    start() {
      running = run();
    },
    wake,
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}
