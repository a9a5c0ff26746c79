import { Paper } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useUnsaved } from './unsaved.ts';

/**
 * What is shown this once, in a box that takes the focus, so that it is heard and seen. While it is there, leaving the
 * page asks first.
 */
export function ShownOnce({ label, children }: { label: string; children: ReactNode }) {
  useUnsaved(true, 'secret');
  const box = useRef<HTMLDivElement>(null);
  // After the dialog has given the focus back to its button, which is not where one goes on.
  useEffect(() => {
    const timer = setTimeout(() => box.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  return (
    <Paper
      ref={box}
      tabIndex={-1}
      withBorder
      p="md"
      my="sm"
      className="shown-once"
      component="section"
      aria-label={label}
    >
      {children}
    </Paper>
  );
}
