import { expect, test } from 'bun:test';
import { createBacklogCount } from '../../src/outbound/backlog.ts';

/** A count that takes 800 ms; each finds one more than the one before. */
function counting(from: number, parked = 0) {
  const clock = { now: 0 };
  let pending = from;
  const read = createBacklogCount(
    async () => {
      clock.now += 800;
      return { pending: ++pending, parked, oldestAt: null };
    },
    () => clock.now,
  );
  return { clock, found: async () => (await read()).pending - from };
}

test('few are counted each time, however long that takes', async () => {
  const { found } = counting(0);
  expect([await found(), await found(), await found()]).toEqual([1, 2, 3]);
});

test.each([
  ['pending', 1_000_000, 0],
  ['parked', 0, 1_000_000],
])('many %s are counted in a twentieth of the time at most', async (_what, pending, parked) => {
  const { clock, found } = counting(pending, parked);
  expect([await found(), await found()]).toEqual([1, 1]);
  clock.now += 15_999;
  expect(await found()).toBe(1);
  clock.now += 1;
  expect(await found()).toBe(2);
});

test('a count that fails is not answered again', async () => {
  let fails = true;
  const read = createBacklogCount(
    async () => {
      if (fails) throw new Error('locked');
      return { pending: 1, parked: 0, oldestAt: null };
    },
    () => 0,
  );
  await expect(read()).rejects.toThrow('locked');
  fails = false;
  expect((await read()).pending).toBe(1);
});
