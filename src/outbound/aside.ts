/** After so many failures in a row of one id alone, it is not Segment that is out of order. */
const TRIES = 3;
/** For how long an id is left out, milliseconds. */
const ASIDE_MS = 600_000;
/** When Segment is out of order after all, no more than these wait longer than the others. */
const MOST = 10;

/** Ids Segment answers with 5xx again and again, which are left out for a while, so that the others go on. */
export function createAside(now: () => number) {
  const since = new Map<string, number>();
  let last = { id: '', failures: 0 };

  /** Milliseconds an id has still to wait; a clock that is set back ends the wait. */
  function rest(at: number): number {
    const passed = now() - at;
    return passed < 0 ? 0 : Math.max(0, ASIDE_MS - passed);
  }
  function ids(): string[] {
    for (const [id, at] of since) if (rest(at) === 0) since.delete(id);
    return [...since.keys()];
  }

  return {
    /** Those to be left out now. */
    ids,

    /** Takes note of a call about this id alone that failed; answers whether it is left out from now on. */
    failed(id: string): boolean {
      last = { id, failures: last.id === id ? last.failures + 1 : 1 };
      if (last.failures < TRIES) return false;
      last = { id: '', failures: 0 };
      since.set(id, now());
      const [first] = since.keys();
      if (since.size > MOST && first !== undefined) since.delete(first);
      return true;
    },

    /** After how many milliseconds one of them may be tried again; null where none is left out. */
    waitMs: (): number | null => (since.size === 0 ? null : Math.min(...[...since.values()].map(rest))),

    clear: () => since.clear(),
  };
}
