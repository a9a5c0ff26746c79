/**
 * The bare server with the least that makes an event durable: what came in one turn of the event loop shares a commit of
 * SQLite with `synchronous=FULL`. `append` writes the bodies down, one row a commit. `merge` reads the user of each
 * event, lays the traits over the attributes and writes them back: no clocks, no segments, no history, no activity.
 * Takes SHARED_SECRET, MODE and DATABASE (a file with users) from the environment.
 */
import { Database } from 'bun:sqlite';

const { SHARED_SECRET = '', MODE = '', DATABASE = '' } = Bun.env;
const db = new Database(DATABASE, { strict: true });
db.run('PRAGMA journal_mode = WAL');
db.run('PRAGMA synchronous = FULL');
db.run('PRAGMA cache_size = -32768');
db.run('CREATE TABLE IF NOT EXISTS appended (id INTEGER PRIMARY KEY, bodies TEXT NOT NULL)');
const append = db.query('INSERT INTO appended (bodies) VALUES (?)');
const find = db.query<{ id: number; attributes: string }, [string]>(
  'SELECT id, attributes FROM users WHERE email = ?',
);
const update = db.query('UPDATE users SET attributes = ?, last_seen_at = ? WHERE id = ?');

interface Arrived {
  body: string;
  event: { timestamp: string; traits: { email: string } };
  stored(): void;
}
let waiting: Arrived[] = [];

function commit() {
  const group = waiting;
  waiting = [];
  db.transaction(() => {
    if (MODE === 'append') append.run(JSON.stringify(group.map(({ body }) => body)));
    else for (const { event } of group) merge(event);
  }).immediate();
  for (const { stored } of group) stored();
}

function merge({ timestamp, traits: { email, ...traits } }: Arrived['event']) {
  const user = find.get(email.toLowerCase());
  if (user === null) throw new Error(`There is no ${email}`);
  update.run(JSON.stringify({ ...JSON.parse(user.attributes), ...traits }), Date.parse(timestamp), user.id);
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const bytes = await request.arrayBuffer();
    const signature = new Bun.CryptoHasher('sha1', SHARED_SECRET).update(bytes).digest('hex');
    if (request.headers.get('x-signature') !== signature) return new Response(null, { status: 401 });
    const body = new TextDecoder().decode(bytes);
    const event = JSON.parse(body);
    await new Promise<void>((stored) => {
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ body, event, stored });
    });
    return Response.json({ reason: 'applied', message: 'Stored' });
  },
});
console.log(`least listens on http://127.0.0.1:${server.port}`);
