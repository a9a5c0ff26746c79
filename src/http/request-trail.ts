import { Elysia } from 'elysia';
import { createRequestIds } from '../telemetry/request-id.ts';
import type { RequestLog } from '../telemetry/request-log.ts';
import { asksForApi } from './security.ts';

/** Headers of an answer under way; the id of the request is kept nowhere else. */
export interface AnswerHeaders {
  'x-request-id'?: string;
}

export type RequestTrail = ReturnType<typeof createRequestTrail>;

/** Gives every request an id, returned with its answer, and says in the log what became of those to the API. */
export function createRequestTrail(log: RequestLog) {
  const idOf = createRequestIds();
  const startedAt = new WeakMap<Request, number>();

  /** `route` is the pattern that matched, if one did. */
  function describe(request: Request, headers: AnswerHeaders, route: string | undefined, status: number) {
    const started = startedAt.get(request);
    return {
      requestId: headers['x-request-id'],
      method: request.method,
      route: route || null,
      status,
      ...(started === undefined ? {} : { ms: Math.round((performance.now() - started) * 1000) / 1000 }),
    };
  }

  // Nobody pays for this hook where nobody reads its lines.
  const served = new Elysia({ name: 'served' });
  if (log.detailed) {
    served.onAfterResponse({ as: 'global' }, ({ request, set, route, responseValue }) => {
      const status = responseValue instanceof Response ? responseValue.status : Number(set.status ?? 200);
      if (status < 400 || !asksForApi(request)) log.served(describe(request, set.headers, route, status));
    });
  }

  return {
    served,
    begin(request: Request, headers: AnswerHeaders) {
      headers['x-request-id'] = idOf(request.headers.get('x-request-id'));
      if (log.detailed) startedAt.set(request, performance.now());
    },
    failed(
      request: Request,
      headers: AnswerHeaders,
      route: string | undefined,
      status: number,
      code: string,
      cause: unknown,
    ) {
      const line = describe(request, headers, route, status);
      if (cause !== undefined) log.broke(line, cause);
      // What is not there can be asked for by anybody, as often as they like.
      else if (asksForApi(request)) log.failed(line, code);
    },
  };
}
