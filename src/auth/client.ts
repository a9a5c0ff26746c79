import { isIP } from 'node:net';

/** From where a request came. */
export interface Client {
  /** Null where nobody can tell. */
  ip: string | null;
  /** Whether the browser spoke TLS to the first proxy we trust. */
  https: boolean;
}

/**
 * Finds the client behind `hops` proxies of ours. Each of them appends to its headers, so only that many entries from
 * the right count: what stands further left is whatever the client wrote.
 */
export function clientOf(headers: Headers, peer: string | null, hops: number): Client {
  const address = fromRight(headers.get('x-forwarded-for'), hops);
  return {
    ip: plain(address) ?? plain(peer),
    https: fromRight(headers.get('x-forwarded-proto'), hops)?.toLowerCase() === 'https',
  };
}

function fromRight(list: string | null, hops: number): string | null {
  if (list === null || hops === 0) return null;
  const entries = list.split(',');
  return entries[Math.max(0, entries.length - hops)]?.trim() ?? null;
}

/** Without a port, and an IPv4 address as such. */
function plain(address: string | null): string | null {
  if (address === null) return null;
  const bare = /^\[(.+)\](:\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
  const ip = bare.replace(/^::ffff:(?=[\d.]+$)/i, '');
  return isIP(ip) === 0 ? null : ip;
}

/** By what requests are counted: the address, or the network of an IPv6 one, of which a client has plenty. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head.split(':').filter((group) => group !== '');
  // Where the gap begins within the first four groups, zeros stand there.
  if (tail !== undefined) while (groups.length < 4) groups.push('0');
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
