import { Elysia } from 'elysia';
import { BodyError, readBody } from '../http/body.ts';
import { WebhookAnswer, WebhookBody } from './model.ts';
import { type Answer, type InboundDeps, receive, refuse } from './service.ts';

export interface InboundRouteDeps extends InboundDeps {
  maxBodyBytes: number;
}

/** The webhook: raw bytes in, so that the signature covers exactly what came. Public; the signature is its authentication. */
export function inboundRoutes(deps: InboundRouteDeps) {
  async function handle({ request }: { request: Request }): Promise<Response> {
    return respond(await take(request, deps));
  }
  const detail = {
    tags: ['Webhook'],
    summary: 'Receive events from Segment',
    description:
      'Takes one event, or a batch as a JSON array, signed with `X-Signature`: the HMAC-SHA1 of the raw body under the shared secret, as hex or base64. Every answer says its `reason`. Segment retries on 503 and drops the event on 4xx.',
    security: [],
    requestBody: WebhookBody,
    responses: WebhookAnswer,
  };
  const options = { parse: 'none' as const, detail };
  return new Elysia({ name: 'inbound' })
    .post('/api/integrations/segment/webhook', handle, options)
    .put('/api/integrations/segment/webhook', handle, options)
    .patch('/api/integrations/segment/webhook', handle, options);
}

async function take(request: Request, deps: InboundRouteDeps): Promise<Answer> {
  try {
    const body = await readBody(request, deps.maxBodyBytes);
    return await receive(deps, body, request.headers.get('x-signature'));
  } catch (error) {
    if (error instanceof BodyError) return refuse(error.problem);
    throw error;
  }
}

function respond({ status, body, retryAfter }: Answer): Response {
  const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
  return Response.json(body, { status, headers });
}
