import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import { createBacklogCount } from '../outbound/backlog.ts';
import type { Reconciler } from '../outbound/reconciler.ts';
import type { Store } from '../store/store.ts';
import { RetriedAnswer, RotatedSecretAnswer, SegmentSettingsAnswer, SegmentSettingsPatch } from './model.ts';
import { hintOf } from './secrets.ts';
import { type SettingsService, validSecrets, viewSecret, WEBHOOK_PATH } from './service.ts';

export interface SettingsDeps {
  store: Store;
  settings: SettingsService;
  reconciler: Reconciler;
  now: () => number;
  /** Address under which the service is reached, without a slash at its end. */
  publicUrl: () => string;
}

export function settingsRoutes(deps: SettingsDeps) {
  const { store, settings, reconciler, now } = deps;
  const backlog = createBacklogCount(store.outboundBacklog, () => performance.now());

  async function view() {
    const { inbound, outbound } = settings.current();
    const { writeKey, ...choices } = outbound;
    const { pending, parked } = await backlog();
    const state = reconciler.state();
    return {
      webhookUrl: `${deps.publicUrl()}${WEBHOOK_PATH}`,
      inbound: { ...inbound, sharedSecrets: validSecrets(settings.current(), now()).map(viewSecret) },
      outbound: {
        ...choices,
        writeKey: writeKey === null ? null : { hint: hintOf(writeKey) },
        status: state.status,
        pending,
        parked,
        lastSuccessAt: state.lastSuccessAt === null ? null : new Date(state.lastSuccessAt).toISOString(),
        lastError:
          state.lastError === null
            ? null
            : { ...state.lastError, at: new Date(state.lastError.at).toISOString() },
      },
    };
  }

  return new Elysia({ prefix: '/settings/integrations/segment', tags: ['Settings'] })
    .use(api)
    .get('', async () => ({ data: await view() }), {
      response: { 200: SegmentSettingsAnswer, ...errorResponses(401) },
      detail: {
        summary: 'Show the Segment settings',
        description:
          'The settings and the state of both directions. Secrets never come back, only their last four characters.',
      },
    })
    .patch(
      '',
      async ({ body }) => {
        await settings.patch(body);
        return { data: await view() };
      },
      {
        body: SegmentSettingsPatch,
        response: { 200: SegmentSettingsAnswer, ...errorResponses(400, 401, 413, 415, 422, 503) },
        detail: {
          summary: 'Change the Segment settings',
          description:
            'Takes any part of the settings. Another write key or region than before resends every membership, and who has left; another `userId` retracts what the old ids were told.',
        },
      },
    )
    .post(
      '/rotate-secret',
      async () => {
        const sharedSecret = await settings.rotateSecret();
        return {
          data: { sharedSecret, sharedSecrets: validSecrets(settings.current(), now()).map(viewSecret) },
        };
      },
      {
        response: { 200: RotatedSecretAnswer, ...errorResponses(401, 409, 503) },
        detail: {
          summary: 'Rotate the shared secret',
          description:
            'Makes a new shared secret, shown in this answer only. The one before stays valid for 24 hours; ten can be valid at once.',
        },
      },
    )
    .post(
      '/retry-parked',
      async () => {
        const retried = await store.unpark();
        return { data: { retried } };
      },
      {
        response: { 200: RetriedAnswer, ...errorResponses(401, 503) },
        detail: {
          summary: 'Retry what Segment refused',
          description: 'Makes every parked trait pending again, so that it is sent once more.',
        },
      },
    );
}
