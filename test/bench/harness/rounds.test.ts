import { expect, test } from 'bun:test';
import { ROUNDS, takeTurns } from './rounds.ts';

test.each([
  [true, ROUNDS + 1],
  [false, ROUNDS],
])('everybody has a turn in each round, in alternating order; warming up: %p', async (warmUp, times) => {
  const order: string[] = [];
  const measure = async (name: 'a' | 'b') => order.push(name);
  const rounds = await takeTurns(['a', 'b'], measure, () => {}, { warmUp });
  expect(order).toHaveLength(2 * times);
  expect(order.join('')).toMatch(/^(ab)?(baab)+(ba)?$/);
  expect(rounds).toHaveLength(ROUNDS);
  // The turns of a round are told apart, and those before the first that counts are gone.
  expect(Math.min(...rounds.flatMap(({ a, b }) => [a, b]))).toBe(warmUp ? 3 : 1);
});
