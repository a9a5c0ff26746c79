import { Elysia, t } from 'elysia';
import { api, errorResponses, pageMeta } from '../http/api.ts';
import { IdentifyBody, ListQuery, PatchBody, UserAnswer, UserList, UserParams } from './model.ts';
import { deleteUser, editUser, getUser, identifyUser, type UserDeps } from './service.ts';
import { viewUser } from './user.ts';

export const userRoutes = (deps: UserDeps) =>
  new Elysia({ prefix: '/users', tags: ['Users'] })
    .use(api)
    .post(
      '/identify',
      async ({ body, status }) => {
        const { user, created } = await identifyUser(deps, body);
        return status(created ? 201 : 200, { data: viewUser(user) });
      },
      {
        body: IdentifyBody,
        response: { 200: UserAnswer, 201: UserAnswer, ...errorResponses(400, 401, 413, 415, 422, 503) },
        detail: {
          summary: 'Create or update a user',
          description:
            'Finds the user by email (201 when created, 200 otherwise) and merges name, externalId and attributes.',
        },
      },
    )
    .get(
      '',
      async ({ query: { sort = '-createdAt', limit = 50, ...rest } }) => {
        const page = await deps.store.listUsers({ sort, limit, ...rest });
        return { data: page.items.map(viewUser), meta: pageMeta(page) };
      },
      {
        query: ListQuery,
        response: { 200: UserList, ...errorResponses(400, 401, 422) },
        detail: {
          summary: 'List users',
          description: 'Pages of users, searched by part of the email or name.',
        },
      },
    )
    .get('/:id', async ({ params }) => ({ data: viewUser(await getUser(deps, params.id)) }), {
      params: UserParams,
      response: { 200: UserAnswer, ...errorResponses(401, 404) },
      detail: { summary: 'Show a user', description: 'One user with all attributes.' },
    })
    .patch('/:id', async ({ params, body }) => ({ data: viewUser(await editUser(deps, params.id, body)) }), {
      params: UserParams,
      body: PatchBody,
      response: { 200: UserAnswer, ...errorResponses(400, 401, 404, 409, 413, 415, 422, 503) },
      detail: {
        summary: 'Change a user',
        description:
          'Changes what is given; null unsets an attribute, the name or the externalId. Memberships follow at once.',
      },
    })
    .delete(
      '/:id',
      async ({ params, set }) => {
        await deleteUser(deps, params.id);
        set.status = 204;
      },
      {
        params: UserParams,
        response: { 204: t.Void({ description: 'Deleted' }), ...errorResponses(401, 404, 503) },
        detail: {
          summary: 'Delete a user',
          description: 'Deletes the user with attributes and memberships. Segment is not told anything.',
        },
      },
    );
