import { Elysia, t } from 'elysia';
import { api, errorResponses, pageMeta } from '../http/api.ts';
import { listUsers } from './list.ts';
import { readListQuery } from './list-query.ts';
import {
  IdentifyBody,
  ListQuery,
  PatchBody,
  UserAnswer,
  UserAttributesAnswer,
  UserList,
  UserParams,
} from './model.ts';
import { attributesOfUser } from './provenance.ts';
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
      async ({ query }) => {
        const startedAt = performance.now();
        const { looked, ...page } = await listUsers(deps.store, await readListQuery(deps, query), {
          now: deps.now(),
          budgetMs: LIST_MS,
          elapsed: () => performance.now() - startedAt,
        });
        const meta = pageMeta(page);
        if (looked === null) return { data: page.items.map(viewUser), meta };
        const { count: users } = await deps.store.userIdRange();
        return {
          data: page.items.map(viewUser),
          meta: { ...meta, partial: { looked: Math.min(looked, users), users } },
        };
      },
      {
        query: ListQuery,
        response: { 200: UserList, ...errorResponses(400, 401, 404, 422) },
        detail: {
          summary: 'List users',
          description:
            'Pages of users: all, those whose email or name has a part, the members of a segment, those who match rules, or all of that at once. Answers within a second; with very many users it may then have looked at some of them only, and says so in `meta.partial`. The cursor goes on from there.',
        },
      },
    )
    .get('/:id', async ({ params }) => ({ data: viewUser(await getUser(deps, params.id)) }), {
      params: UserParams,
      response: { 200: UserAnswer, ...errorResponses(401, 404) },
      detail: { summary: 'Show a user', description: 'One user with all attributes.' },
    })
    .get('/:id/attributes', async ({ params }) => ({ data: await attributesOfUser(deps, params.id) }), {
      params: UserParams,
      response: { 200: UserAttributesAnswer, ...errorResponses(401, 404) },
      detail: {
        summary: 'Show when the attributes of a user were set',
        description:
          'Every attribute that is set, by key, with its type, the time it was set, and the delivery that brought it where that is still known.',
      },
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

/** How long looking for users may take, milliseconds. */
const LIST_MS = 700;
