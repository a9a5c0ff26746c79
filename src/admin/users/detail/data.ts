import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, result } from '../../api.ts';

const of = (id: string) => api.users({ id: encodeURIComponent(id) });

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id],
    queryFn: () => result(of(id).get()).then(({ data }) => data),
    refetchInterval: 10_000,
  });
export type User = Awaited<ReturnType<NonNullable<ReturnType<typeof userQuery>['queryFn']>>>;

export const attributesOfUserQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id, 'attributes'],
    queryFn: () => result(of(id).attributes.get()).then(({ data }) => data),
    refetchInterval: 10_000,
  });
export type UserAttribute = NonNullable<
  Awaited<ReturnType<ReturnType<typeof of>['attributes']['get']>>['data']
>['data'][number];

/** Every segment, whether the user is in it, and what its rules see. */
export const segmentsOfUserQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id, 'segments'],
    queryFn: () => result(of(id).segments.get({ query: { explain: true } })).then(({ data }) => data),
    refetchInterval: 10_000,
  });
export type UserSegment = NonNullable<
  Awaited<ReturnType<ReturnType<typeof of>['segments']['get']>>['data']
>['data'][number];

export const historyOfUserQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['users', 'one', id, 'history'],
    queryFn: ({ pageParam }) =>
      result(of(id).history.get({ query: { limit: 20, ...(pageParam !== null && { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: ({ meta }) => meta.pagination.cursor,
  });

export const deliveriesOfUserQuery = (email: string) =>
  queryOptions({
    queryKey: ['activity', 'user', email],
    queryFn: () =>
      result(api.activity.inbound.get({ query: { user: email, limit: 50 } })).then(({ data }) => data),
    refetchInterval: 5000,
  });

export interface Change {
  email?: string;
  name?: string | null;
  externalId?: string | null;
  attributes?: Record<string, unknown>;
}

/** Changes a user; answers the names of the segments they join and leave by it. */
export async function changeUser(queries: QueryClient, id: string, change: Change) {
  const before = await queries.fetchQuery(segmentsOfUserQuery(id));
  await result(of(id).patch(change));
  const after = await queries.fetchQuery({ ...segmentsOfUserQuery(id), staleTime: 0 });
  queries.invalidateQueries({ queryKey: ['users'] });
  const names = (segments: UserSegment[]) => segments.filter(({ member }) => member).map(({ name }) => name);
  return {
    joined: names(after).filter((name) => !names(before).includes(name)),
    left: names(before).filter((name) => !names(after).includes(name)),
  };
}

export const deleteUser = (id: string) => result(of(id).delete());
