import { Elysia, t } from 'elysia';
import { DomainError } from '../errors.ts';
import { api, errorResponses } from '../http/api.ts';
import type { AccountStore, AdminRecord } from '../store/account-store.ts';
import { AdminAnswer, AdminList, AdminPatch, IdParams } from './model.ts';

export interface AdminDeps {
  store: AccountStore;
  now(): number;
}

/** Who can sign in. */
export const adminAccountRoutes = ({ store, now }: AdminDeps) =>
  new Elysia({ prefix: '/admins', tags: ['Accounts'] })
    .use(api)
    .get('', async () => ({ data: (await store.listAdmins()).map(viewAdmin) }), {
      response: { 200: AdminList, ...errorResponses(401, 403) },
      detail: { summary: 'List admins', description: 'Everybody who can sign in, viewers too.' },
    })
    .patch(
      '/:id',
      async ({ params, body: { role, disabled } }) => ({
        data: viewAdmin(there(await store.updateAdmin(params.id, { role, disabled }, now()))),
      }),
      {
        params: IdParams,
        body: AdminPatch,
        response: { 200: AdminAnswer, ...errorResponses(400, 401, 403, 404, 409, 413, 415, 422, 503) },
        detail: {
          summary: 'Change an admin',
          description:
            'Changes the role, or disables the account. Who is no admin any more loses their open invitations, too. The last admin stays one.',
        },
      },
    )
    .delete(
      '/:id',
      async ({ params, set }) => {
        there(await store.deleteAdmin(params.id));
        set.status = 204;
      },
      {
        params: IdParams,
        response: { 204: t.Void({ description: 'Removed' }), ...errorResponses(401, 403, 404, 409, 503) },
        detail: {
          summary: 'Remove an admin',
          description:
            'Ends their sessions and open invitations. Never the last admin. Their API keys go on working.',
        },
      },
    );

const viewAdmin = ({ disabledAt, createdAt, lastSeenAt, ...rest }: AdminRecord) => ({
  ...rest,
  disabled: disabledAt !== null,
  createdAt: new Date(createdAt).toISOString(),
  lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
});

function there(found: AdminRecord | 'last' | null): AdminRecord {
  if (found === null)
    throw new DomainError(404, 'not_found', 'There is no account with this id; it may have been removed');
  if (found === 'last')
    throw new DomainError(409, 'last_admin', 'This is the last admin: make somebody else an admin before');
  return found;
}
