import { useSyncExternalStore } from 'react';
import type { BaseLocationHook } from 'wouter';
import { useLocationProperty } from 'wouter/use-browser-location';
import { giveUp, isUnsaved } from './parts/unsaved.ts';

const shown = {
  /** Path of the page that is shown. The address is ahead of it while a step back or forward is still a question. */
  path: location.pathname,
  /** Its place in the browser's history: the browser says that a step was made, but not how far it went. */
  entry: 0,
};
/** What is done if the answer is to leave; null while nothing is asked. */
const question: { deed: (() => void) | null } = { deed: null };
const listeners = new Set<() => void>();

function ask(deed: (() => void) | null) {
  question.deed = deed;
  for (const listener of listeners) listener();
}

function entryOf(state: unknown): number | null {
  const kept = (state as { entry?: unknown } | null)?.entry;
  return typeof kept === 'number' ? kept : null;
}

/** Follows the browser's steps back and forward. Has to listen before the router does, to decide what that one sees. */
export function followSteps(): void {
  shown.entry = entryOf(history.state) ?? 0;
  history.replaceState({ ...history.state, entry: shown.entry }, '');
  addEventListener('popstate', () => {
    if (location.pathname !== shown.path && isUnsaved()) {
      ask(() => dispatchEvent(new PopStateEvent('popstate', { state: history.state })));
      return;
    }
    shown.path = location.pathname;
    shown.entry = entryOf(history.state) ?? shown.entry;
    // Who steps back to the page by hand has answered the question.
    ask(null);
  });
}

/** Goes to an address. Where that leaves a page with something that was not saved, only after a question. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const { pathname } = new URL(to, location.href);
  if (pathname !== shown.path && isUnsaved()) {
    ask(() => navigate(to, { replace }));
    return;
  }
  shown.path = pathname;
  shown.entry = (entryOf(history.state) ?? shown.entry) + (replace ? 0 : 1);
  history[replace ? 'replaceState' : 'pushState']({ entry: shown.entry }, '', to);
}

/** Does at once what ends the page in another way, or asks first where something was not saved. */
export function leaveBy(deed: () => void): void {
  if (isUnsaved()) ask(deed);
  else deed();
}

/** Where the router has the page's path from, and how it goes to another. */
export const useShownPage: BaseLocationHook = () => [useLocationProperty(() => shown.path), navigate];

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Whether it is being asked if the page is to be left. */
export const useIsAsked = (): boolean => useSyncExternalStore(subscribe, () => question.deed !== null);

/** Answers: what was not saved is lost. */
export function leave(): void {
  const { deed } = question;
  giveUp();
  ask(null);
  deed?.();
}

/** Answers: the page is kept, and a step that was made is taken back. */
export function stay(): void {
  ask(null);
  // An entry that has no number was most likely reached by one step back.
  if (location.pathname !== shown.path) history.go(shown.entry - (entryOf(history.state) ?? shown.entry - 1));
}
