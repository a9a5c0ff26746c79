import type { QueryClient } from '@tanstack/react-query';
import { giveUp } from '../parts/unsaved.ts';

/** After signing out by hand: nothing of what was seen or typed stays behind for the next person. */
export function beginAnew(queries: QueryClient): void {
  giveUp();
  queries.clear();
  location.assign('/admin');
}
