import { Database } from 'bun:sqlite';

/** The ways a prepared statement runs. */
const RUNS = ['all', 'get', 'run', 'values', 'raw', 'iterate'] as const;

export interface Trace {
  /** The SQL of every statement that ran during a piece of work. */
  during(work: () => Promise<unknown>): Promise<string[]>;
  stop(): void;
}

/** Listens to every statement of every database opened from now on: what really runs, not a copy that can drift. */
export function traceStatements(): Trace {
  const { prepare, query } = Database.prototype;
  let ran = new Set<string>();
  /** One of the two ways to make a statement, so that it tells when it runs. */
  const traced = (make: typeof prepare) =>
    function (this: Database, sql: string, ...rest: []) {
      const statement = make.call(this, sql, ...rest);
      for (const way of RUNS) {
        const original = statement[way].bind(statement) as (...values: never[]) => unknown;
        Object.defineProperty(statement, way, {
          configurable: true,
          value: (...values: never[]) => {
            ran.add(sql);
            return original(...values);
          },
        });
      }
      return statement;
    } as typeof prepare;
  Database.prototype.prepare = traced(prepare);
  Database.prototype.query = traced(query);
  return {
    async during(work) {
      ran = new Set();
      await work();
      return [...ran];
    },
    stop() {
      Database.prototype.prepare = prepare;
      Database.prototype.query = query;
    },
  };
}

/** How SQLite goes about a statement, a line for each step; it depends on the schema alone, as nothing is analysed. */
export function planOf(sqlite: Database, sql: string): string[] {
  const rows = sqlite.query(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
  return rows.map(({ detail }) => detail);
}
