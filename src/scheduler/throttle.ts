/**
 * Calls at once, and from then on at most every so many milliseconds of real time: once for all that was asked for
 * meanwhile, so that nothing is forgotten.
 */
export function throttled(call: () => void, everyMs: number): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let waiting = false;
  const now = () => {
    waiting = false;
    last = performance.now();
    call();
  };
  return () => {
    if (waiting) return;
    const early = last + everyMs - performance.now();
    if (early <= 0) return now();
    waiting = true;
    setTimeout(now, Math.ceil(early));
  };
}
