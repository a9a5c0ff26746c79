import { and, desc, eq, gt, sql } from 'drizzle-orm';
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

/**
 * Statistics of attributes, kept with the changes themselves: sums are gathered while changes are applied and written
 * once for each transaction, so that they are exact and cost little.
 */
export function createObserved({ db }: SqliteConnection) {
  let paths: Map<string, PathState> | null = null;
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

  return {
    /** Adds what one change did; must be followed by `flush` in the same transaction. */
    add(observations: readonly Observation[], now: number) {
      paths ??= load();
      for (const { path, type, value, delta } of observations) {
        let state = paths.get(path);
        if (state === undefined) {
          if (delta < 0 || paths.size >= MAX_PATHS) continue;
          state = {
            users: 0,
            types: {},
            firstSeenAt: now,
            lastSeenAt: now,
            capped: false,
            values: new Map(),
          };
          paths.set(path, state);
        }
        if (type !== null) {
          state.users += delta;
          state.types[type] = (state.types[type] ?? 0) + delta;
        }
        if (delta > 0 && now - state.lastSeenAt > SEEN_EVERY_MS) state.lastSeenAt = now;
        dirtyPaths.add(path);
        if (value !== null) countValue(path, state, value, delta);
      }
    },

    /** Writes what was gathered. */
    flush() {
      if (dirtyPaths.size === 0 || paths === null) return;
      for (const path of dirtyPaths) {
        const state = paths.get(path);
        if (state === undefined) continue;
        const { capped, types, values: _values, ...rest } = state;
        const held = Object.fromEntries(Object.entries(types).filter(([, users]) => users > 0));
        putPath.run({ ...rest, path, types: JSON.stringify(held), valuesCapped: capped ? 1 : 0 });
      }
      for (const { path, value } of dirtyValues.values()) {
        const users = paths.get(path)?.values.get(value);
        if (users === undefined) dropValue.run({ path, value });
        else putValue.run({ path, value, users });
      }
      dirtyPaths.clear();
      dirtyValues.clear();
    },

    /** Forgets what is in memory: a transaction was undone, or another process has written. */
    invalidate() {
      paths = null;
      dirtyPaths.clear();
      dirtyValues.clear();
    },

    list(): ObservedAttribute[] {
      const rows = db
        .select()
        .from(observedAttributes)
        .where(gt(observedAttributes.users, 0))
        .orderBy(desc(observedAttributes.users), observedAttributes.path)
        .all();
      return rows.map(({ types, valuesCapped, ...rest }) => ({
        ...rest,
        types: JSON.parse(types),
        values: commonValues(rest.path),
        valuesCapped: valuesCapped === 1,
      }));
    },

    /** How many users have the top-level attribute. */
    usersWith(path: string): number {
      return (
        db.select().from(observedAttributes).where(eq(observedAttributes.path, path)).all()[0]?.users ?? 0
      );
    },
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

  function commonValues(path: string) {
    return db
      .select({ value: observedValues.value, users: observedValues.users })
      .from(observedValues)
      .where(eq(observedValues.path, path))
      .orderBy(desc(observedValues.users), observedValues.value)
      .limit(SHOWN_VALUES)
      .all()
      .map(({ value, users }) => ({ value: JSON.parse(value) as string | number | boolean, users }));
  }
}
export type Observed = ReturnType<typeof createObserved>;
