import { randomBytes } from 'node:crypto';

/** Short enough for a log line, and nothing in it that could break out of one. */
const TOKEN = /^[\w.-]{1,64}$/;

/**
 * Gives each request an id: the one its sender gave it (`X-Request-Id`) where that is a short token, else one made from
 * a random beginning and a number, which costs next to nothing.
 */
export function createRequestIds(): (given: string | null) => string {
  const start = randomBytes(6).toString('base64url');
  let made = 0;
  return (given) => (given !== null && TOKEN.test(given) ? given : `${start}.${(++made).toString(36)}`);
}
