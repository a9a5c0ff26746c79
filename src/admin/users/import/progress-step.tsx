import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { formatBytes } from '../../format.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Section } from '../../parts/page.tsx';
import { IMPORT } from '../../texts/import.ts';
import { CountList } from './counts.tsx';
import { importsQuery, percentOf } from './data.ts';
import { stopUpload, type Upload } from './upload.ts';

/** How far the import is that this tab sends. */
export function ProgressStep({ upload }: { upload: Extract<Upload, { state: 'running' }> }) {
  const [stopping, { open, close }] = useDisclosure();
  const { data } = useQuery({ ...importsQuery, refetchInterval: 500 });
  const job = data?.find(({ status, name }) => status === 'running' && name === upload.name);
  // Something to see from the beginning.
  const percent = Math.max(1, (job === undefined ? null : percentOf(job)) ?? 0);
  return (
    <Section title={<bdi>{IMPORT.running(upload.name)}</bdi>}>
      <Stack gap="sm">
        <Progress.Root size="lg">
          <Progress.Section value={percent} aria-label={IMPORT.progress} />
        </Progress.Root>
        <Group justify="space-between">
          <CountList counts={job ?? { created: 0, updated: 0, unchanged: 0, rejected: 0 }} />
          <Text c="dimmed" size="sm">
            {formatBytes(job?.bytes ?? 0)} / {formatBytes(upload.bytes)}
          </Text>
        </Group>
        <Text c="dimmed">{IMPORT.stay}</Text>
        <Group>
          <Button variant="default" onClick={open}>
            {IMPORT.stop}
          </Button>
        </Group>
      </Stack>
      <Confirm
        opened={stopping}
        onClose={close}
        title={IMPORT.stopTitle}
        action={IMPORT.stop}
        destructive
        run={async () => stopUpload()}
      >
        {IMPORT.stopText}
      </Confirm>
    </Section>
  );
}
