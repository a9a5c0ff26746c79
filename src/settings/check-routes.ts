import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import type { SelfTest } from '../inbound/self-test.ts';
import { sendTestCall, type TestCallDeps } from '../outbound/test-call.ts';
import {
  DiagnoseRequest,
  DiagnosisAnswer,
  TestInboundAnswer,
  TestInboundRequest,
  TestOutboundAnswer,
  TestOutboundRequest,
} from './check-model.ts';
import { type DiagnosisDeps, diagnoseRequest } from './diagnosis.ts';
import { viewSecret } from './service.ts';

export interface CheckDeps extends DiagnosisDeps {
  selfTest: Pick<SelfTest, 'run'>;
  testCall: TestCallDeps;
}

/** Finds out what is wrong with the connection to Segment, in both directions. */
export const checkRoutes = (deps: CheckDeps) =>
  new Elysia({ prefix: '/settings/integrations/segment', tags: ['Settings'] })
    .use(api)
    .post(
      '/diagnose',
      async ({ body }) => {
        const { secret, ...diagnosis } = await diagnoseRequest(deps, body);
        return { data: { ...diagnosis, secret: secret === null ? null : viewSecret(secret) } };
      },
      {
        body: DiagnoseRequest,
        response: { 200: DiagnosisAnswer, ...errorResponses(400, 401, 404, 413, 415, 422, 503) },
        detail: {
          summary: 'Diagnose a signature',
          description:
            'Says why a signature is right or wrong: another or an expired secret, another hash or encoding, a body that was changed on the way. Of a rejected delivery the first 16 KiB are kept.',
        },
      },
    )
    .post('/test-inbound', async ({ body }) => ({ data: await deps.selfTest.run(body?.email ?? null) }), {
      body: TestInboundRequest,
      response: { 200: TestInboundAnswer, ...errorResponses(400, 401, 413, 415, 422, 503) },
      detail: {
        summary: 'Test the way from Segment',
        description:
          'Sends a signed identify through PUBLIC_URL, as Segment would, and reports every hop. It changes no user. Takes up to 10 seconds.',
      },
    })
    .post('/test-outbound', async ({ body }) => ({ data: await sendTestCall(deps.testCall, body.userId) }), {
      body: TestOutboundRequest,
      response: { 200: TestOutboundAnswer, ...errorResponses(400, 401, 413, 415, 422, 503) },
      detail: {
        summary: 'Test the way to Segment',
        description:
          'Sends one identify without traits and reports how Segment answers. Works while outbound sync is off. Takes up to 10 seconds.',
      },
    });
