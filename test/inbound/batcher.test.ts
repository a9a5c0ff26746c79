import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createBatcher, Overloaded, UNDER_WAY } from '../../src/inbound/batcher.ts';
import type { Change, Outcome } from '../../src/users/change.ts';
import { turnOfTheLoop } from '../helpers/service.ts';

const change = (id: number): Change => ({ kind: 'evaluate', target: { id }, cause: 'api' });
const idOf = (one: Change) => (one.target as { id: number }).id;
const outcome = (userId: number): Outcome => ({ reason: 'unchanged', userId, flips: 0 });
/** Changes from one number up to and with another. */
const changes = (from: number, to = from): Change[] =>
  Array.from({ length: to - from + 1 }, (_, i) => change(from + i));
const outcomes = (from: number, to = from): Outcome[] => changes(from, to).map((one) => outcome(idOf(one)));

/** A batcher whose commits stay open until the test ends them. */
function start({ maxCommit = 5, maxQueued = 20 } = {}) {
  const commits: { ids: number[]; succeed(): void; fail(error: Error): void }[] = [];
  let waiting: (() => void)[] = [];
  const batcher = createBatcher({
    maxCommit,
    maxQueued,
    commit: (group) =>
      new Promise((resolve, reject) => {
        const ids = group.map(idOf);
        commits.push({ ids, succeed: () => resolve(ids.map(outcome)), fail: reject });
        for (const wake of waiting) wake();
        waiting = [];
      }),
  });
  return {
    ...batcher,
    /** Resolves with a commit once it is under way. */
    async commit(n: number) {
      while (commits[n] === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      return commits[n];
    },
    /** What each commit so far holds. */
    groups: () => commits.map(({ ids }) => ids),
  };
}

describe('group commit', () => {
  test('everything submitted in one turn of the loop shares one commit, in order', async () => {
    const b = start();
    const answers = [b.submit(changes(1, 2)), b.submit(changes(3)), b.submit(changes(4, 5))];
    expect(b.depth()).toBe(5);
    expect(b.groups()).toEqual([]);
    (await b.commit(0)).succeed();
    expect(await Promise.all(answers)).toEqual([outcomes(1, 2), outcomes(3), outcomes(4, 5)]);
    await b.drain();
    expect(b.groups()).toEqual([[1, 2, 3, 4, 5]]);
    expect(b.depth()).toBe(0);
  });

  test('what comes while no more commits can be under way gathers for the next', async () => {
    const b = start();
    const answers: Promise<Outcome[]>[] = [];
    const ids = Array.from({ length: UNDER_WAY }, (_, n) => n + 1);
    for (const id of ids) {
      answers.push(b.submit(changes(id)));
      await b.commit(id - 1);
    }
    answers.push(b.submit(changes(UNDER_WAY + 1)));
    await turnOfTheLoop();
    answers.push(b.submit(changes(UNDER_WAY + 2)));
    await turnOfTheLoop();
    expect(b.groups()).toEqual(ids.map((id) => [id]));
    expect(b.depth()).toBe(2);
    (await b.commit(0)).succeed();
    expect(await answers[0]).toEqual(outcomes(1));
    (await b.commit(UNDER_WAY)).succeed();
    for (const n of ids.slice(1)) (await b.commit(n - 1)).succeed();
    expect((await Promise.all(answers)).flat()).toEqual(outcomes(1, UNDER_WAY + 2));
    expect(b.groups()).toEqual([...ids.map((id) => [id]), [UNDER_WAY + 1, UNDER_WAY + 2]]);
  });

  test('a submission in two commits is answered when both are durable, whichever is first', async () => {
    const b = start();
    let answered = false;
    const answer = b.submit(changes(1, 7)).finally(() => {
      answered = true;
    });
    const first = await b.commit(0);
    (await b.commit(1)).succeed();
    await turnOfTheLoop();
    expect(answered).toBe(false);
    first.succeed();
    expect(await answer).toEqual(outcomes(1, 7));
  });

  test('a submission is answered only after the commit', async () => {
    const b = start();
    let answered = false;
    const answer = b.submit(changes(1)).then(() => {
      answered = true;
    });
    const commit = await b.commit(0);
    await turnOfTheLoop();
    expect(answered).toBe(false);
    commit.succeed();
    await answer;
  });

  test('a large submission takes as many commits as it needs, and others share the last', async () => {
    const b = start();
    const answers = [
      b.submit(changes(1, 2)),
      b.submit(changes(3, 14)),
      b.submit(changes(15)),
      b.submit(changes(16)),
    ];
    for (const n of [0, 1, 2, 3]) (await b.commit(n)).succeed();
    expect(await Promise.all(answers)).toEqual([outcomes(1, 2), outcomes(3, 14), outcomes(15), outcomes(16)]);
    expect(b.groups()).toEqual([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15], [16]]);
  });

  test('nothing to store needs no commit', async () => {
    const b = start({ maxQueued: 0 });
    expect(await b.submit([])).toEqual([]);
    await b.drain();
    expect(b.groups()).toEqual([]);
  });
});

describe('the bound of the queue', () => {
  test('a submission is refused while too many changes wait, and not counted', async () => {
    const b = start({ maxQueued: 3 });
    const accepted = [b.submit(changes(1)), b.submit(changes(2, 3))];
    await expect(b.submit(changes(4))).rejects.toBeInstanceOf(Overloaded);
    expect(b.depth()).toBe(3);
    // Those in a commit wait no more.
    const commit = await b.commit(0);
    expect(b.depth()).toBe(0);
    accepted.push(b.submit(changes(5)));
    commit.succeed();
    (await b.commit(1)).succeed();
    expect(await Promise.all(accepted)).toEqual([outcomes(1), outcomes(2, 3), outcomes(5)]);
    expect(b.groups()).toEqual([[1, 2, 3], [5]]);
  });

  test('one submission may be larger than what is left', async () => {
    const b = start({ maxQueued: 3 });
    const answer = b.submit(changes(1, 7));
    expect(b.depth()).toBe(7);
    await expect(b.submit(changes(8))).rejects.toBeInstanceOf(Overloaded);
    (await b.commit(0)).succeed();
    // Two of it are in the second commit; nothing waits.
    const second = await b.commit(1);
    expect(b.depth()).toBe(0);
    second.succeed();
    expect(await answer).toEqual(outcomes(1, 7));
  });
});

describe('a commit that fails', () => {
  const failure = new Error('the disk is full');

  test('rejects the submissions in it, and the queue goes on', async () => {
    const b = start();
    const failed = [b.submit(changes(1, 2)), b.submit(changes(3, 5))];
    const later = b.submit(changes(6));
    (await b.commit(0)).fail(failure);
    const rejected = { status: 'rejected', reason: failure };
    expect((await Promise.allSettled(failed)) as unknown[]).toEqual([rejected, rejected]);
    (await b.commit(1)).succeed();
    expect(await later).toEqual(outcomes(6));
    expect(await Promise.all([b.submit(changes(7)), b.commit(2).then((commit) => commit.succeed())])).toEqual(
      [outcomes(7), undefined],
    );
    expect(b.groups()).toEqual([[1, 2, 3, 4, 5], [6], [7]]);
  });

  test('rejects a submission that reaches beyond it as a whole, the rest is never tried', async () => {
    const b = start();
    const large = b.submit(changes(1, 12));
    const small = b.submit(changes(13));
    (await b.commit(0)).succeed();
    (await b.commit(1)).fail(failure);
    await expect(large).rejects.toBe(failure);
    const third = await b.commit(2);
    expect(b.depth()).toBe(0);
    third.succeed();
    expect(await small).toEqual(outcomes(13));
    expect(b.groups()).toEqual([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [13]]);
  });

  test('by throwing at once is no different', async () => {
    const batcher = createBatcher({
      maxCommit: 5,
      maxQueued: 20,
      commit: () => {
        throw failure;
      },
    });
    await expect(batcher.submit(changes(1))).rejects.toBe(failure);
    await expect(batcher.submit(changes(2))).rejects.toBe(failure);
    await batcher.drain();
    expect(batcher.depth()).toBe(0);
  });
});

describe('draining', () => {
  test('is over at once where nothing waits', async () => {
    await start().drain();
  });

  test('waits for all that is queued, what came meanwhile included, failures too', async () => {
    const b = start();
    const first = b.submit(changes(1));
    let drained = false;
    const drain = b.drain().then(() => {
      drained = true;
    });
    const commit = await b.commit(0);
    const second = b.submit(changes(2));
    commit.fail(new Error('no'));
    await expect(first).rejects.toThrow('no');
    const last = await b.commit(1);
    await turnOfTheLoop();
    expect(drained).toBe(false);
    last.succeed();
    expect(await second).toEqual(outcomes(2));
    await drain;
    expect(b.depth()).toBe(0);
  });
});

test('any submissions, any failures: each gets its own outcomes or the error of its commit, in order', async () => {
  const submission = fc.record({
    size: fc.integer({ min: 0, max: 12 }),
    /** Turns of the event loop before it. */
    after: fc.nat(2),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(submission, { maxLength: 20 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      async (submissions, failing) => {
        const commits: { ids: number[]; error: Error | null }[] = [];
        const batcher = createBatcher({
          maxCommit: 4,
          maxQueued: 1000,
          async commit(group) {
            const error = failing[commits.length] === true ? new Error(`commit ${commits.length}`) : null;
            commits.push({ ids: group.map(idOf), error });
            await turnOfTheLoop();
            if (error !== null) throw error;
            return group.map((one) => outcome(idOf(one)));
          },
        });
        let next = 1;
        const answers: { ids: number[]; answer: Promise<Outcome[] | Error> }[] = [];
        for (const { size, after } of submissions) {
          for (let turn = 0; turn < after; turn++) await turnOfTheLoop();
          const own = changes(next, next + size - 1);
          next += size;
          answers.push({ ids: own.map(idOf), answer: batcher.submit(own).catch((error: Error) => error) });
        }
        await batcher.drain();
        expect(batcher.depth()).toBe(0);

        const committed = commits.flatMap(({ ids }) => ids);
        expect(committed).toEqual(committed.toSorted((a, b) => a - b));
        expect(new Set(committed).size).toBe(committed.length);
        for (const { ids } of commits) expect(ids.length).toBeWithin(1, 5);
        for (const { ids, answer } of answers) {
          const failed = commits.find((one) => one.error !== null && ids.some((id) => one.ids.includes(id)));
          expect(await answer).toEqual(failed?.error ?? ids.map(outcome));
          if (failed === undefined) for (const id of ids) expect(committed).toContain(id);
        }
      },
    ),
    { numRuns: 200 },
  );
});
