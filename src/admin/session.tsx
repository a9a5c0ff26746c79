import { useQuery } from '@tanstack/react-query';
import { ApiError, api, result } from './api.ts';

/** Who is signed in; null for nobody. */
export const meQuery = {
  queryKey: ['me'],
  queryFn: () =>
    result(api.me.get()).then(
      ({ data }) => data,
      (error) => {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      },
    ),
  staleTime: 60_000,
};

/** Who is signed in, within the frame, where somebody is. */
export function useMe() {
  const { data } = useQuery(meQuery);
  if (data === undefined || data === null) throw new Error('Nobody is signed in');
  return data;
}

export type Permission = ReturnType<typeof useMe>['permissions'][number];

/** Whether the person signed in may do this; the server decides in the end. */
export const useCan = (permission: Permission): boolean => useMe().permissions.includes(permission);
