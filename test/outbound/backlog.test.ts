import { expect, test } from 'bun:test';
import { createBacklogCount } from '../../src/outbound/backlog.ts';

/** A count that takes so many milliseconds; each answers one more than the one before. */
function counting(takesMs: number) {
  const clock = { now: 0 };
  let n = 0;
  const read = createBacklogCount(
    async () => {
      clock.now += takesMs;
      return { pending: ++n, parked: 0, oldestAt: null };
    },
    () => clock.now,
  );
  return { clock, pending: async () => (await read()).pending };
}

test('what is counted quickly is counted each time', async () => {
  const { pending } = counting(2);
  expect([await pending(), await pending(), await pending()]).toEqual([1, 2, 3]);
});

test('what takes long takes a twentieth of the time at most', async () => {
  const { clock, pending } = counting(800);
  expect([await pending(), await pending()]).toEqual([1, 1]);
  clock.now += 15_999;
  expect(await pending()).toBe(1);
  clock.now += 1;
  expect(await pending()).toBe(2);
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
