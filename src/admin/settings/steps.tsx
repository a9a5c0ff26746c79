import { Anchor, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAddressParam } from '../address.ts';
import { SETTINGS } from '../texts/settings.ts';

/** Shows the steps at Segment beside the fields, or hides them. */
export function StepsToggle({ which }: { which: 'in' | 'out' }) {
  const [shown, setShown] = useAddressParam('steps');
  const opened = shown === which;
  return (
    <Anchor
      component="button"
      type="button"
      aria-expanded={opened}
      aria-controls={`steps-${which}`}
      onClick={() => setShown(opened ? '' : which, { replace: true })}
    >
      <span aria-hidden="true">{opened ? '▾' : '▸'}</span> {opened ? SETTINGS.steps.close : SETTINGS.howTo}
    </Anchor>
  );
}

/** Numbered steps beside the fields. */
export function Steps({
  which,
  title,
  children,
}: {
  which: 'in' | 'out';
  title: string;
  children: ReactNode;
}) {
  return (
    <section id={`steps-${which}`} aria-label={title} className="steps">
      <Title order={3} fz="md">
        {title}
      </Title>
      <ol>{children}</ol>
    </section>
  );
}
