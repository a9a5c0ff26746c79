/** Repetitions that count. */
export const ROUNDS = 5;

/**
 * Lets contestants take turns, so that all have the same luck with the machine; every other round the other way round,
 * so that none profits from its place. A round before them warms up and does not count.
 */
export async function takeTurns<Name extends string, T>(
  names: readonly Name[],
  measure: (name: Name) => Promise<T>,
  progress: (text: string) => void,
  { warmUp = true } = {},
): Promise<Record<Name, T>[]> {
  const results: Record<Name, T>[] = [];
  for (let round = warmUp ? 0 : 1; round <= ROUNDS; round++) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`);
    const result = {} as Record<Name, T>;
    for (const name of round % 2 === 0 ? names : names.toReversed()) result[name] = await measure(name);
    if (round > 0) results.push(result);
  }
  return results;
}
