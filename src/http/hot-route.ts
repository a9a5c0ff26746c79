import { deliver, type InboundRouteDeps } from '../inbound/routes.ts';
import { mapError } from './error-map.ts';
import type { AnswerHeaders, RequestTrail } from './request-trail.ts';
import { SECURITY_HEADERS } from './security.ts';

const PATH = '/api/integrations/segment/webhook';

/**
 * The webhook once more, as a route of the server itself: what the framework does around it costs as much as all the
 * work of the webhook but storing. The app has it as well, for the docs and for addresses written in another way.
 */
export function hotRoute(deps: InboundRouteDeps, trail: RequestTrail) {
  async function handle(request: Request): Promise<Response> {
    const headers: AnswerHeaders & Record<string, string> = { ...SECURITY_HEADERS };
    trail.begin(request, headers);
    try {
      const { status, body, retryAfter } = await deliver(request, headers['x-request-id'], deps);
      if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
      return Response.json(body, { status, headers });
    } catch (error) {
      const { status, body, cause, headers: more } = mapError('UNKNOWN', error, request.url);
      trail.failed(request, headers, PATH, status, body.error.code, cause);
      return Response.json(body, { status, headers: { ...headers, ...more } });
    }
  }
  return { [PATH]: { POST: handle, PUT: handle, PATCH: handle } };
}
