import { setTimeout as sleep } from 'node:timers/promises';
import { turnOfTheLoop } from '../scheduler/clock.ts';
import type { Change, Outcome, Writer } from '../users/change.ts';

/** The queue in front of the store is full; the sender is to come back later. */
export class Overloaded extends Error {
  override name = 'Overloaded';
}

export interface BatcherOptions {
  /** Commits changes in one transaction; called for the next while this one is still brought to the disk. */
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
  /** How many of the changes were given to a commit. */
  given: number;
  /** How many of them are not durable yet. */
  left: number;
  outcomes: Outcome[];
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

/** What of a submission is in one commit. */
interface Part {
  submission: Submission;
  from: number;
  part: readonly Change[];
}

/**
 * From one commit to the next, milliseconds of real time, unless enough changes wait by then. A commit costs as much as
 * several events, so at two thousand events a second four of them share it, who wait a millisecond for each other.
 */
const GATHER_MS = 2;
const ENOUGH = 8;
/** So many commits may be on their way to the disk while the next is made; what comes then gathers for a larger one. */
export const UNDER_WAY = 4;

/**
 * Group commit: everything submitted during one turn of the event loop, or shortly after the commit before, shares a
 * transaction, so that many requests pay for one disk flush. A submission is answered after its last change is durable.
 */
export function createBatcher({ commit, maxCommit, maxQueued }: BatcherOptions): Batcher {
  let queue: Submission[] = [];
  let queued = 0;
  let running: Promise<void> | null = null;
  let begunAt = Number.NEGATIVE_INFINITY;
  const underWay = new Set<Promise<unknown>>();
  const enough = Math.min(ENOUGH, maxCommit);

  async function run() {
    await gathered();
    while (queue.length > 0) {
      begunAt = performance.now();
      const ended: Promise<unknown> = commitGroup(takeGroup()).then(() => underWay.delete(ended));
      underWay.add(ended);
      if (underWay.size === UNDER_WAY) await Promise.race(underWay);
      await gathered();
    }
    running = null;
  }

  async function commitGroup(group: Part[]): Promise<void> {
    try {
      const outcomes = (await commit(group.flatMap(({ part }) => part))).values();
      for (const { submission, from, part } of group) {
        for (const i of part.keys()) submission.outcomes[from + i] = outcomes.next().value as Outcome;
        submission.left -= part.length;
        if (submission.left === 0) submission.resolve(submission.outcomes);
      }
    } catch (error) {
      const failed = new Set(group.map(({ submission }) => submission));
      queue = queue.filter((submission) => !failed.has(submission));
      for (const submission of failed) submission.reject(error);
      queued = queue.reduce((sum, { changes, given }) => sum + changes.length - given, 0);
    }
  }

  /** Lets what is on its way come in, a little longer where commits would follow each other too closely. */
  async function gathered() {
    await turnOfTheLoop();
    const early = begunAt + GATHER_MS - performance.now();
    if (early > 0 && queued > 0 && queued < enough) await sleep(early);
  }

  /** The next changes in order, split where a submission is larger than one transaction may be. */
  function takeGroup() {
    const group: Part[] = [];
    let room = maxCommit;
    for (const submission of queue) {
      if (room === 0) break;
      const from = submission.given;
      const part = submission.changes.slice(from, from + room);
      submission.given += part.length;
      room -= part.length;
      group.push({ submission, from, part });
    }
    queue = queue.filter(({ given, changes }) => given < changes.length);
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
        queue.push({ changes, given: 0, left: changes.length, outcomes: [], resolve, reject });
        running ??= run();
      });
    },
    depth: () => queued,
    async drain() {
      while (running !== null || underWay.size > 0) await (running ?? Promise.race(underWay));
    },
  };
}
