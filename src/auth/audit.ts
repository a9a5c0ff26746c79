import { turnOfTheLoop } from '../scheduler/clock.ts';
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
  /**
   * Resolves when the entry is stored; entries that come together share a commit. What a busy or full database does not
   * take is kept: what an entry tells of has been done, and nobody should do it again.
   */
  record(actor: Actor, event: AuditEvent): Promise<void>;
  /** Writes what was kept. */
  writeKept(): Promise<void>;
  /** The same, and how often programs have done since the last time what is only counted; a crash loses that number. */
  flush(): Promise<void>;
}

/** Most entries that are kept, the oldest; a try with so many takes some 50 ms, in which everything else waits. */
const MAX_KEPT = 1000;

/** `onFailure` hears of every commit that failed: how many entries wait for the next one, and how many are lost. */
export function createAudit(
  store: AccountStore,
  now: () => number,
  onFailure: (error: unknown, entries: { waiting: number; lost: number }) => void,
): Audit {
  /** Not stored yet, the oldest first. */
  let waiting: AuditEntry[] = [];
  let commit: Promise<void> | null = null;

  async function write() {
    const entries = waiting;
    waiting = [];
    commit = null;
    try {
      await store.recordAudit(entries);
    } catch (error) {
      const all = [...entries, ...waiting];
      waiting = all.slice(0, MAX_KEPT);
      onFailure(error, { waiting: waiting.length, lost: all.length - waiting.length });
    }
  }

  function enqueue(...entries: AuditEntry[]): Promise<void> {
    waiting.push(...entries);
    if (waiting.length > 0) commit ??= turnOfTheLoop().then(write);
    return commit ?? Promise.resolve();
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
    writeKept: () => enqueue(),
    async flush() {
      const sums = [...counted.values()].filter(({ more }) => more > 0);
      counted.clear();
      const at = now();
      const changes = (more: number) => [{ field: 'times', after: more }];
      await enqueue(
        ...sums.map(({ entry, more }) => ({ ...entry, at, target: null, changes: changes(more) })),
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
