import { Button, Drawer, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { ApiError } from '../api.ts';
import { Failed, Loading } from '../parts/page.tsx';
import { ACTIVITY } from '../texts/activity.ts';
import { COMMON } from '../texts/common.ts';
import { CallDetails } from './call-details.tsx';
import { DeliveryDetails } from './delivery-details.tsx';
import { type Entry, loadEntry } from './entries.ts';
import { neighbour } from './use-row-keys.ts';
import { type Names, wordsOf } from './words.ts';

export interface PanelProps {
  /** The key of what is open, "" for nothing. */
  open: string;
  entries: readonly Entry[];
  names: Names;
  segments: readonly { slug: string; name: string; traitKey: string }[];
  show(key: string): void;
}

/** One entry with everything that is known of it, beside the list. */
export function Panel({ open, entries, names, segments, show }: PanelProps) {
  const listed = entries.find(({ key }) => key === open);
  const asked = useQuery({
    queryKey: ['activity', 'entry', open],
    queryFn: () => loadEntry(open),
    enabled: open !== '' && listed === undefined,
  });
  const entry = listed ?? asked.data;
  // Where the panel was opened from may have gone on by keyboard: focus returns to the row looked at last.
  const last = useRef('');
  if (open !== '') last.current = open;
  const close = () => {
    show('');
    requestAnimationFrame(() => document.getElementById(`row-${last.current}`)?.focus());
  };
  const previous = neighbour(entries, open, -1);
  const next = neighbour(entries, open, 1);
  return (
    <Drawer.Root
      opened={open !== ''}
      onClose={close}
      position="right"
      size="lg"
      returnFocus={false}
      transitionProps={{ duration: 0 }}
    >
      <Drawer.Overlay backgroundOpacity={0.2} />
      <Drawer.Content>
        <Drawer.Body p="md">
          {/* No header element: there would be two where a question is asked on top. */}
          <Group gap="xs" mb="lg" wrap="nowrap">
            <Drawer.Title flex={1} c="dimmed">
              {entry === undefined ? ACTIVITY.panel.gone : ACTIVITY.direction[entry.direction]}
            </Drawer.Title>
            <Step label={ACTIVITY.panel.previous} to={previous} show={show} />
            <Step label={ACTIVITY.panel.next} to={next} show={show} />
            <Drawer.CloseButton aria-label={COMMON.close} />
          </Group>
          {details()}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );

  function details() {
    if (entry === undefined) {
      if (asked.error === null) return <Loading rows={8} />;
      const gone = asked.error instanceof ApiError && [404, 422].includes(asked.error.status);
      const retry = gone ? {} : { retry: () => asked.refetch() };
      return <Failed what={ACTIVITY.panel.gone} error={asked.error} {...retry} />;
    }
    const words = wordsOf(entry, names);
    return entry.direction === 'in' ? (
      <DeliveryDetails key={entry.key} delivery={entry.of} words={words} />
    ) : (
      <CallDetails key={entry.key} call={entry.of} words={words} segments={segments} />
    );
  }
}

function Step({ label, to, show }: { label: string; to: Entry | undefined; show(key: string): void }) {
  return (
    <Button
      size="xs"
      variant="default"
      disabled={to === undefined}
      onClick={() => to !== undefined && show(to.key)}
    >
      {label}
    </Button>
  );
}
