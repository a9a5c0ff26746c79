import { Elysia, t } from 'elysia';
import { DomainError } from '../errors.ts';
import { api, errorResponses } from '../http/api.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Gate } from './gate.ts';
import { IdParams, SessionList, SessionQuery } from './model.ts';

export interface SessionDeps {
  store: AccountStore;
  gate: Gate;
  now(): number;
}

/** Where somebody is signed in. */
export const sessionRoutes = ({ store, gate, now }: SessionDeps) =>
  new Elysia({ prefix: '/sessions', tags: ['Accounts'] })
    .use(api)
    .get(
      '',
      async ({ query, request }) => {
        const { principal } = gate.visitorOf(request);
        if (query.all === true && !principal?.permissions.includes('accounts')) throw notTheirs();
        const of = query.all === true ? null : gate.adminOf(request).id;
        const sessions = await store.listSessions(of, now());
        return {
          data: sessions.map(({ adminId, email, updatedAt, createdAt, expiresAt, ...rest }) => ({
            ...rest,
            admin: { id: adminId, email },
            current: rest.id === principal?.sessionId,
            createdAt: new Date(createdAt).toISOString(),
            lastSeenAt: new Date(updatedAt).toISOString(),
            expiresAt: new Date(expiresAt).toISOString(),
          })),
        };
      },
      {
        query: SessionQuery,
        response: { 200: SessionList, ...errorResponses(401, 403, 422) },
        detail: { summary: 'List sessions', description: "Yours; with `all=true` everybody's." },
      },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const { principal } = gate.visitorOf(request);
        const of = principal?.permissions.includes('accounts') ? null : gate.adminOf(request).id;
        const theirs = (await store.listSessions(of, now())).some(({ id }) => id === params.id);
        if (!theirs || !(await store.deleteSession(params.id))) throw gone();
        set.status = 204;
      },
      {
        params: IdParams,
        response: { 204: t.Void({ description: 'Ended' }), ...errorResponses(401, 403, 404, 503) },
        detail: {
          summary: 'End a session',
          description: "One of yours; admins also end others'. It counts from the next request on.",
        },
      },
    );

const gone = () => new DomainError(404, 'not_found', 'There is no session with this id; it may have ended');
const notTheirs = () =>
  new DomainError(403, 'forbidden', 'Only those who may manage accounts see the sessions of others');
