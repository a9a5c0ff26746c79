import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useLocation } from 'wouter';
import { meQuery } from '../session.tsx';

const OUTSIDE = ['/accept', '/sign-in'];

/** After signing in: what somebody else may have seen is forgotten, and the page asked for appears. */
export function useSignedIn() {
  const queries = useQueryClient();
  const [path, navigate] = useLocation();
  return useCallback(async () => {
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    await queries.invalidateQueries(meQuery);
    // What is behind the # and ? of these pages was for them.
    if (OUTSIDE.includes(path)) navigate('/', { replace: true });
  }, [queries, path, navigate]);
}
