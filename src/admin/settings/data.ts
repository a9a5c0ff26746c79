import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, result } from '../api.ts';
import { notice } from '../parts/notice.ts';
import { segmentSettingsQuery } from '../queries.ts';

const integration = api.settings.integrations.segment;
type Answer = NonNullable<Awaited<ReturnType<typeof integration.get>>['data']>;
export type Settings = Answer['data'];
export type Inbound = Settings['inbound'];
export type Outbound = Settings['outbound'];
export type SettingsPatch = Parameters<typeof integration.patch>[0];
export type Change = 'enable' | 'resend' | 'user_id';

/** How much a change would send. Counted anew each time it is asked for, and again while it still changes. */
export const outlookQuery = (change: Change) =>
  queryOptions({
    queryKey: ['settings', 'outlook', change],
    queryFn: () => result(integration.outlook.get({ query: { change } })).then(({ data }) => data),
    refetchInterval: ({ state }) => (state.data?.changing ? 1000 : false),
    staleTime: 0,
    gcTime: 0,
  });

/** The last call that Segment took. */
export const lastHandedOverQuery = queryOptions({
  queryKey: ['activity', 'outbound', 'last taken'],
  queryFn: () =>
    result(api.activity.outbound.get({ query: { outcome: 'taken', limit: 1 } })).then(
      ({ data }) => data[0] ?? null,
    ),
  refetchInterval: 5000,
});

/** Saves a part of the settings; `said` is told afterwards. */
export function useSave() {
  const queries = useQueryClient();
  return async (patch: SettingsPatch, said: string) => {
    const { data } = await result(integration.patch(patch));
    queries.setQueryData(segmentSettingsQuery.queryKey, data);
    queries.invalidateQueries({ queryKey: ['segments'] });
    notice(said);
  };
}

/** The same where the button itself shows that it is being done, and what failed. */
export function useSaveNow() {
  const save = useSave();
  return useMutation({
    mutationFn: ({ patch, said }: { patch: SettingsPatch; said: string }) => save(patch, said),
    onError: (error) => notice(error.message),
  });
}

/** Makes a new shared secret and answers it. */
export function useRotate() {
  const queries = useQueryClient();
  return async (): Promise<string> => {
    const { data } = await result(integration['rotate-secret'].post());
    await queries.invalidateQueries({ queryKey: segmentSettingsQuery.queryKey });
    return data.sharedSecret;
  };
}
