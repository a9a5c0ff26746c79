import { RateLimited } from '../errors.ts';

/** Hashes and checks passwords, as the sign-in library does. */
export interface Passwords {
  hash(password: string): Promise<string>;
  verify(given: { hash: string; password: string }): Promise<boolean>;
}

/** So many wait for their turn at most, some two seconds of work; whoever comes then is asked to come back. */
export const MOST_WAITING = 20;
const SECONDS = 2;

/**
 * One password after the other: each keeps a thread of the runtime busy for a tenth of a second, there are few of
 * them, and they bring commits to the disk as well. With eight at once webhooks would wait for 160 ms.
 */
export function createPasswords(library: () => Promise<Passwords> = load): Passwords {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: (library: Passwords) => Promise<T>): Promise<T> {
    if (waiting === MOST_WAITING) return Promise.reject(new RateLimited(SECONDS));
    waiting++;
    const turn = last.then(async () => work(await library()));
    const ended = () => {
      waiting--;
    };
    last = turn.then(ended, ended);
    return turn;
  }

  return {
    hash: (password) => inTurn((passwords) => passwords.hash(password)),
    verify: (given) => inTurn((passwords) => passwords.verify(given)),
  };
}

/** The library takes long to load: not before somebody needs it. */
async function load(): Promise<Passwords> {
  const { hashPassword, verifyPassword } = await import('better-auth/crypto');
  return { hash: hashPassword, verify: verifyPassword };
}
