/** Counts by a label. Plain numbers: what records on the webhook's path must cost next to nothing. */
export interface Tally {
  add(label: string, count?: number): void;
  counts(): ReadonlyMap<string, number>;
}

/** How often values fell into each bucket; the last bucket has no upper bound. */
export interface Distribution {
  observe(value: number): void;
  /** Upper bounds with the number of values at or below each, Infinity last; and the sum of all values. */
  read(): { buckets: [bound: number, count: number][]; sum: number };
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add(label, count = 1) {
      counts.set(label, (counts.get(label) ?? 0) + count);
    },
    counts: () => counts,
  };
}

/** `bounds` in ascending order. */
export function createDistribution(bounds: readonly number[]): Distribution {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(value) {
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
      counts[bucket] = (counts[bucket] as number) + 1;
      sum += value;
    },
    read() {
      let below = 0;
      const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, i): [number, number] => {
        below += counts[i] ?? 0;
        return [bound, below];
      });
      return { buckets, sum };
    },
  };
}
