import { useCallback, useEffect, useState } from 'react';

/** What is lost with a page: changes that were not saved, or a secret that is not shown again. */
export type Loss = 'changes' | 'secret';

/** One mark for each part of the page that holds something which would be lost. */
const marks = new Map<object, Loss>();

/** Whether something would be lost if the page were left now. */
export const isUnsaved = (): boolean => marks.size > 0;

/** The gravest of what would be lost: changes can be made once more. */
export const whatIsLost = (): Loss => ([...marks.values()].includes('secret') ? 'secret' : 'changes');

/** Lets it all go: whoever was asked has chosen to leave. */
export const giveUp = (): void => marks.clear();

/**
 * While `changed`, leaving the page asks first: in our own words where another page is shown instead (leaving.ts), in
 * the browser's where this one is closed or loaded again. The function it answers ends that at once, for a form that
 * goes elsewhere by itself after saving.
 */
export function useUnsaved(changed: boolean, loss: Loss = 'changes'): () => void {
  const [mark] = useState<object>(() => ({}));
  useEffect(() => {
    if (!changed) return;
    const warn = (event: BeforeUnloadEvent) => {
      if (marks.has(mark)) event.preventDefault();
    };
    marks.set(mark, loss);
    window.addEventListener('beforeunload', warn);
    return () => {
      marks.delete(mark);
      window.removeEventListener('beforeunload', warn);
    };
  }, [changed, mark, loss]);
  return useCallback(() => {
    marks.delete(mark);
  }, [mark]);
}
