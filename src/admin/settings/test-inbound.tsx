import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, result } from '../api.ts';
import { formatLatency } from '../format.ts';
import { Status } from '../parts/data.tsx';
import { Problem } from '../parts/page.tsx';
import { useCan } from '../session.tsx';
import { SETTINGS } from '../texts/settings.ts';

const { testInbound: TEXT } = SETTINGS;
const sendTest = (email: string) =>
  result(api.settings.integrations.segment['test-inbound'].post(email === '' ? {} : { email })).then(
    ({ data }) => data,
  );
type Report = Awaited<ReturnType<typeof sendTest>>;

/** Sends an event the way Segment would, and shows every stretch of its way. */
export function TestInbound({ ready }: { ready: boolean }) {
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
  const [email, setEmail] = useState('');
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: () => sendTest(email.trim()),
    onSettled: () => queries.invalidateQueries({ queryKey: ['activity'] }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        sending.mutate();
      }}
    >
      <Stack>
        <Text>{TEXT.text}</Text>
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            flex={1}
            label={TEXT.email}
            description={TEXT.emailHelp}
            value={email}
            maxLength={320}
            onChange={(event) => setEmail(event.currentTarget.value)}
            data-autofocus
          />
          <Button type="submit" loading={sending.isPending}>
            {TEXT.action}
          </Button>
        </Group>
        <Problem error={sending.error} />
        <div aria-live="polite">{sending.data !== undefined && <Result report={sending.data} />}</div>
      </Stack>
    </form>
  );
}

const TONES = { ok: 'ok', warning: 'look', error: 'bad', skipped: 'off' } as const;

function Result({ report }: { report: Report }) {
  return (
    <Stack gap="xs">
      <Status tone={report.ok ? 'ok' : 'bad'}>
        {report.ok ? TEXT.ok(formatLatency(report.latencyMs)) : TEXT.failed}
      </Status>
      {report.via === 'loopback' && <Text fz="sm">{TEXT.loopback}</Text>}
      <ol className="hops" aria-label={TEXT.hops}>
        {report.hops.map(({ hop, state, message }) => (
          <li key={hop}>
            <Text span fw={600}>
              {SETTINGS.hops[hop] ?? hop}
            </Text>{' '}
            <Status tone={TONES[state]}>{SETTINGS.hopStates[state]}</Status>
            <Text
              span={state === 'skipped'}
              fz="sm"
              style={{ overflowWrap: 'anywhere' }}
              {...(state === 'skipped' ? { c: 'dimmed', ml: 8 } : {})}
            >
              {message}
            </Text>
          </li>
        ))}
      </ol>
    </Stack>
  );
}
