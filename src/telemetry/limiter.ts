import type { Clock } from '../scheduler/clock.ts';

/** Speaks of the first of a kind at once, then once a second of all that came meanwhile. */
export interface Limiter {
  /** `say` hears how many it speaks for; of those held back, the last one speaks. */
  limited(kind: string, say: (count: number) => void): void;
  /** Says what is held back. */
  stop(): void;
}

const EVERY_MS = 1000;

/** Keeps a flood of requests from filling the disk with lines about them. There should be few kinds. */
export function createLimiter(clock: Clock): Limiter {
  const held = new Map<string, { count: number; say: (count: number) => void }>();
  const stopping = new AbortController();

  async function hold(kind: string) {
    const waiting = { count: 0, say: (_count: number) => {} };
    held.set(kind, waiting);
    await clock.sleep(EVERY_MS, stopping.signal);
    held.delete(kind);
    if (waiting.count === 0) return;
    waiting.say(waiting.count);
    void hold(kind);
  }

  return {
    limited(kind, say) {
      const waiting = held.get(kind);
      if (waiting === undefined) {
        say(1);
        void hold(kind);
      } else {
        waiting.count++;
        waiting.say = say;
      }
    },
    stop: () => stopping.abort(),
  };
}
