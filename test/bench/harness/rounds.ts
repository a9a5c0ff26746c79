/** Repetitions that count, unless a scenario says otherwise. */
export const ROUNDS = 5;

/**
 * Lets contestants take turns, so that all have the same luck with the machine; every other round the other way round,
 * so that none profits from its place. The first round warms up and does not count.
 */
export async function takeTurns<Name extends string, T>(
  names: readonly Name[],
  measure: (name: Name) => Promise<T>,
  progress: (text: string) => void,
  rounds = ROUNDS,
): Promise<Record<Name, T>[]> {
  const results: Record<Name, T>[] = [];
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    const result = {} as Record<Name, T>;
    for (const name of round % 2 === 0 ? names : names.toReversed()) result[name] = await measure(name);
    if (round > 0) results.push(result);
  }
  return results;
}
