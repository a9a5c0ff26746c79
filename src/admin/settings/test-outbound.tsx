import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { formatLatency } from '../format.ts';
import { Status } from '../parts/data.tsx';
import { Problem } from '../parts/page.tsx';
import { useCan, useMe } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';

const { testOutbound: TEXT } = SETTINGS;
const sendTest = (userId: string) =>
  result(api.settings.integrations.segment['test-outbound'].post({ userId })).then(({ data }) => data);

/** Sends one identify to Segment and shows what it answers. */
export function TestOutbound({ ready }: { ready: boolean }) {
  const [opened, setOpened] = useState(false);
  const can = useCan('settings');
  if (!can) return null;
  return (
    <>
      <Button variant="default" disabled={!ready} onClick={() => setOpened(true)}>
        {TEXT.button}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={TEXT.title} size="lg">
        <Test />
      </Modal>
    </>
  );
}

function Test() {
  const { email } = useMe();
  const [user, setUser] = useState(email ?? '');
  const sending = useMutation({ mutationFn: () => sendTest(user.trim()) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (user.trim() !== '') sending.mutate();
      }}
    >
      <Stack>
        <Text>{TEXT.text}</Text>
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            flex={1}
            label={TEXT.user}
            description={TEXT.userHelp}
            value={user}
            maxLength={320}
            onChange={(event) => setUser(event.currentTarget.value)}
            data-autofocus
          />
          <Button type="submit" disabled={user.trim() === ''} loading={sending.isPending}>
            {TEXT.action}
          </Button>
        </Group>
        <Problem error={sending.error} />
        <div aria-live="polite">
          {sending.data !== undefined && (
            <Stack gap="xs">
              <Status tone={sending.data.handedOver ? 'ok' : 'bad'}>
                {sending.data.handedOver
                  ? TEXT.taken(sending.data.status, formatLatency(sending.data.latencyMs))
                  : TEXT.failed(sending.data.status)}
              </Status>
              <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
                {sending.data.message}
              </Text>
            </Stack>
          )}
        </div>
      </Stack>
    </form>
  );
}
