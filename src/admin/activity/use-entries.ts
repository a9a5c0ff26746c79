import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { segmentsQuery } from '../queries.ts';
import { type Asked, type Cursors, type EntryPage, loadNewer, loadPage, MOST, merge } from './entries.ts';
import type { Filters } from './filters.ts';

const START: Cursors = { in: undefined, out: undefined };
const EVERY_MS = 2000;

/**
 * What matches the filters. What is shown stays as it is while it is being read: what comes meanwhile is counted, and
 * shown when asked for.
 */
export function useEntries(filters: Filters) {
  const queries = useQueryClient();
  const segments = useQuery(segmentsQuery);
  const segment = segments.data?.find(({ slug }) => slug === filters.segment);
  const unknownSegment = filters.segment !== '' && segments.isSuccess && segment === undefined;
  const trait = segment?.traitKey;
  const asked: Asked = useMemo(() => ({ ...filters, trait }), [filters, trait]);
  const key = useMemo(() => ['activity', 'entries', asked], [asked]);

  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => loadPage(asked, pageParam),
    initialPageParam: START,
    getNextPageParam: ({ next }) => (next.in === null && next.out === null ? undefined : next),
    enabled: filters.segment === '' || segment !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const loaded = pages.data?.pages;
  const entries = useMemo(() => merge(loaded ?? []), [loaded]);

  const top = {
    in: loaded?.find(({ deliveries }) => deliveries.length > 0)?.deliveries[0]?.id ?? 0,
    out: loaded?.find(({ calls }) => calls.length > 0)?.calls[0]?.id ?? 0,
  };
  const past = filters.to !== '' && Date.parse(filters.to) < Date.now();
  const newer = useQuery({
    queryKey: ['activity', 'newer', asked, top],
    queryFn: () => loadNewer(asked, top),
    enabled: pages.isSuccess && !pages.isPlaceholderData && !past,
    refetchInterval: EVERY_MS,
    gcTime: 0,
  });
  const found = newer.data;
  const count = (found?.deliveries.length ?? 0) + (found?.calls.length ?? 0);
  // There may be more than the service gives at once, and so a gap.
  const gap = found !== undefined && (found.deliveries.length === MOST || found.calls.length === MOST);

  const showNew = useCallback(() => {
    if (found === undefined || gap) {
      queries.resetQueries({ queryKey: key });
      return;
    }
    queries.setQueryData<InfiniteData<EntryPage, Cursors>>(key, (before) =>
      before === undefined
        ? before
        : { pages: [found, ...before.pages], pageParams: [START, ...before.pageParams] },
    );
  }, [found, gap, queries, key]);

  // Where nothing is being read there is nothing to move.
  const nothing = pages.isSuccess && entries.length === 0;
  useEffect(() => {
    if (nothing && count > 0) showNew();
  }, [nothing, count, showNew]);

  return {
    pages,
    entries,
    segments,
    unknownSegment,
    past,
    newer: { count, gap, failed: newer.isError },
    showNew,
  };
}
