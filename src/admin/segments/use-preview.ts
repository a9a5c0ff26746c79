import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError, api, result } from '../api.ts';
import { type Problem, type Rules, readProblem } from './rules.ts';

const PAUSE_MS = 300;
export type Preview = NonNullable<Awaited<ReturnType<typeof api.segments.preview.post>>['data']>['data'];

/**
 * Who matches rules that are being built, counted when typing pauses. `isFresh` says whether what is there is about the
 * rules as they stand now; `problems` always are. Null for rules that are not finished.
 */
export function usePreview(rules: Rules | null, segment: string | null) {
  const wanted = rules === null ? null : JSON.stringify(rules);
  const [settled] = useDebouncedValue(wanted, PAUSE_MS);
  const preview = useQuery({
    queryKey: ['preview', segment, settled],
    queryFn: ({ signal }) =>
      result(
        api.segments.preview.post(
          { rules: JSON.parse(settled ?? ''), ...(segment !== null && { segment }) },
          { fetch: { signal } },
        ),
      ).then(({ data }) => data),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 10_000,
  });
  const isCurrent = wanted !== null && wanted === settled;
  const problems = useMemo(
    () => (isCurrent && !preview.isFetching ? problemsOf(preview.error) : NONE),
    [isCurrent, preview.isFetching, preview.error],
  );
  return {
    data: preview.data as Preview | undefined,
    isFresh: isCurrent && preview.isSuccess && !preview.isPlaceholderData,
    problems,
    /** What went wrong other than with the rules. */
    error: isCurrent && problems.length === 0 ? preview.error : null,
    retry: () => preview.refetch(),
  };
}
export type PreviewState = ReturnType<typeof usePreview>;

const NONE: Problem[] = [];

export function problemsOf(error: unknown): Problem[] {
  if (!(error instanceof ApiError) || error.code !== 'invalid_rules' || !Array.isArray(error.details))
    return NONE;
  return (error.details as { path: string; message: string }[]).map(readProblem);
}
