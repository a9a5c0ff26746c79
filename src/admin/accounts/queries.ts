import { queryOptions } from '@tanstack/react-query';
import { api, result } from '../api.ts';

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => result(api.sessions.get({ query: {} })).then(({ data }) => data),
});
export const keysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: () => result(api['api-keys'].get()).then(({ data }) => data),
});
export const adminsQuery = queryOptions({
  queryKey: ['admins'],
  queryFn: () => result(api.admins.get()).then(({ data }) => data),
});
export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: () => result(api.invitations.get()).then(({ data }) => data),
});

type Item<Query extends { queryFn?: unknown }> =
  NonNullable<Query['queryFn']> extends (...args: never[]) => infer Answer ? Awaited<Answer> : never;
export type Session = Extract<Item<typeof sessionsQuery>, unknown[]>[number];
export type Key = Extract<Item<typeof keysQuery>, unknown[]>[number];
export type Admin = Extract<Item<typeof adminsQuery>, unknown[]>[number];
export type Invitation = Extract<Item<typeof invitationsQuery>, unknown[]>[number];
