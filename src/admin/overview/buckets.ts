const HOUR = 3_600_000;

/** What each range shows: how far back, how the service sums it up, and what one bar stands for. */
export const RANGES = {
  '24h': { hours: 24, step: 'hour', bar: HOUR },
  '7d': { hours: 168, step: 'hour', bar: 6 * HOUR },
  '30d': { hours: 720, step: 'day', bar: 24 * HOUR },
} as const;
export type Range = keyof typeof RANGES;
export const isRange = (text: string): text is Range => Object.hasOwn(RANGES, text);

export interface Bar<Kind extends string> {
  /** Its beginning, Unix milliseconds. */
  at: number;
  counts: Record<Kind, number>;
}

/** A bar for every span of time, empty ones included; the first is the one in which the range begins. */
export function toBars<Kind extends string>(
  steps: readonly { at: string; counts: Readonly<Record<string, number>> }[],
  kinds: readonly Kind[],
  kindOf: (reason: string) => Kind | null,
  { hours, bar }: { hours: number; bar: number },
  now: number,
): Bar<Kind>[] {
  const startOf = (at: number) => at - (at % bar);
  const nothing = () => Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  const bars = new Map<number, Bar<Kind>>();
  for (let at = startOf(now - hours * HOUR); at <= now; at += bar) bars.set(at, { at, counts: nothing() });
  for (const { at, counts } of steps) {
    const into = bars.get(startOf(Date.parse(at)));
    for (const [reason, n] of Object.entries(counts)) {
      const kind = kindOf(reason);
      if (into !== undefined && kind !== null) into.counts[kind] += n;
    }
  }
  return [...bars.values()];
}
