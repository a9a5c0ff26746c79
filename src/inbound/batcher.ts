import { setTimeout as sleep } from 'node:timers/promises';
import { turnOfTheLoop } from '../scheduler/clock.ts';
import type { Change, Outcome, Writer } from '../users/change.ts';

/** The queue in front of the store is full; the sender is to come back later. */
export class Overloaded extends Error {
  override name = 'Overloaded';
}

export interface BatcherOptions {
  /** Commits changes in one transaction. */
  commit(changes: readonly Change[]): Promise<Outcome[]>;
  /** Most changes in one transaction: bounds how long a commit keeps everything else waiting. */
  maxCommit: number;
  /** Most changes waiting; a submission is refused when this many wait already. */
  maxQueued: number;
}

export interface Batcher extends Writer {
  /** Changes that wait for their commit. */
  depth(): number;
  /** Resolves when nothing is waiting any more. */
  drain(): Promise<void>;
}

interface Submission {
  changes: readonly Change[];
  outcomes: Outcome[];
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

/**
 * From one commit to the next, milliseconds of real time, unless one is full. A commit costs as much as several events,
 * so at two thousand events a second four of them share it, who wait a millisecond for each other.
 */
const GATHER_MS = 2;

/**
 * Group commit: everything submitted during one turn of the event loop, or shortly after the commit before, shares a
 * transaction, so that many requests pay for one disk flush. A submission is answered after its last change is durable.
 */
export function createBatcher({ commit, maxCommit, maxQueued }: BatcherOptions): Batcher {
  let queue: Submission[] = [];
  let queued = 0;
  let running: Promise<void> | null = null;
  let begunAt = Number.NEGATIVE_INFINITY;

  async function run() {
    await gathered();
    while (queue.length > 0) {
      const group = takeGroup();
      begunAt = performance.now();
      try {
        const outcomes = await commit(group.flatMap(({ part }) => part));
        let from = 0;
        for (const { submission, part } of group) {
          for (const outcome of outcomes.slice(from, from + part.length)) submission.outcomes.push(outcome);
          from += part.length;
          if (submission.outcomes.length === submission.changes.length)
            submission.resolve(submission.outcomes);
        }
      } catch (error) {
        const failed = new Set(group.map(({ submission }) => submission));
        queue = queue.filter((submission) => !failed.has(submission));
        for (const submission of failed) submission.reject(error);
        queued = queue.reduce((sum, { changes, outcomes }) => sum + changes.length - outcomes.length, 0);
      }
      await gathered();
    }
    running = null;
  }

  /** Lets what is on its way come in, a little longer where commits would follow each other too closely. */
  async function gathered() {
    await turnOfTheLoop();
    const early = begunAt + GATHER_MS - performance.now();
    if (early > 0 && queued > 0 && queued < maxCommit) await sleep(early);
  }

  /** The next changes in order, split where a submission is larger than one transaction may be. */
  function takeGroup() {
    const group: { submission: Submission; part: readonly Change[] }[] = [];
    let room = maxCommit;
    for (const submission of queue) {
      if (room === 0) break;
      const from = submission.outcomes.length;
      const part = submission.changes.slice(from, from + room);
      room -= part.length;
      group.push({ submission, part });
      if (from + part.length < submission.changes.length) break;
    }
    const whole = group.filter(
      ({ submission, part }) => submission.outcomes.length + part.length === submission.changes.length,
    );
    queue = queue.slice(whole.length);
    queued -= maxCommit - room;
    return group;
  }

  return {
    submit(changes) {
      if (changes.length === 0) return Promise.resolve([]);
      if (queued >= maxQueued)
        return Promise.reject(new Overloaded('Too many changes are waiting to be stored'));
      queued += changes.length;
      return new Promise((resolve, reject) => {
        queue.push({ changes, outcomes: [], resolve, reject });
        running ??= run();
      });
    },
    depth: () => queued,
    async drain() {
      while (running !== null) await running;
    },
  };
}
