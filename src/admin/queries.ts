import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, result } from './api.ts';

// What more than one page asks for. A key begins with the noun of the route, so that one invalidation reaches all of it.

export const userTotalQuery = queryOptions({
  queryKey: ['users', 'total'],
  queryFn: () => result(api.users.get({ query: { limit: 1 } })).then(({ meta }) => meta.pagination.total),
  refetchInterval: 30_000,
});

/** Every segment with counts and progress; asked for more often while something is under way. */
export const segmentsQuery = queryOptions({
  queryKey: ['segments', 'list'],
  queryFn: () => result(api.segments.get()).then(({ data }) => data),
  refetchInterval: ({ state }) =>
    state.data?.some(
      ({ evaluating, resyncing, retracting }) => (evaluating ?? resyncing ?? retracting) !== null,
    )
      ? 1000
      : 10_000,
});

/** The Segment settings and the state of both directions. */
export const segmentSettingsQuery = queryOptions({
  queryKey: ['settings', 'segment'],
  queryFn: () => result(api.settings.integrations.segment.get()).then(({ data }) => data),
  refetchInterval: 3000,
});

export type Step = 'minute' | 'hour' | 'day';

/** What happened in the last `hours`, counted. */
export const summaryQuery = (hours: number, step: Step) =>
  queryOptions({
    queryKey: ['activity', 'summary', hours, step],
    queryFn: () => result(api.activity.summary.get({ query: { hours, step } })).then(({ data }) => data),
    refetchInterval: 5000,
    placeholderData: keepPreviousData,
  });

/** Attribute keys seen, with types and common values. */
export const attributesQuery = queryOptions({
  queryKey: ['attributes'],
  queryFn: () => result(api.attributes.get()).then(({ data }) => data),
  staleTime: 30_000,
});
