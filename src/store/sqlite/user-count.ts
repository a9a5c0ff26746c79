import { users } from '../../../db/schema.ts';
import type { SqliteConnection } from './database.ts';
import { countRows } from './terms.ts';

/** How many users there are. Counted once, 10 ms for a million, and kept up from then on. */
export interface UserCount {
  current(): number;
  add(change: number): void;
  invalidate(): void;
}

export function createUserCount({ db }: SqliteConnection): UserCount {
  let counted: number | null = null;
  return {
    current() {
      counted ??= countRows(db, users);
      return counted;
    },
    add(change) {
      if (counted !== null) counted += change;
    },
    invalidate() {
      counted = null;
    },
  };
}
