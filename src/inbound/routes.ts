import { Elysia } from 'elysia';
import type { Recorder } from '../activity/recorder.ts';
import { BodyError, readBody } from '../http/body.ts';
import type { AnswerHeaders } from '../http/request-trail.ts';
import type { RequestLog } from '../telemetry/request-log.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { describeDelivery } from './delivery.ts';
import { WebhookAnswer, WebhookBody } from './model.ts';
import type { SelfTest } from './self-test.ts';
import { type Answer, type InboundDeps, receive, refuse } from './service.ts';

export interface InboundRouteDeps extends InboundDeps {
  maxBodyBytes: number;
  recorder: Recorder;
  requestLog: RequestLog;
  /** Null where nobody asked for traces. */
  tracing: Pick<Tracing, 'delivery'> | null;
  /** Whether the bodies of rejected deliveries are kept for a while. */
  keepBodies: boolean;
  selfTest: Pick<SelfTest, 'arrived'>;
}

/** The webhook: raw bytes in, so that the signature covers exactly what came. Public; the signature is its authentication. */
export function inboundRoutes(deps: InboundRouteDeps) {
  const handle = async ({ request, set }: Context): Promise<Response> =>
    respond(await deliver(request, set.headers['x-request-id'], deps));
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

interface Context {
  request: Request;
  set: { headers: AnswerHeaders };
}

/** Takes a delivery of Segment and says in the log why, where it was not taken. */
export async function deliver(
  request: Request,
  requestId: string | undefined,
  deps: InboundRouteDeps,
): Promise<Answer> {
  const work = () => take(request, deps);
  const answer = await (deps.tracing === null ? work() : deps.tracing.delivery(request, requestId, work));
  if (answer.status >= 400) {
    const { reason, message } = answer.body;
    deps.requestLog.refused({ requestId, status: answer.status, reason }, message, answer.cause);
  }
  return answer;
}

async function take(request: Request, deps: InboundRouteDeps): Promise<Answer> {
  const startedAt = performance.now();
  const at = deps.now();
  const signature = request.headers.get('x-signature');
  let body: Uint8Array | null = null;
  let answer: Answer;
  try {
    body = await readBody(request, deps.maxBodyBytes);
    answer = await receive(deps, body, signature);
    deps.selfTest.arrived({ body, signature, reason: answer.body.reason });
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    answer = refuse(error.problem);
  }
  const latencyMs = performance.now() - startedAt;
  const { keepBodies } = deps;
  deps.recorder.received(describeDelivery(answer, { at, latencyMs, body, signature, keepBodies }));
  return answer;
}

function respond({ status, body, retryAfter }: Answer): Response {
  const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
  return Response.json(body, { status, headers });
}
