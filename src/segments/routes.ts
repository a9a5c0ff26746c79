import { Elysia, t } from 'elysia';
import { api, errorResponses, pageMeta } from '../http/api.ts';
import type { SegmentRecord } from '../store/store.ts';
import { viewUser } from '../users/user.ts';
import {
  AddedAnswer,
  CreateBody,
  MemberList,
  MemberQuery,
  MembersBody,
  PatchBody,
  RemovedAnswer,
  SegmentAnswer,
  SegmentList,
  SegmentParams,
} from './model.ts';
import {
  createSegment,
  deleteSegment,
  getSegment,
  type SegmentDeps,
  setMembers,
  updateSegment,
  viewSegment,
} from './service.ts';

export function segmentRoutes(deps: SegmentDeps) {
  const { store } = deps;
  const view = async (segment: SegmentRecord) => ({ data: viewSegment(segment, await store.listJobs()) });

  return new Elysia({ prefix: '/segments', tags: ['Segments'] })
    .use(api)
    .post('', async ({ body, status }) => status(201, await view(await createSegment(deps, body))), {
      body: CreateBody,
      response: { 201: SegmentAnswer, ...errorResponses(400, 401, 409, 415, 422) },
      detail: {
        summary: 'Create a segment',
        description:
          'A manual segment has the members you add; a dynamic one those who match its rules, evaluated over all users in the background. The trait key comes from the name unless given.',
      },
    })
    .get(
      '',
      async () => {
        const [segments, jobs] = await Promise.all([store.listSegments(), store.listJobs()]);
        return { data: segments.map((segment) => viewSegment(segment, jobs)) };
      },
      {
        response: { 200: SegmentList, ...errorResponses(401) },
        detail: { summary: 'List segments', description: 'All segments with their member counts.' },
      },
    )
    .get('/:id', async ({ params }) => view(await getSegment(deps, params.id)), {
      params: SegmentParams,
      response: { 200: SegmentAnswer, ...errorResponses(401, 404) },
      detail: { summary: 'Show a segment', description: 'One segment, by id or slug.' },
    })
    .patch('/:id', async ({ params, body }) => view(await updateSegment(deps, params.id, body)), {
      params: SegmentParams,
      body: PatchBody,
      response: { 200: SegmentAnswer, ...errorResponses(400, 401, 404, 409, 415, 422) },
      detail: {
        summary: 'Change a segment',
        description:
          'New rules are evaluated over all users in the background. A new trait key first retracts the old one. A new name keeps slug and trait key.',
      },
    })
    .delete(
      '/:id',
      async ({ params, set }) => {
        await deleteSegment(deps, params.id);
        set.status = 204;
      },
      {
        params: SegmentParams,
        response: { 204: t.Void({ description: 'Deleted' }), ...errorResponses(401, 404, 409) },
        detail: {
          summary: 'Delete a segment',
          description:
            'Removes the segment at once; Segment is told false for everyone it was told true for.',
        },
      },
    )
    .get(
      '/:id/members',
      async ({ params, query: { limit = 50, cursor } }) => {
        const { id } = await getSegment(deps, params.id);
        const page = await store.listMembers(id, cursor === undefined ? { limit } : { limit, cursor });
        return { data: page.items.map(viewUser), meta: pageMeta(page) };
      },
      {
        params: SegmentParams,
        query: MemberQuery,
        response: { 200: MemberList, ...errorResponses(400, 401, 404, 422) },
        detail: { summary: 'List members', description: 'Pages of the users who are in the segment.' },
      },
    )
    .post(
      '/:id/members',
      async ({ params, body }) => {
        const { done, failed } = await setMembers(deps, params.id, body, true);
        return { data: { added: done, failed } };
      },
      {
        params: SegmentParams,
        body: MembersBody,
        response: { 200: AddedAnswer, ...errorResponses(400, 401, 404, 409, 415, 422, 503) },
        detail: {
          summary: 'Add members',
          description: 'Adds up to 1,000 users to a manual segment; repeating it changes nothing.',
        },
      },
    )
    .delete(
      '/:id/members',
      async ({ params, body }) => {
        const { done, failed } = await setMembers(deps, params.id, body, false);
        return { data: { removed: done, failed } };
      },
      {
        params: SegmentParams,
        body: MembersBody,
        response: { 200: RemovedAnswer, ...errorResponses(400, 401, 404, 409, 415, 422, 503) },
        detail: {
          summary: 'Remove members',
          description: 'Takes up to 1,000 users out of a manual segment.',
        },
      },
    );
}
