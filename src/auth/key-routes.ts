import { Elysia, t } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import type { KeyRecord } from '../store/account-store.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Gate } from './gate.ts';
import { IdParams, KeyList, NewKeyAnswer, NewKeyBody } from './model.ts';
import { nameOf } from './principal.ts';

export interface KeyDeps {
  keys: ApiKeys;
  gate: Gate;
  now(): number;
}

/** Keys for programs. */
export function keyRoutes({ keys, gate, now }: KeyDeps) {
  const view = (key: KeyRecord) => ({
    ...key,
    status: statusOf(key, now()),
    createdAt: new Date(key.createdAt).toISOString(),
    expiresAt: isoOrNull(key.expiresAt),
    lastUsedAt: isoOrNull(key.lastUsedAt),
    revokedAt: isoOrNull(key.revokedAt),
  });

  return new Elysia({ prefix: '/api-keys', tags: ['Accounts'] })
    .use(api)
    .get('', async () => ({ data: (await keys.list()).map(view) }), {
      response: { 200: KeyList, ...errorResponses(401, 403) },
      detail: {
        summary: 'List API keys',
        description: 'Every key, revoked ones too, without the keys themselves.',
      },
    })
    .post(
      '',
      async ({ body: { name, scope, expiresAt }, request, status }) => {
        const wanted = { name: name.trim(), scope, expiresAt: expiresAt ? Date.parse(expiresAt) : null };
        const { key, token } = await keys.create(wanted, nameOf(gate.visitorOf(request).principal));
        return status(201, { data: { ...view(key), key: token } });
      },
      {
        body: NewKeyBody,
        response: { 201: NewKeyAnswer, ...errorResponses(400, 401, 403, 413, 415, 422, 503) },
        detail: { summary: 'Make an API key', description: 'The key is in this answer and nowhere else.' },
      },
    )
    .delete(
      '/:id',
      async ({ params, set }) => {
        await keys.revoke(params.id);
        set.status = 204;
      },
      {
        params: IdParams,
        response: { 204: t.Void({ description: 'Revoked' }), ...errorResponses(401, 403, 404, 503) },
        detail: { summary: 'Revoke an API key', description: 'From the next request on it does not work.' },
      },
    );
}

function statusOf({ revokedAt, expiresAt }: KeyRecord, now: number): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString());
