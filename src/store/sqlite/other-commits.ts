import type { Database } from 'bun:sqlite';

export interface OtherCommits {
  /** Calls the listeners if another process has committed since the last time; to be asked inside a transaction. */
  check(): void;
  /** Has the next check call them in any case. */
  forget(): void;
  onChange(listener: () => void): void;
}

/** Tells whoever keeps something in memory when the database is not as this process left it. */
export function watchOtherCommits(sqlite: Database): OtherCommits {
  // SQLite's counter of commits made by other connections.
  const version = sqlite.query<[number], []>('PRAGMA data_version');
  const listeners: (() => void)[] = [];
  let seen: unknown;
  return {
    check() {
      const [row] = version.values();
      if (row?.[0] === seen) return;
      for (const listener of listeners) listener();
      // Not before: what a listener could not read it has to read the next time.
      seen = row?.[0];
    },
    forget() {
      seen = undefined;
    },
    onChange(listener) {
      listeners.push(listener);
    },
  };
}
