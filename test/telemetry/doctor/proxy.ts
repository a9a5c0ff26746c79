import { CERTIFICATE, CERTIFICATE_KEY } from '../../helpers/certificate.ts';

/** What a proxy does besides passing requests on. */
export interface ProxyHabits {
  tls?: boolean;
  /** Headers to add to requests, null to remove them. */
  headers?: Record<string, string | null>;
  /** The path it passes on what is below of, and takes away. */
  below?: string;
  /** Answers in place of the service. */
  answer?: () => Response;
}
export interface FrontProxy {
  url: string;
  stop(): Promise<void>;
}

/** A reverse proxy in front of the service, with habits good or bad. */
export function startProxy(
  target: string,
  { tls = false, headers = {}, below = '', answer }: ProxyHabits = {},
): FrontProxy {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    ...(tls ? { tls: { key: CERTIFICATE_KEY, cert: CERTIFICATE } } : {}),
    async fetch(request) {
      if (answer !== undefined) return answer();
      const { pathname, search } = new URL(request.url);
      if (!pathname.startsWith(`${below}/`)) return new Response('Nothing here', { status: 404 });
      const passed = new Headers(request.headers);
      for (const [name, value] of Object.entries(headers)) {
        if (value === null) passed.delete(name);
        else passed.set(name, value);
      }
      return fetch(`${target}${pathname.slice(below.length)}${search}`, {
        method: request.method,
        headers: passed,
      });
    },
  });
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${server.port}${below}`,
    stop: () => server.stop(true),
  };
}
