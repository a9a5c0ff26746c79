import { Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { api, result } from '../api.ts';
import { AllowedButton } from '../parts/allowed-button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { notice } from '../parts/notice.ts';
import { segmentSettingsQuery } from '../queries.ts';
import { ACTIVITY } from '../texts/activity.ts';

const texts = ACTIVITY.retry;

/** Sends everything Segment refused once more; `parked` is how much that is, where it is known. */
export function Retry({ parked }: { parked: number | undefined }) {
  const [opened, question] = useDisclosure();
  const queries = useQueryClient();
  const run = async () => {
    const { data } = await result(api.settings.integrations.segment['retry-parked'].post());
    notice(texts.done(data.retried));
    await queries.invalidateQueries(segmentSettingsQuery);
  };
  if (parked === 0) return <Text c="dimmed">{texts.nothing}</Text>;
  return (
    <>
      <AllowedButton needs="settings" size="xs" disabled={parked === undefined} onClick={question.open}>
        {ACTIVITY.panel.retry}
      </AllowedButton>
      <Confirm
        opened={opened}
        onClose={question.close}
        title={texts.title}
        action={texts.action(parked ?? 0)}
        ready={parked !== undefined}
        run={run}
      >
        {texts.question(parked ?? 0)}
      </Confirm>
    </>
  );
}
