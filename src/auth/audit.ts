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
}

export interface Audit {
  /** Resolves when the entry is stored; entries that come together share a commit. */
  record(actor: Actor, event: AuditEvent): Promise<void>;
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

  return {
    record: ({ principal, ip }, event) => enqueue({ ...actorOf(principal), ip, ...entryOf(event, now()) }),
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
