import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useLocation } from 'wouter';
import { meQuery, useLastMe } from '../session.tsx';

const OUTSIDE = ['/accept', '/sign-in'];

/** After signing in the page asked for appears. What somebody else may have seen is forgotten first. */
export function useSignedIn() {
  const queries = useQueryClient();
  const last = useLastMe();
  const [path, navigate] = useLocation();
  return useCallback(async () => {
    const me = await meQuery.queryFn();
    if (me?.id !== last?.id) queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    queries.setQueryData(meQuery.queryKey, me);
    // What is behind the # and ? of these pages was for them.
    if (OUTSIDE.includes(path)) navigate('/', { replace: true });
  }, [queries, last, path, navigate]);
}
