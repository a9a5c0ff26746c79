import { Elysia, t } from 'elysia';
import { api, errorResponses, time } from '../http/api.ts';
import type { SegmentDeps } from './service.ts';
import { segmentTrends } from './trends.ts';
import { publicSegmentId } from './view.ts';

const TrendQuery = t.Object({
  days: t.Optional(
    t.Integer({ minimum: 1, maximum: 365, default: 30, description: 'How far back, today included' }),
  ),
});
const TrendAnswer = t.Object(
  {
    data: t.Array(
      t.Object({
        id: t.String({ examples: ['segment_1'] }),
        slug: t.String({ examples: ['enterprise'] }),
        points: t.Array(
          t.Object({ day: time('Beginning of the day, UTC'), members: t.Integer({ examples: [184] }) }),
          {
            description: 'Size at the end of each day, today as it is now; days without a note are left out',
          },
        ),
      }),
    ),
  },
  { description: 'The sizes of every segment' },
);

/** How segments have grown and shrunk. */
export const trendRoutes = ({ store, now }: SegmentDeps) =>
  new Elysia({ prefix: '/segments', tags: ['Segments'] }).use(api).get(
    '/trends',
    async ({ query: { days = 30 } }) => {
      const trends = await segmentTrends(store, now(), days);
      return {
        data: trends.map(({ id, slug, points }) => ({
          id: publicSegmentId(id),
          slug,
          points: points.map(({ day, members }) => ({ day: new Date(day).toISOString(), members })),
        })),
      };
    },
    {
      query: TrendQuery,
      response: { 200: TrendAnswer, ...errorResponses(401, 422) },
      detail: {
        summary: 'Show how segments have grown',
        description:
          'The number of members of every segment, a number a day. Sizes are noted every minute and kept for 400 days.',
      },
    },
  );
