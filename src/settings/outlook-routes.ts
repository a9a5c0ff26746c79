import { Elysia } from 'elysia';
import { api, errorResponses } from '../http/api.ts';
import { lookAhead, type OutlookDeps } from '../outbound/outlook.ts';
import { publicSegmentId } from '../segments/view.ts';
import { OutlookAnswer, OutlookQuery } from './outlook-model.ts';

const CHANGES = { enable: 'pending', resend: 'resend', user_id: 'identify_as' } as const;

/** Says how much a change of the outbound settings would send, before it is made. */
export const outlookRoutes = (deps: Omit<OutlookDeps, 'elapsed'>) =>
  new Elysia({ prefix: '/settings/integrations/segment', tags: ['Settings'] }).use(api).get(
    '/outlook',
    async ({ query }) => {
      const startedAt = performance.now();
      const elapsed = () => performance.now() - startedAt;
      const { segments, ...rest } = await lookAhead({ ...deps, elapsed }, CHANGES[query.change]);
      return {
        data: { ...rest, segments: segments.map(({ id, ...one }) => ({ ...one, id: publicSegmentId(id) })) },
      };
    },
    {
      query: OutlookQuery,
      response: { 200: OutlookAnswer, ...errorResponses(401, 422) },
      detail: {
        summary: 'Count what a change would send',
        description:
          'How many traits Segment would be told, and how long that takes. Counts for two seconds at most; with very many users the rest is estimated and `complete` is false.',
      },
    },
  );
