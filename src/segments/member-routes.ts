import { Elysia, t } from 'elysia';
import { api, errorResponses, pageMeta } from '../http/api.ts';
import type { HistoryPage } from '../store/store.ts';
import { UserParams } from '../users/model.ts';
import { getUser } from '../users/service.ts';
import { viewUser } from '../users/user.ts';
import { segmentsOfUser } from './explain.ts';
import { setMembers } from './members.ts';
import {
  AddedAnswer,
  HistoryAnswer,
  MemberList,
  MemberQuery,
  MemberSearch,
  MembersBody,
  RemovedAnswer,
  SegmentParams,
  UserSegmentsAnswer,
} from './model.ts';
import { getSegment, type SegmentDeps } from './service.ts';
import { publicSegmentId, viewHistory } from './view.ts';

/** Who is in which segment, seen from the segment and from the user. */
export function memberRoutes(deps: SegmentDeps) {
  const { store } = deps;
  const emailsIn = async ({ items }: HistoryPage) => {
    const emails = new Map<number, string>();
    for (const userId of new Set(items.map((item) => item.userId))) {
      const user = await store.getUser(userId);
      if (user !== null) emails.set(userId, user.email);
    }
    return emails;
  };

  return new Elysia({ tags: ['Segments'] })
    .use(api)

    .get(
      '/segments/:id/members',
      async ({ params, query: { limit = 50, ...rest } }) => {
        const { id } = await getSegment(deps, params.id);
        const page = await store.listMembers(id, { limit, ...rest });
        return { data: page.items.map(viewUser), meta: pageMeta(page) };
      },
      {
        params: SegmentParams,
        query: MemberSearch,
        response: { 200: MemberList, ...errorResponses(400, 401, 404, 422) },
        detail: {
          summary: 'List members',
          description: 'Pages of the users who are in the segment, searched by part of the email or name.',
        },
      },
    )
    .post(
      '/segments/:id/members',
      async ({ params, body }) => {
        const { done, failed } = await setMembers(deps, params.id, body, true);
        return { data: { added: done, failed } };
      },
      {
        params: SegmentParams,
        body: MembersBody,
        response: { 200: AddedAnswer, ...errorResponses(400, 401, 404, 409, 413, 415, 422, 503) },
        detail: {
          summary: 'Add members',
          description: 'Adds up to 1,000 users to a manual segment; repeating it changes nothing.',
        },
      },
    )
    .delete(
      '/segments/:id/members',
      async ({ params, body }) => {
        const { done, failed } = await setMembers(deps, params.id, body, false);
        return { data: { removed: done, failed } };
      },
      {
        params: SegmentParams,
        body: MembersBody,
        response: { 200: RemovedAnswer, ...errorResponses(400, 401, 404, 409, 413, 415, 422, 503) },
        detail: {
          summary: 'Remove members',
          description: 'Takes up to 1,000 users out of a manual segment.',
        },
      },
    )
    .get(
      '/segments/:id/history',
      async ({ params, query: { limit = 50, cursor } }) => {
        const { id } = await getSegment(deps, params.id);
        const page = await store.membershipHistory({ segmentId: id }, { limit, ...(cursor && { cursor }) });
        return viewHistory(page, await emailsIn(page));
      },
      {
        params: SegmentParams,
        query: MemberQuery,
        response: { 200: HistoryAnswer, ...errorResponses(400, 401, 404, 422) },
        detail: {
          summary: 'Show who joined and left',
          description: 'The latest first, with the cause of each change.',
        },
      },
    )
    .get(
      '/users/:id/segments',
      async ({ params, query }) => {
        const found = await segmentsOfUser(store, params.id, deps.now(), query.explain === true);
        return {
          data: found.map(({ segment: { id, slug, name, type }, member, explanation }) => ({
            id: publicSegmentId(id),
            slug,
            name,
            type,
            member,
            explanation,
          })),
        };
      },
      {
        params: UserParams,
        query: t.Object({
          explain: t.Optional(
            t.Boolean({ description: 'Show every segment, and what its rules see of the user' }),
          ),
        }),
        response: { 200: UserSegmentsAnswer, ...errorResponses(401, 404, 422) },
        detail: {
          summary: 'Show the segments of a user',
          description:
            'The segments the user is in. With `explain=true` all segments, and for each condition whether it holds and the value it saw.',
        },
      },
    )
    .get(
      '/users/:id/history',
      async ({ params, query: { limit = 50, cursor } }) => {
        const { id } = await getUser(deps, params.id);
        const page = await store.membershipHistory({ userId: id }, { limit, ...(cursor && { cursor }) });
        return viewHistory(page, await emailsIn(page));
      },
      {
        params: UserParams,
        query: MemberQuery,
        response: { 200: HistoryAnswer, ...errorResponses(400, 401, 404, 422) },
        detail: {
          summary: 'Show when a user joined and left segments',
          description: 'The latest first, with the cause of each change.',
        },
      },
    );
}
