import { Elysia, t } from 'elysia';
import { DomainError } from '../errors.ts';
import { api, errorResponses } from '../http/api.ts';
import type { SegmentRecord } from '../store/store.ts';
import { viewUser } from '../users/user.ts';
import {
  CreateBody,
  PatchBody,
  PreviewAnswer,
  PreviewBody,
  QueuedAnswer,
  SegmentAnswer,
  SegmentList,
  SegmentParams,
} from './model.ts';
import { previewRules } from './preview.ts';
import { parseRules, type Rules } from './rules.ts';
import {
  checkReferences,
  createSegment,
  deleteSegment,
  evaluateSegments,
  getSegment,
  pick,
  RULES_REFUSED,
  resyncAll,
  resyncSegment,
  type SegmentDeps,
  updateSegment,
} from './service.ts';
import { viewSegment } from './view.ts';

export function segmentRoutes(deps: SegmentDeps) {
  const { store } = deps;
  /** The segment that previewed rules are meant for, which they must fit. */
  const comparedTo = async (rules: Rules, id: string | undefined) => {
    if (id === undefined) return null;
    const segments = await store.listSegments();
    const segment = pick(segments, id);
    checkReferences(rules, segment.slug, segments);
    return segment;
  };
  const view = async (segment: SegmentRecord) => ({ data: viewSegment(segment, await store.listJobs()) });

  return new Elysia({ prefix: '/segments', tags: ['Segments'] })
    .use(api)
    .post('', async ({ body, status }) => status(201, await view(await createSegment(deps, body))), {
      body: CreateBody,
      response: { 201: SegmentAnswer, ...errorResponses(400, 401, 409, 413, 415, 422, 503) },
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
    .post(
      '/preview',
      async ({ body }) => {
        const { rules, problems } = parseRules(body.rules);
        if (problems !== null) throw new DomainError(422, 'invalid_rules', RULES_REFUSED, problems);
        const startedAt = performance.now();
        const of = await comparedTo(rules, body.segment);
        const { sample, ...counts } = await previewRules(store, rules, {
          now: deps.now(),
          budgetMs: PREVIEW_MS,
          elapsed: () => performance.now() - startedAt,
          ...(of && { segmentId: of.id }),
        });
        const durationMs = Math.round(performance.now() - startedAt);
        return { data: { ...counts, sample: sample.map(viewUser), durationMs } };
      },
      {
        body: PreviewBody,
        response: { 200: PreviewAnswer, ...errorResponses(400, 401, 404, 413, 415, 422) },
        detail: {
          summary: 'Preview rules',
          description:
            'Counts who matches right now, with ten of them, and on request how many would join and leave a segment that there is. Ends within a second; with very many users the counts are then partial ones and say so.',
        },
      },
    )
    .post('/evaluate', async () => ({ data: { queued: await evaluateSegments(deps, null) } }), {
      response: { 200: QueuedAnswer, ...errorResponses(401, 503) },
      detail: {
        summary: 'Evaluate all segments',
        description:
          'Evaluates every dynamic segment over all users in the background. Needed only after a doubt: memberships follow every change by themselves.',
      },
    })
    .post('/resync', async () => ({ data: { queued: await resyncAll(deps) } }), {
      response: { 200: QueuedAnswer, ...errorResponses(401, 503) },
      detail: {
        summary: 'Tell Segment about everybody again',
        description:
          'Who is in each segment that is synced, and who has left it. For when Segment, or what is behind it, lost what it had.',
      },
    })
    .get('/:id', async ({ params }) => view(await getSegment(deps, params.id)), {
      params: SegmentParams,
      response: { 200: SegmentAnswer, ...errorResponses(401, 404) },
      detail: { summary: 'Show a segment', description: 'One segment, by id or slug.' },
    })
    .patch('/:id', async ({ params, body }) => view(await updateSegment(deps, params.id, body)), {
      params: SegmentParams,
      body: PatchBody,
      response: { 200: SegmentAnswer, ...errorResponses(400, 401, 404, 409, 413, 415, 422, 503) },
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
        response: { 204: t.Void({ description: 'Deleted' }), ...errorResponses(401, 404, 409, 503) },
        detail: {
          summary: 'Delete a segment',
          description:
            'Removes the segment at once; Segment is told false for everyone it was told true for.',
        },
      },
    )
    .post(
      '/:id/evaluate',
      async ({ params }) => ({ data: { queued: await evaluateSegments(deps, params.id) } }),
      {
        params: SegmentParams,
        response: { 200: QueuedAnswer, ...errorResponses(401, 404, 409, 503) },
        detail: {
          summary: 'Evaluate a segment',
          description:
            'Evaluates a dynamic segment over all users in the background; `evaluating` shows the progress.',
        },
      },
    )
    .post(
      '/:id/resync',
      async ({ params }) => {
        await resyncSegment(deps, params.id);
        return { data: { queued: 1 } };
      },
      {
        params: SegmentParams,
        response: { 200: QueuedAnswer, ...errorResponses(401, 404, 503) },
        detail: {
          summary: 'Tell Segment about a segment again',
          description:
            'Who is in it, and who has left it. For when a destination was connected later, or lost what it had.',
        },
      },
    );
}

/** Milliseconds a preview may look for; with the answer's way it stays within a second. */
const PREVIEW_MS = 850;
