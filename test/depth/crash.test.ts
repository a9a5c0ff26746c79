import { afterEach, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { createPlace, type Place } from '../cli/process.ts';
import { openDatabase } from '../helpers/database.ts';
import { API_KEY } from '../helpers/service.ts';
import { all, is } from './people.ts';

let place: Place;
beforeEach(async () => {
  place = await createPlace();
});
afterEach(() => place.remove());

const USERS = 30_000;

test('an evaluation goes on where kill -9 stopped it', async () => {
  const env = { ADMIN_API_KEY: API_KEY, LOG_LEVEL: 'warn', DATA_DIR: 'data' };
  let service = await place.serve(env);
  const api = async (method: string, path: string, body?: string, type = 'application/json') => {
    const response = await fetch(`${service.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${API_KEY}`,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const { data } = (await response.json()) as { data: Record<string, unknown> };
    return data;
  };
  const progress = async () =>
    (await api('GET', '/segments/pro')).evaluating as { done: number; total: number } | null;
  const killed = async () => {
    service.kill('SIGKILL');
    await service.ended;
  };

  const rows = Array.from({ length: USERS }, (_, i) => `u${i}@x.io,${i % 3 === 0 ? 'pro' : 'free'}\n`).join(
    '',
  );
  await api('POST', '/users/import', `email,plan\n${rows}`, 'text/csv');
  const rules = all(is('attributes.plan', 'eq', 'pro'));
  await api('POST', '/segments', JSON.stringify({ name: 'Pro', type: 'dynamic', rules }));

  let reached = 0;
  for (let kills = 0; kills < 3; kills++) {
    const before = reached;
    let now = await progress();
    while (now !== null && now.done <= before) now = await progress();
    if (now === null) {
      // A fast machine may be through after the first time.
      expect(kills).toBeGreaterThan(0);
      break;
    }
    expect(now.total).toBe(USERS);
    await killed();
    reached = jobIn(join(place.dir, 'data'));
    expect(reached).toBeGreaterThanOrEqual(now.done);
    service = await place.serve(env);
    // It is never further back than where it was killed.
    expect((await progress())?.done ?? USERS).toBeGreaterThanOrEqual(reached);
  }
  while ((await progress()) !== null);
  expect((await api('GET', '/segments/pro')).memberCount).toBe(USERS / 3);
  await killed();

  // Everybody joined once, and nobody twice.
  const database = openDatabase(join(place.dir, 'data'));
  const [history] = database
    .query(
      'SELECT count(*) AS entries, count(DISTINCT user_id) AS users, sum(member) AS joins FROM membership_history',
    )
    .all();
  expect(history).toEqual({ entries: USERS / 3, users: USERS / 3, joins: USERS / 3 });
  database.close();
}, 60_000);

/** How many users the evaluation in the database has done. */
function jobIn(dataDir: string): number {
  const database = openDatabase(dataDir);
  try {
    const row = database.query<{ done: number }, []>('SELECT done FROM segment_jobs').get();
    return row?.done ?? USERS;
  } finally {
    database.close();
  }
}
