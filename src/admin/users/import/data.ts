import { queryOptions } from '@tanstack/react-query';
import { api, result } from '../../api.ts';

/** The imports of the service since it started, asked for more often while one goes on. */
export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: () => result(api.users.imports.get()).then(({ data }) => data),
  refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'running') ? 500 : 3000),
});
export type ImportJob = NonNullable<
  Awaited<ReturnType<typeof api.users.imports.get>>['data']
>['data'][number];

export const errorsAddress = (id: string): string => `/api/v1/users/imports/${id}/errors`;
/** How much of a file was read, 0 to 100; null where its size is not known. */
export const percentOf = ({ bytes, totalBytes }: Pick<ImportJob, 'bytes' | 'totalBytes'>): number | null =>
  totalBytes === null || totalBytes === 0 ? null : Math.min(100, (100 * bytes) / totalBytes);
