import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ofCall, ofDelivery } from '../activity/entries.ts';
import { api, result } from '../api.ts';
import { summaryQuery } from '../queries.ts';

/** Sizes of every segment, a number a day. */
export const trendsQuery = queryOptions({
  queryKey: ['segments', 'trends', 30],
  queryFn: () => result(api.segments.trends.get({ query: { days: 30 } })).then(({ data }) => data),
  refetchInterval: 60_000,
});

/** What the problems are told by. */
export const lastHourQuery = summaryQuery(1, 'minute');
/** All that is counted: whether anything ever happened. */
export const everQuery = summaryQuery(720, 'day');
export type Summary = NonNullable<Awaited<ReturnType<typeof api.activity.summary.get>>['data']>['data'];

const LATEST = 6;

/** The last entries of both directions, the latest first. */
export const latestQuery = queryOptions({
  queryKey: ['activity', 'latest'],
  queryFn: async () => {
    const query = { limit: LATEST };
    const [deliveries, calls] = await Promise.all([
      result(api.activity.inbound.get({ query })),
      result(api.activity.outbound.get({ query })),
    ]);
    return [...deliveries.data.map(ofDelivery), ...calls.data.map(ofCall)]
      .sort((a, b) => b.at.localeCompare(a.at))
      .slice(0, LATEST);
  },
  refetchInterval: 5000,
  placeholderData: keepPreviousData,
});
