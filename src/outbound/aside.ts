/** After so many failures in a row at one id alone, others have their turn first. */
const TRIES = 3;
/** Ids set aside at once: Segment is out of order when there would be more. */
const MOST = 10;

interface Entry {
  failures: number;
  /** Since when to wait, and how long. A clock that is set back to before that ends the wait. */
  since: number;
  ms: number;
}

/**
 * Ids Segment answers with 5xx again and again. They come last, each after a wait of its own, so that the others go on;
 * where nobody else has anything to hear, that is no later than usual. `waitAfter` answers milliseconds.
 */
export function createAside(now: () => number, waitAfter: (failures: number) => number) {
  const entries = new Map<string, Entry>();
  let last = { id: '', failures: 0 };

  function rest({ since, ms }: Entry): number {
    const passed = now() - since;
    return passed < 0 ? 0 : Math.max(0, ms - passed);
  }

  return {
    /** All of them. */
    ids: (): string[] => [...entries.keys()],
    /** Those whose wait is not over. */
    waiting: (): string[] => [...entries].filter(([, entry]) => rest(entry) > 0).map(([id]) => id),
    has: (id: string): boolean => entries.has(id),

    /** Milliseconds until the first may be tried again; null where there is none. */
    waitMs: (): number | null => (entries.size === 0 ? null : Math.min(...[...entries.values()].map(rest))),

    /** Takes note of a failure at this id alone; answers whether it is set aside for that. */
    failed(id: string): boolean {
      const before = entries.get(id)?.failures ?? (last.id === id ? last.failures : 0);
      const failures = before + 1;
      last = { id, failures };
      if (failures < TRIES) return false;
      const isNew = entries.delete(id) === false;
      entries.set(id, { failures, since: now(), ms: waitAfter(failures) });
      const [first] = entries.keys();
      if (entries.size > MOST && first !== undefined) entries.delete(first);
      return isNew;
    },

    /** Segment has taken what there was to tell, or there is nothing any more. */
    forget(ids: readonly string[]) {
      for (const id of ids) entries.delete(id);
    },
    clear: () => entries.clear(),
  };
}
