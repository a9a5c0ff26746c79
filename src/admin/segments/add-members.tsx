import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { DETAIL } from '../texts/segments.ts';
import { AddBySearch } from './add-by-search.tsx';
import { AddList } from './add-list.tsx';
import type { Segment } from './data.ts';

/** The two ways into a segment by hand: one by one, and a whole list. */
export function AddMembers({ segment }: { segment: Segment }) {
  const [open, setOpen] = useState<'search' | 'list' | null>(null);
  const close = () => setOpen(null);
  return (
    <Group gap="xs">
      <Button onClick={() => setOpen('search')}>{DETAIL.addOpen}</Button>
      <Button variant="default" onClick={() => setOpen('list')}>
        {DETAIL.paste}
      </Button>
      <AddBySearch segment={segment} opened={open === 'search'} onClose={close} />
      <AddList segment={segment} opened={open === 'list'} onClose={close} />
    </Group>
  );
}
