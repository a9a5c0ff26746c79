import type { ReactNode } from 'react';
import { Status, type Tone } from '../parts/data.tsx';

/** A state whose words may be longer than a line; calm where nothing is wrong, so that the rest stands out. */
export function Outcome({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <Status tone={tone}>
      <span
        style={{
          whiteSpace: 'normal',
          overflowWrap: 'anywhere',
          ...(tone === 'ok' ? { color: 'var(--mantine-color-text)' } : {}),
        }}
      >
        {children}
      </span>
    </Status>
  );
}
