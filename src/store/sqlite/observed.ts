import { and, eq, sql } from 'drizzle-orm';
import { observedAttributes, observedValues } from '../../../db/schema.ts';
import type { Observation, ObservedType } from '../../users/observe.ts';
import type { ObservedAttribute } from '../store.ts';
import type { SqliteConnection } from './database.ts';

interface PathState {
  users: number;
  types: Partial<Record<ObservedType, number>>;
  firstSeenAt: number;
  lastSeenAt: number;
  capped: boolean;
  /** Users by value; the numbers of all values counted so far. */
  values: Map<string, number>;
}

/** Values of one path that are counted one by one; more are summed up as "capped". */
const MAX_VALUES = 500;
/** Paths that are observed; keys made of ids would otherwise fill the table. */
const MAX_PATHS = 5000;
/** How stale `lastSeenAt` may be for a path that changes all the time, milliseconds. */
const SEEN_EVERY_MS = 60_000;
/** Values a path is shown with. */
const SHOWN_VALUES = 20;

/** Observations that are appended to the journal at most; from there on, sums cost less than what they are made of. */
const MAX_APPENDED = 2000;
/** Observations in the journal at most: they are read again after a crash, and by every other process. */
const MAX_JOURNALLED = 200_000;

/**
 * Statistics of attributes, kept with the changes themselves: sums are counted in memory while changes are applied. A
 * transaction appends one row with what it has observed, so that they are exact, and `fold` writes the sums later.
 */
export function createObserved({ sqlite, db }: SqliteConnection) {
  let paths: Map<string, PathState> | null = null;
  /** What the transaction under way has observed. */
  let unsaved: Observation[] = [];
  let unsavedAt = 0;
  let journalled = 0;
  const dirtyPaths = new Set<string>();
  const dirtyValues = new Map<string, { path: string; value: string }>();

  const putPath = db
    .insert(observedAttributes)
    .values({
      path: sql.placeholder('path'),
      users: sql.placeholder('users'),
      types: sql.placeholder('types'),
      firstSeenAt: sql.placeholder('firstSeenAt'),
      lastSeenAt: sql.placeholder('lastSeenAt'),
      valuesCapped: sql.placeholder('valuesCapped'),
    })
    .onConflictDoUpdate({
      target: observedAttributes.path,
      set: {
        users: sql`excluded.users`,
        types: sql`excluded.types`,
        lastSeenAt: sql`excluded.last_seen_at`,
        valuesCapped: sql`excluded.values_capped`,
      },
    })
    .prepare();
  const putValue = db
    .insert(observedValues)
    .values({
      path: sql.placeholder('path'),
      value: sql.placeholder('value'),
      users: sql.placeholder('users'),
    })
    .onConflictDoUpdate({
      target: [observedValues.path, observedValues.value],
      set: { users: sql`excluded.users` },
    })
    .prepare();
  const dropValue = db
    .delete(observedValues)
    .where(
      and(
        eq(observedValues.path, sql.placeholder('path')),
        eq(observedValues.value, sql.placeholder('value')),
      ),
    )
    .prepare();

  const dropPath = sqlite.query('DELETE FROM observed_attributes WHERE path = ?');
  const dropValues = sqlite.query('DELETE FROM observed_values WHERE path = ?');
  const append = sqlite.query('INSERT INTO observed_journal (at, observations) VALUES (?, ?)');
  const appended = sqlite.query<{ at: number; observations: string }, []>(
    'SELECT at, observations FROM observed_journal ORDER BY id',
  );
  const forget = sqlite.query('DELETE FROM observed_journal');

  /** The sums as they were written last and all that was observed since. */
  function current(): Map<string, PathState> {
    if (paths !== null) return paths;
    const read = load();
    journalled = 0;
    for (const { at, observations } of appended.all()) {
      const lines = JSON.parse(observations) as Line[];
      journalled += lines.length;
      for (const [path, type, value, delta] of lines) count(read, { path, type, value, delta }, at);
    }
    // Only when all of it was read.
    paths = read;
    return read;
  }

  function load(): Map<string, PathState> {
    const loaded = new Map<string, PathState>();
    for (const { path, types, valuesCapped, ...rest } of db.select().from(observedAttributes).all()) {
      loaded.set(path, { ...rest, types: JSON.parse(types), capped: valuesCapped === 1, values: new Map() });
    }
    for (const { path, value, users } of db.select().from(observedValues).all()) {
      loaded.get(path)?.values.set(value, users);
    }
    return loaded;
  }

  function count(into: Map<string, PathState>, { path, type, value, delta }: Observation, now: number) {
    let state = into.get(path);
    if (state === undefined) {
      if (delta < 0 || into.size >= MAX_PATHS) return;
      state = { users: 0, types: {}, firstSeenAt: now, lastSeenAt: now, capped: false, values: new Map() };
      into.set(path, state);
    }
    if (type !== null) {
      state.users += delta;
      state.types[type] = (state.types[type] ?? 0) + delta;
    }
    if (delta > 0 && now - state.lastSeenAt > SEEN_EVERY_MS) state.lastSeenAt = now;
    dirtyPaths.add(path);
    if (value !== null) countValue(path, state, value, delta);
  }

  /** Writes the sums, inside a transaction. */
  function fold() {
    const sums = current();
    for (const path of dirtyPaths) {
      const state = sums.get(path);
      if (state === undefined) continue;
      const { capped, types, values: _values, ...rest } = state;
      const held = Object.fromEntries(Object.entries(types).filter(([, users]) => users > 0));
      putPath.run({ ...rest, path, types: JSON.stringify(held), valuesCapped: capped ? 1 : 0 });
    }
    for (const { path, value } of dirtyValues.values()) {
      const users = sums.get(path)?.values.get(value);
      if (users === undefined) dropValue.run({ path, value });
      else putValue.run({ path, value, users });
    }
    // Or keys of users long gone would leave no room for new ones.
    const full = sums.size >= MAX_PATHS;
    for (const [path, { users }] of full ? sums : []) {
      if (users > 0) continue;
      sums.delete(path);
      dropPath.run(path);
      dropValues.run(path);
    }
    dirtyPaths.clear();
    dirtyValues.clear();
    unsaved = [];
    if (journalled > 0) forget.run();
    journalled = 0;
  }

  return {
    /** Adds what one change did; must be followed by `save` in the same transaction. */
    add(observations: readonly Observation[], now: number) {
      const sums = current();
      for (const one of observations) {
        count(sums, one, now);
        unsaved.push(one);
      }
      unsavedAt = now;
    },

    /** Makes what was added durable. */
    save() {
      if (unsaved.length === 0) return;
      if (unsaved.length > MAX_APPENDED || journalled + unsaved.length > MAX_JOURNALLED) return fold();
      const lines = unsaved.map(({ path, type, value, delta }): Line => [path, type, value, delta]);
      append.run(unsavedAt, JSON.stringify(lines));
      journalled += lines.length;
      unsaved = [];
    },

    fold,

    /** Forgets what is in memory: a transaction was undone, or another process has written. */
    invalidate() {
      paths = null;
      unsaved = [];
      dirtyPaths.clear();
      dirtyValues.clear();
    },

    /** The most common first. */
    list(): ObservedAttribute[] {
      return [...current()]
        .filter(([, { users }]) => users > 0)
        .sort(([a, { users: m }], [b, { users: n }]) => n - m || byBytes(a, b))
        .map(([path, { values, types, users, firstSeenAt, lastSeenAt, capped }]) => ({
          path,
          users,
          types: Object.fromEntries(Object.entries(types).filter(([, n]) => n > 0)),
          firstSeenAt,
          lastSeenAt,
          values: commonValues(values),
          valuesCapped: capped,
        }));
    },

    /** How many users have the top-level attribute. */
    usersWith: (path: string): number => current().get(path)?.users ?? 0,
  };

  function countValue(path: string, state: PathState, value: string, delta: 1 | -1) {
    const before = state.values.get(value);
    if (before === undefined) {
      // A value beyond the cap was never counted, so there is nothing to take back either.
      if (delta < 0) return;
      if (state.values.size >= MAX_VALUES) {
        state.capped = true;
        return;
      }
    }
    const users = (before ?? 0) + delta;
    if (users > 0) state.values.set(value, users);
    else state.values.delete(value);
    dirtyValues.set(`${path}\n${value}`, { path, value });
  }
}
export type Observed = ReturnType<typeof createObserved>;

/** An observation in the journal. */
type Line = [
  path: string,
  type: Observation['type'],
  value: Observation['value'],
  delta: Observation['delta'],
];

function commonValues(values: ReadonlyMap<string, number>) {
  return [...values]
    .sort(([a, m], [b, n]) => n - m || byBytes(a, b))
    .slice(0, SHOWN_VALUES)
    .map(([value, users]) => ({ value: JSON.parse(value) as string | number | boolean, users }));
}

/** The order of texts in the database. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
