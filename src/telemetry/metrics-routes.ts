import { createHash, timingSafeEqual } from 'node:crypto';
import { Elysia } from 'elysia';
import { expose, type Family } from './exposition.ts';

export interface MetricsRouteDeps {
  /** Every metric as it is now. */
  read(): Promise<Family[]>;
  /** A scraper has to send it as Bearer token; undefined lets everybody in. */
  token: string | undefined;
}

/** GET /metrics for Prometheus. Not part of the documented API, whose answers are JSON. */
export const metricsRoutes = ({ read, token }: MetricsRouteDeps) =>
  new Elysia({ name: 'metrics' }).get(
    '/metrics',
    async ({ request }) => {
      if (token !== undefined && !carries(request, token)) {
        return new Response('Send the METRICS_TOKEN: Authorization: Bearer …\n', {
          status: 401,
          headers: { 'www-authenticate': 'Bearer' },
        });
      }
      const { contentType, text } = await expose(await read());
      return new Response(text, { headers: { 'content-type': contentType } });
    },
    { detail: { hide: true } },
  );

function carries(request: Request, token: string): boolean {
  const given = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  return given !== undefined && timingSafeEqual(hash(given), hash(token));
}
const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
