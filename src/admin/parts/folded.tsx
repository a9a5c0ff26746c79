import { Anchor } from '@mantine/core';
import { type ReactNode, useState } from 'react';

/** What only some look for: its name alone, until it is opened. */
export function Folded({ label, children }: { label: string; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Anchor
        component="button"
        type="button"
        size="sm"
        className="fold"
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <span aria-hidden="true">{opened ? '▾ ' : '▸ '}</span>
        {label}
      </Anchor>
      {opened && children}
    </>
  );
}
