import { Database } from 'bun:sqlite';

/** What the bare server stores: the bodies, one row a commit, or the attributes of the users events are about. */
export type Stores = 'bodies' | 'users';

export interface IdentifyEvent {
  type: string;
  timestamp: string;
  traits: { email: string };
}

interface Arrived {
  body: string;
  event: IdentifyEvent;
  stored(): void;
}

/**
 * The least that makes an event durable: what came in one turn of the event loop shares a commit of SQLite with
 * `synchronous=FULL`. For `users` it reads the user of each event, lays the traits over the attributes and writes them
 * back: no clocks, no segments, no history, no activity. `path` is a database with users.
 */
export function createLeastStore(stores: Stores, path: string) {
  const db = new Database(path, { strict: true });
  db.run('PRAGMA journal_mode = WAL');
  db.run('PRAGMA synchronous = FULL');
  db.run('PRAGMA cache_size = -32768');
  db.run('CREATE TABLE IF NOT EXISTS appended (id INTEGER PRIMARY KEY, bodies TEXT NOT NULL)');
  const append = db.query('INSERT INTO appended (bodies) VALUES (?)');
  const find = db.query<{ id: number; attributes: string }, [string]>(
    'SELECT id, attributes FROM users WHERE email = ?',
  );
  const update = db.query('UPDATE users SET attributes = ?, last_seen_at = ? WHERE id = ?');
  let waiting: Arrived[] = [];

  function commit() {
    const group = waiting;
    waiting = [];
    db.transaction(() => {
      if (stores === 'bodies') append.run(JSON.stringify(group.map(({ body }) => body)));
      else for (const { event } of group) merge(event);
    }).immediate();
    for (const { stored } of group) stored();
  }

  function merge({ timestamp, traits: { email, ...traits } }: IdentifyEvent) {
    const user = find.get(email.toLowerCase());
    if (user === null) throw new Error(`There is no ${email}`);
    const attributes = { ...JSON.parse(user.attributes), ...traits };
    update.run(JSON.stringify(attributes), Date.parse(timestamp), user.id);
  }

  /** Resolves when the event is durable. */
  return (body: string, event: IdentifyEvent) =>
    new Promise<void>((stored) => {
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ body, event, stored });
    });
}
