import { type ReactNode, useId } from 'react';

/** One line of a section: its name on the left, what it is on the right; below each other on a phone. */
export function Field({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out as a grid in every browser
    <div className="field" role="group" aria-labelledby={id}>
      <div className="field-label" id={id}>
        {label}
      </div>
      <div className="field-value">{children}</div>
    </div>
  );
}
