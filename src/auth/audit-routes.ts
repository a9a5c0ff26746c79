import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import type { AccountStore } from '../store/account-store.ts';
import { AuditList, AuditQueryParameters } from './model.ts';

/** Who did what. */
export const auditRoutes = ({ store }: { store: AccountStore }) =>
  new Elysia({ prefix: '/audit', tags: ['Accounts'] }).use(api).get(
    '',
    async ({ query: { limit = 50, from, to, ...rest } }) => {
      // One more than asked for tells whether there is another page.
      const found = await store.listAudit({
        ...rest,
        limit: limit + 1,
        ...(from !== undefined && { from: Date.parse(from) }),
        ...(to !== undefined && { to: Date.parse(to) }),
      });
      const page = found.slice(0, limit);
      const hasMore = found.length > limit;
      return {
        data: page.map(({ at, actorKind, actorId, actorName, changes, ...entry }) => ({
          ...entry,
          at: new Date(at).toISOString(),
          actor: { kind: actorKind, id: actorId, name: actorName },
          changes: changes ?? [],
        })),
        meta: { pagination: { cursor: hasMore ? String(page.at(-1)?.id) : null, hasMore } },
      };
    },
    {
      query: AuditQueryParameters,
      response: { 200: AuditList, ...errorResponses(401, 403, 422) },
      detail: {
        summary: 'Show the audit log',
        description: 'Who changed what, from where: every change, sign-in, import and export.',
      },
    },
  );
