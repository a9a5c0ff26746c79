import type { AccountStore, AuditChange, AuditEntry } from '../store/account-store.ts';
import type { Principal } from './principal.ts';

/** Who an entry speaks of. */
export interface Actor {
  principal: Principal | null;
  ip: string | null;
}
export interface AuditEvent {
  /** As in "segment.changed". */
  action: string;
  /** What it was done to, in words or as an id. */
  target?: string | null;
  /** Secrets as "changed". */
  changes?: AuditChange[] | null;
  /** Done by programs all day long: told once, and then as a number of times. */
  often?: boolean;
}

export interface Audit {
  /** Resolves when the entry is stored; entries that come together share a commit. */
  record(actor: Actor, event: AuditEvent): Promise<void>;
  /** Writes how often programs have done since the last time what is only counted; a crash loses that number. */
  flush(): Promise<void>;
}

export function createAudit(store: AccountStore, now: () => number): Audit {
  let waiting: AuditEntry[] = [];
  let commit: Promise<void> | null = null;

  function enqueue(entry: AuditEntry): Promise<void> {
    waiting.push(entry);
    commit ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const entries = waiting;
      waiting = [];
      commit = null;
      return store.recordAudit(entries);
    });
    return commit;
  }

  /** What has been told since the last flush, and how often more it has been done. */
  const counted = new Map<string, { entry: AuditEntry; more: number }>();

  return {
    async record({ principal, ip }, event) {
      const entry = { ...actorOf(principal), ip, ...entryOf(event, now()) };
      if (event.often !== true || entry.actorKind === 'admin') return enqueue(entry);
      const key = JSON.stringify([entry.actorKind, entry.actorId, ip, entry.action]);
      const known = counted.get(key);
      if (known === undefined) {
        counted.set(key, { entry, more: 0 });
        return enqueue(entry);
      }
      known.more++;
    },
    async flush() {
      const sums = [...counted.values()].filter(({ more }) => more > 0);
      counted.clear();
      const at = now();
      const changes = (more: number) => [{ field: 'times', after: more }];
      await Promise.all(
        sums.map(({ entry, more }) => enqueue({ ...entry, at, target: null, changes: changes(more) })),
      );
    },
  };
}

/** An entry for something done on the command line. */
export const commandEntry = (event: AuditEvent, now: number): AuditEntry => ({
  actorKind: 'command',
  actorId: null,
  actorName: null,
  ip: null,
  ...entryOf(event, now),
});

const entryOf = ({ action, target = null, changes = null }: AuditEvent, at: number) => ({
  at,
  action,
  target,
  changes: changes === null || changes.length === 0 ? null : changes,
});

function actorOf(principal: Principal | null): Pick<AuditEntry, 'actorKind' | 'actorId' | 'actorName'> {
  if (principal === null) return { actorKind: 'nobody', actorId: null, actorName: null };
  const { kind, id, email, name } = principal;
  return { actorKind: kind, actorId: id, actorName: email ?? name };
}
