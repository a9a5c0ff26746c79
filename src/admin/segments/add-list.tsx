import { Button, Group, Modal, Progress, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { formatCount } from '../format.ts';
import { FormFooter } from '../parts/form-footer.tsx';
import { errorText, Problem } from '../parts/page.tsx';
import { DETAIL, SEGMENTS } from '../texts/segments.ts';
import type { Segment } from './data.ts';
import { FailedEntries } from './failed-entries.tsx';
import { readList } from './pasted-list.ts';
import { useAddList } from './use-add-list.ts';

interface Props {
  segment: Segment;
  opened: boolean;
  onClose(): void;
}

export function AddList({ segment, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={DETAIL.pasteTitle} size="lg">
      {opened && <List segment={segment} onClose={onClose} />}
    </Modal>
  );
}

/** Takes a list of thousands, says how far it is, and which entries were not taken and why. */
function List({ segment, onClose }: Omit<Props, 'opened'>) {
  const [pasted, setPasted] = useState('');
  const { entries, repeated } = readList(pasted);
  const { adding, isDone, error, isPending, start, reset } = useAddList(segment.id);
  if (adding !== null && isDone) {
    return (
      <Stack>
        <Text role="status">{DETAIL.pasteDone(adding.added)}</Text>
        {adding.failed.length > 0 && <FailedEntries failed={adding.failed} />}
        <Group justify="flex-end">
          <Button
            variant="default"
            onClick={() => {
              setPasted('');
              reset();
            }}
          >
            {DETAIL.pasteAgain}
          </Button>
          <Button onClick={onClose}>{DETAIL.done}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (entries.length > 0) start(entries);
      }}
    >
      <Stack>
        <Textarea
          label={DETAIL.pasteLabel}
          description={DETAIL.pasteHint}
          value={pasted}
          onChange={(event) => {
            setPasted(event.currentTarget.value);
            if (adding !== null) reset();
          }}
          rows={10}
          disabled={isPending}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          data-autofocus
        />
        <Text fz="sm" c="dimmed" mih={20}>
          {DETAIL.pasteCount(entries.length)}
          {repeated > 0 && `; ${DETAIL.pasteTwice(repeated)}`}
        </Text>
        {adding !== null && (
          <div>
            <Group justify="space-between">
              <Text fz="xs">{DETAIL.pasteProgress}</Text>
              <Text fz="xs" c="dimmed">
                {SEGMENTS.progress(formatCount(adding.done), formatCount(adding.total))}
              </Text>
            </Group>
            <Progress.Root size="sm">
              <Progress.Section
                value={(100 * adding.done) / adding.total}
                aria-label={DETAIL.pasteProgress}
              />
            </Progress.Root>
          </div>
        )}
        <Problem
          error={error === null || adding === null ? null : DETAIL.pasteBroken(adding.done, errorText(error))}
        />
        <FormFooter onCancel={onClose} disabled={entries.length === 0} loading={isPending}>
          {DETAIL.pasteDo(entries.length - (adding?.done ?? 0))}
        </FormFooter>
      </Stack>
    </form>
  );
}
