import { useEffect } from 'react';
import type { Entry } from './entries.ts';

/** j and k: the next and the previous entry in the panel, or, while it is closed, the next and the previous row. */
export function useRowKeys(entries: readonly Entry[], open: string, show: (key: string) => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
      if (step === 0) return;
      if (open !== '') {
        const next = neighbour(entries, open, step);
        if (next !== undefined) show(next.key);
        return;
      }
      const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
      const at = rows.indexOf(document.activeElement as HTMLElement);
      rows[at === -1 ? 0 : at + step]?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [entries, open, show]);
}

/** The entry so many further down; of one that is not in the list none. */
export function neighbour(entries: readonly Entry[], key: string, step: number): Entry | undefined {
  const at = entries.findIndex((entry) => entry.key === key);
  return at === -1 ? undefined : entries[at + step];
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
