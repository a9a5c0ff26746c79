import { useCallback, useEffect, useState } from 'react';

/** One mark for each form that holds something which was not saved. */
const marks = new Set<object>();

/** Whether something would be lost if the page were left now. */
export const isUnsaved = (): boolean => marks.size > 0;

/** Lets it all go: whoever was asked has chosen to leave. */
export const giveUp = (): void => marks.clear();

/**
 * While `changed`, leaving the page asks first: in our own words where another page is shown instead (leaving.ts), in
 * the browser's where this one is closed or loaded again. The function it answers ends that at once, for a form that
 * goes elsewhere by itself after saving.
 */
export function useUnsaved(changed: boolean): () => void {
  const [mark] = useState<object>(() => ({}));
  useEffect(() => {
    if (!changed) return;
    const warn = (event: BeforeUnloadEvent) => {
      if (marks.has(mark)) event.preventDefault();
    };
    marks.add(mark);
    window.addEventListener('beforeunload', warn);
    return () => {
      marks.delete(mark);
      window.removeEventListener('beforeunload', warn);
    };
  }, [changed, mark]);
  return useCallback(() => {
    marks.delete(mark);
  }, [mark]);
}
