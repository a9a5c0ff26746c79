/** Limits a rate: holds at most one second's worth, refilled evenly. */
export interface TokenBucket {
  /** How many of `wanted` may pass at `now` (Unix milliseconds); they are taken. */
  take(wanted: number, perSecond: number | null, now: number): number;
  /** Gives back what was taken but not used. */
  giveBack(unused: number): void;
}

export function createTokenBucket(): TokenBucket {
  let tokens = Number.POSITIVE_INFINITY;
  let refilledAt = Number.NEGATIVE_INFINITY;
  return {
    take(wanted, perSecond, now) {
      if (perSecond === null) return wanted;
      const earned = Math.max(0, now - refilledAt) * (perSecond / 1000);
      tokens = Math.min(perSecond, tokens + earned);
      refilledAt = now;
      const taken = Math.min(wanted, Math.floor(tokens));
      tokens -= taken;
      return taken;
    },
    giveBack(unused) {
      tokens += unused;
    },
  };
}
