import { Paper, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api, result } from '../api.ts';
import { AllowedButton } from '../parts/allowed-button.tsx';
import { Status } from '../parts/data.tsx';
import { Problem } from '../parts/page.tsx';
import { ACTIVITY } from '../texts/activity.ts';

const { panel } = ACTIVITY;

/** Finds out why the signature of a rejected delivery was not accepted. */
export function Diagnose({ deliveryId }: { deliveryId: number }) {
  const diagnosis = useMutation({
    mutationFn: () =>
      result(api.settings.integrations.segment.diagnose.post({ deliveryId })).then(({ data }) => data),
  });
  return (
    <Stack gap="sm" align="flex-start">
      <AllowedButton
        needs="settings"
        size="xs"
        variant="default"
        loading={diagnosis.isPending}
        onClick={() => diagnosis.mutate()}
      >
        {panel.diagnose}
      </AllowedButton>
      {diagnosis.data !== undefined && (
        <Paper withBorder p="sm" role="status">
          <Status tone={diagnosis.data.accepted ? 'ok' : 'look'}>
            {diagnosis.data.accepted ? panel.accepted : panel.notAccepted}
          </Status>
          <Text mt={4}>{diagnosis.data.message}</Text>
        </Paper>
      )}
      <Problem error={diagnosis.error} />
    </Stack>
  );
}
