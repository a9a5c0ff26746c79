/** An answer over HTTP, or why there is none. */
export type Asked =
  | { status: number; location: string | null; body: unknown; failure: null }
  | { status: null; failure: string };

/** Longest wait for our own service, milliseconds. */
const TIMEOUT_MS = 5000;

/** Asks the service, directly or through what is in front of it. Never throws; a body that is no JSON is null. */
export async function ask(url: string, headers: Record<string, string> = {}): Promise<Asked> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    const { status } = response;
    const body = await response.json().catch(() => null);
    return { status, location: response.headers.get('location'), body, failure: null };
  } catch (error) {
    const { name, code } = error as { name?: string; code?: unknown };
    const failure = name === 'TimeoutError' ? 'timeout' : typeof code === 'string' ? code : 'network error';
    return { status: null, failure };
  }
}

/** Where a service that listens on HOST and PORT can be asked from the same machine. */
export function ownAddress({ HOST, PORT }: { HOST: string; PORT: number }): string {
  if (HOST === '0.0.0.0') return `http://127.0.0.1:${PORT}`;
  if (HOST === '::') return `http://[::1]:${PORT}`;
  return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
}
