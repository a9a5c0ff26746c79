/** By which addresses a browser may have come to us. */
export interface OwnAddress {
  /** As configured. */
  publicUrl: string | null;
  /** Whether it is known that the browser spoke TLS. */
  https: boolean;
}

/**
 * Whether the browser sent this from a page of our own. Fails closed: a browser says where a request that changes
 * something comes from (Origin); Sec-Fetch-Site, which pages can't set, must not contradict it.
 */
export function isOwnOrigin(headers: Headers, own: OwnAddress): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  if (origin === null) return site === 'same-origin';
  return ownOrigins(headers.get('host'), own).includes(origin);
}

/** The origin our pages have for this browser: where it was sent from, if that is ours. */
export function ownOrigins(host: string | null, { publicUrl, https }: OwnAddress): string[] {
  const configured = publicUrl === null ? [] : [new URL(publicUrl).origin];
  if (host === null || !/^[\w.:[\]-]+$/.test(host)) return configured;
  // Where TLS is in use, a page without it is not ours: whoever is on the line could have written it.
  const secure = https || configured.includes(`https://${host}`);
  return [...configured, `https://${host}`, ...(secure ? [] : [`http://${host}`])];
}
