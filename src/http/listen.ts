import type { AnyElysia } from 'elysia';
import { OperatorError } from '../errors.ts';

/** Makes an app listen and answers its address, without a slash at the end; 0 picks a free port. */
export function listen(
  app: AnyElysia,
  host: string,
  port: number,
  variable: 'PORT' | 'METRICS_PORT',
): string {
  try {
    // Bodies are limited where they are read, with an answer in JSON; the server itself would only cut the connection.
    app.listen({
      hostname: host,
      port,
      // The framework would share the port with whoever else listens there, each with a part of the requests.
      reusePort: false,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      idleTimeout: 30,
    });
  } catch (cause) {
    throw new OperatorError(
      `Can't listen on ${host}:${port}: ${(cause as Error).message}`,
      `Choose another HOST or ${variable}, or stop what is listening there`,
      { cause },
    );
  }
  return addressOf(host, app.server?.port ?? port);
}

export const addressOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
