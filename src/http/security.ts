/**
 * Whether the address is under /api/v1, known route or not: good for the log. It is no protection, because the server's
 * router and a URL parser can read one address differently ("/#/../api/v1/users").
 */
export function asksForApi({ url }: Request): boolean {
  const base = 'http://localhost';
  return URL.canParse(url, base) && /^\/+api\/v1(\/|$)/.test(new URL(url, base).pathname);
}

/** Headers for every answer that may end in a browser; what is the same for everybody says how long it may be kept. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
