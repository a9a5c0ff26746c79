import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, result } from '../api.ts';
import { notice } from '../parts/notice.ts';
import { segmentSettingsQuery } from '../queries.ts';
import { SETTINGS } from '../texts/settings.ts';

/** Makes everything Segment refused pending again. */
export function useRetryParked() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => result(api.settings.integrations.segment['retry-parked'].post()),
    onSuccess: ({ data }) => {
      notice(SETTINGS.now.retried(data.retried));
      return queries.invalidateQueries({ queryKey: segmentSettingsQuery.queryKey });
    },
    onError: (error) => notice(error.message),
  });
}

/** Tells Segment about every member of every synced segment again. */
export function useResendAll() {
  const queries = useQueryClient();
  return async () => {
    const { data } = await result(api.segments.resync.post());
    notice(SETTINGS.resend.done(data.queued));
    await queries.invalidateQueries({ queryKey: ['segments'] });
    await queries.invalidateQueries({ queryKey: segmentSettingsQuery.queryKey });
  };
}
