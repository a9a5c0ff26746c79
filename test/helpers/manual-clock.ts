import type { Clock } from '../../src/scheduler/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time forward and wakes every sleeper that is due. */
  advance(ms: number): void;
}

/** Time that stands still until a test moves it. */
export function manualClock(start = Date.parse('2026-06-01T12:00:00Z')): ManualClock {
  let time = start;
  let sleepers: { at: number; resolve: () => void }[] = [];
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const sleeper = { at: time + ms, resolve };
        sleepers.push(sleeper);
        signal.addEventListener('abort', () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          resolve();
        });
      }),
    advance(ms) {
      time += ms;
      const due = sleepers.filter(({ at }) => at <= time);
      sleepers = sleepers.filter(({ at }) => at > time);
      for (const { resolve } of due) resolve();
    },
  };
}
