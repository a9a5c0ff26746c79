/** A stream of pseudo-random draws: the same seeds give the same stream on every machine. */
export interface Random {
  /** Evenly distributed in [0, 1), in steps of 2⁻³². */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the values of a table of weights. */
  weighted<T>(table: readonly (readonly [value: T, weight: number])[]): T;
  /** Skewed to the right, as sizes of companies and teams are: half of the draws lie below the median. */
  logNormal(median: number, sigma: number): number;
  /** Waiting times: many short ones, a few long ones. */
  exponential(mean: number): number;
  /** So many hexadecimal digits. */
  hex(digits: number): string;
}

/**
 * Chris Doty-Humphrey's sfc32 ("small fast counting"): 128 bits of state, passes PractRand. Seeded with up to three
 * numbers, so that every user has a stream of their own and can be made without making those before.
 */
export function random(seed: number, index = 0, purpose = 0): Random {
  let a = seed | 0;
  let b = index | 0;
  let c = purpose | 0;
  let counter = 1;

  function bits(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  // The author's number of rounds after which the seeds are mixed into the whole state.
  for (let round = 0; round < 12; round++) bits();

  const next = () => bits() / 2 ** 32;
  const self: Random = {
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)] as (typeof list)[number],
    weighted(table) {
      let left = next() * table.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of table) {
        left -= weight;
        if (left < 0) return value;
      }
      return (table.at(-1) as (typeof table)[number])[0];
    },
    logNormal(median, sigma) {
      // Box and Muller's transform; 1 - u keeps the logarithm away from zero.
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(sigma * normal);
    },
    exponential: (mean) => -mean * Math.log(1 - next()),
    hex(digits) {
      let text = '';
      while (text.length < digits) text += bits().toString(16).padStart(8, '0');
      return text.slice(0, digits);
    },
  };
  return self;
}
