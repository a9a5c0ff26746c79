import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { api, result } from '../../api.ts';
import type { Asked } from './asked.ts';

const PAGE = 50;

/** Users page by page: a million of them are never here at once. */
export const usersQuery = ({ search, segment, rules, sort }: Asked) =>
  infiniteQueryOptions({
    queryKey: ['users', 'list', { search, segment, rules, sort }],
    queryFn: ({ pageParam, signal }) =>
      result(
        api.users.get({
          query: {
            limit: PAGE,
            sort,
            ...(search !== '' && { search }),
            ...(segment !== '' && { segment }),
            ...(rules !== '' && { rules }),
            ...(pageParam !== null && { cursor: pageParam }),
          },
          fetch: { signal },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ meta }) => meta.pagination.cursor,
    placeholderData: keepPreviousData,
    // Pages that were loaded would all be loaded again, and people move between them.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
export type User = NonNullable<Awaited<ReturnType<typeof api.users.get>>['data']>['data'][number];
