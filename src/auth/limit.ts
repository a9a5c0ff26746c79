import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import { RateLimited } from '../errors.ts';

/** Counts requests by a key (who asks). */
export interface Limit {
  /** Counts one more; answers after how many seconds there is room again, 0 where there is. */
  take(key: string): Promise<number>;
}

/** `points` requests in `seconds`; 0 points: as many as they like. */
export function createLimit(points: number, seconds: number): Limit {
  if (points === 0) return { take: async () => 0 };
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    async take(key) {
      try {
        await limiter.consume(key);
        return 0;
      } catch (refused) {
        if (refused instanceof Error) throw refused;
        const { msBeforeNext } = refused as { msBeforeNext: number };
        return Math.max(1, Math.ceil(msBeforeNext / 1000));
      }
    },
  };
}

/** Refuses a request beyond a limit. */
export async function requireRoom(limit: Limit, key: string): Promise<void> {
  const seconds = await limit.take(key);
  if (seconds > 0) throw new RateLimited(seconds);
}
