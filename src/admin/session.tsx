import { createContext, useContext } from 'react';
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
export type Me = NonNullable<Awaited<ReturnType<typeof meQuery.queryFn>>>;

const Context = createContext<Me | null>(null);
export const MeProvider = Context.Provider;

/** Who is signed in, or was until the session ended by itself; null where nobody was. */
export const useLastMe = (): Me | null => useContext(Context);

/** Who is signed in, within the frame, where somebody is. */
export function useMe(): Me {
  const me = useLastMe();
  if (me === null) throw new Error('Nobody is signed in');
  return me;
}

export type Permission = Me['permissions'][number];

/** Whether the person signed in may do this; the server decides in the end. */
export const useCan = (permission: Permission): boolean => useMe().permissions.includes(permission);
