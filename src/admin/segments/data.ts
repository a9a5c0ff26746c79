import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, result } from '../api.ts';

export type Segment = NonNullable<Awaited<ReturnType<typeof api.segments.get>>['data']>['data'][number];
export type Member = NonNullable<Awaited<ReturnType<typeof api.users.get>>['data']>['data'][number];

const isBusy = ({ evaluating, resyncing, retracting }: Segment) =>
  evaluating !== null || resyncing !== null || retracting !== null;

/** One segment, asked for more often while something is under way. */
export const segmentQuery = (id: string) =>
  queryOptions({
    queryKey: ['segments', 'one', id],
    queryFn: () => result(api.segments({ id }).get()).then(({ data }) => data),
    refetchInterval: ({ state }) => (state.data !== undefined && isBusy(state.data) ? 700 : 5000),
  });

/** Of how many people Segment has the trait, and what waits to be sent. */
export const toldQuery = (id: string) =>
  queryOptions({
    queryKey: ['segments', 'told', id],
    queryFn: async () => {
      const startedAt = performance.now();
      const { data } = await result(api.segments({ id }).told.get());
      return { ...data, tookMs: performance.now() - startedAt };
    },
    // With very many people it is work for the service, which a page left open is not worth.
    refetchInterval: ({ state }) => Math.max(5000, 100 * (state.data?.tookMs ?? 0)),
  });

export const traitKeyQuery = (query: { name?: string; traitKey?: string; segment?: string }) =>
  queryOptions({
    queryKey: ['segments', 'trait-key', query],
    queryFn: () => result(api['trait-key'].get({ query })).then(({ data }) => data),
    placeholderData: keepPreviousData,
  });

const PAGE = 50;
const afterwards = (cursor: string | null | undefined) => (cursor == null ? {} : { cursor });

export const membersQuery = (id: string, search: string) =>
  infiniteQueryOptions({
    queryKey: ['segments', 'members', id, search],
    queryFn: ({ pageParam }) =>
      result(
        api.segments({ id }).members.get({
          query: { limit: PAGE, ...(search !== '' && { search }), ...afterwards(pageParam) },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ meta }) => meta.pagination.cursor,
    placeholderData: keepPreviousData,
  });

export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['segments', 'history', id],
    queryFn: ({ pageParam }) =>
      result(api.segments({ id }).history.get({ query: { limit: PAGE, ...afterwards(pageParam) } })),
    initialPageParam: null as string | null,
    getNextPageParam: ({ meta }) => meta.pagination.cursor,
  });

/** Where a segment is shown. Its slug could be "new", which is another page. */
export const segmentPath = ({ slug, id }: Pick<Segment, 'slug' | 'id'>): string =>
  `/segments/${slug === 'new' ? id : slug}`;
