import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import * as schema from '../../db/schema.ts';
import { OperatorError } from '../../src/errors.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { applyOne, createSegment, member, merge, NOW } from './conformance/fixture.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quackback-segment-schema-'));
  path = join(folder, 'data', 'test.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Opens the database as the service does, and closes it after the work. */
function withDatabase<T>(work: (sqlite: Database) => T): T {
  const { sqlite } = openDatabase(path);
  try {
    return work(sqlite);
  } finally {
    sqlite.close();
  }
}
const everything = (sqlite: Database) =>
  sqlite.query('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
const version = (sqlite: Database) => sqlite.query('PRAGMA user_version').get();

interface ColumnInfo {
  name: string;
  type: string;
  notnull: number;
  pk: number;
}

describe('db/schema.ts and the migrated database agree', () => {
  const tables = Object.values(schema).filter((value) => is(value, SQLiteTable));
  const configs = tables.map(getTableConfig);

  test('on the tables', () => {
    const names = withDatabase((sqlite) =>
      sqlite.query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).all(),
    ) as { name: string }[];
    expect(names.map(({ name }) => name).sort()).toEqual(configs.map(({ name }) => name).sort());
  });

  test.each(configs.map((config) => [config.name, config] as const))('on %s', (name, config) => {
    const columns = withDatabase((sqlite) =>
      sqlite.query(`PRAGMA table_info(${name})`).all(),
    ) as ColumnInfo[];
    const inDatabase = columns.map(({ name, type, notnull, pk }) => ({
      name,
      type: type.toLowerCase(),
      // A primary key is never null, whether or not the table says so.
      notNull: notnull === 1 || pk > 0,
    }));
    const inSchema = config.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().toLowerCase(),
      notNull: column.notNull || column.primary,
    }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(inSchema.sort(byName)).toEqual(inDatabase.sort(byName));

    const keyInDatabase = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const keyInSchema = [
      ...config.columns.filter(({ primary }) => primary),
      ...config.primaryKeys.flatMap((key) => key.columns),
    ];
    expect(keyInSchema.map((column) => column.name)).toEqual(keyInDatabase.map((column) => column.name));
  });

  test('on ids that are never given out again', () => {
    const sql = withDatabase((sqlite) => sqlite.query(`SELECT name, sql FROM sqlite_schema`).all()) as {
      name: string;
      sql: string | null;
    }[];
    const counted = sql.filter((row) => row.sql?.includes('AUTOINCREMENT')).map((row) => row.name);
    const declared = tables
      .filter((table) =>
        getTableConfig(table).columns.some((column) => 'autoIncrement' in column && column.autoIncrement),
      )
      .map((table) => getTableConfig(table).name);
    expect(declared.sort()).toEqual(counted.sort());
  });

  test('and every table is strict, so that a column holds what it says', () => {
    const loose = withDatabase((sqlite) =>
      sqlite.query(`SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'`).all(),
    );
    expect(loose).toEqual([]);
  });
});

describe('migrations', () => {
  test('migrating again does nothing', async () => {
    const store = openSqliteStore(path);
    const vip = await createSegment(store, 'vip');
    const { userId } = await applyOne(store, merge({ email: 'ann@example.com' }));
    await applyOne(store, member(userId as number, vip, true));
    await store.close();
    const before = withDatabase((sqlite) => ({ all: everything(sqlite), at: version(sqlite) }));
    expect(before.at).toEqual({ user_version: MIGRATIONS.length });
    withDatabase((sqlite) => {
      expect(migrate(sqlite)).toEqual({ applied: [] });
      expect(everything(sqlite)).toEqual(before.all);
      expect(version(sqlite)).toEqual(before.at);
    });
    const again = openSqliteStore(path);
    expect(await again.segmentsOf(userId as number)).toEqual([vip.id]);
    await again.close();
  });

  test('a database of any earlier version comes out as a new one does', () => {
    const fresh = withDatabase(everything);
    for (let at = 0; at < MIGRATIONS.length; at++) {
      const sqlite = new Database(':memory:', { strict: true });
      for (const migration of MIGRATIONS.slice(0, at)) sqlite.run(migration.sql);
      sqlite.run(`PRAGMA user_version = ${at}`);
      expect(migrate(sqlite).applied).toEqual(MIGRATIONS.slice(at).map(({ name }) => name));
      expect(everything(sqlite)).toEqual(fresh);
      sqlite.close();
    }
  });

  test('0007 has everybody looked at again, because rules mean more than before', () => {
    const sqlite = new Database(':memory:', { strict: true });
    for (const { sql } of MIGRATIONS.slice(0, 6)) sqlite.run(sql);
    sqlite.run('PRAGMA user_version = 6');
    for (const [slug, type, deletedAt] of [
      ['rules', 'dynamic', null],
      ['list', 'manual', null],
      ['gone', 'dynamic', 1],
    ] as const) {
      sqlite.run(
        `INSERT INTO segments (slug, name, type, trait_key, sync, member_count, created_at, updated_at, deleted_at)
         VALUES (?1, ?1, ?2, ?1, 1, 0, 0, 0, ?3)`,
        [slug, type, deletedAt],
      );
    }
    sqlite.run("INSERT INTO segment_jobs VALUES (1, 'evaluate', 70, 7, 9, NULL, NULL, 0)");
    migrate(sqlite);
    expect(sqlite.query('SELECT segment_id, kind, cursor, done FROM segment_jobs').all()).toEqual([
      { segment_id: 1, kind: 'evaluate', cursor: 0, done: 0 },
    ]);
    sqlite.close();
  });

  test('their names are their order', () => {
    const names = MIGRATIONS.map(({ name }) => name);
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, i) => i + 1));
  });

  test('every file in db/migrations is one of them', async () => {
    const files = (await readdir(join(import.meta.dir, '../../db/migrations'))).filter((file) =>
      file.endsWith('.sql'),
    );
    expect(files.sort()).toEqual(MIGRATIONS.map(({ name }) => `${name}.sql`));
  });

  test('a database of a newer version is refused with a way out, and left as it is', () => {
    withDatabase((sqlite) => {
      sqlite.run(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
      sqlite.run('CREATE TABLE from_the_future (id INTEGER)');
    });
    let error: unknown;
    try {
      openDatabase(path);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(OperatorError);
    const { message, hint } = error as OperatorError;
    expect(message).toInclude('newer version');
    expect(message).toInclude(`schema ${MIGRATIONS.length + 1}`);
    expect(hint).toMatch(/newer version again|backup/);
    const sqlite = new Database(path, { readonly: true });
    expect(version(sqlite)).toEqual({ user_version: MIGRATIONS.length + 1 });
    expect(JSON.stringify(everything(sqlite))).toInclude('from_the_future');
    sqlite.close();
  });

  test('one that fails leaves the database as it was', () => {
    const sqlite = new Database(':memory:', { strict: true });
    // The second table the first migration makes is there already.
    sqlite.run('CREATE TABLE users (id INTEGER)');
    const before = everything(sqlite);
    expect(() => migrate(sqlite)).toThrow(/users/);
    expect(everything(sqlite)).toEqual(before);
    expect(version(sqlite)).toEqual({ user_version: 0 });
    sqlite.close();
  });
});

describe('files', () => {
  const mode = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

  test('of a new database are for their owner alone, whatever the umask', async () => {
    const umask = process.umask(0);
    try {
      const { sqlite } = openDatabase(path);
      sqlite.run(`INSERT INTO settings (key, value) VALUES ('a', 'b')`);
      expect(await mode(join(folder, 'data'))).toBe('700');
      const files = await readdir(join(folder, 'data'));
      expect(files.sort()).toEqual(['test.db', 'test.db-shm', 'test.db-wal']);
      for (const file of files)
        expect(`${file} ${await mode(join(folder, 'data', file))}`).toBe(`${file} 600`);
      sqlite.close();
    } finally {
      process.umask(umask);
    }
  });

  test('that others could read are closed to them', async () => {
    withDatabase(() => {});
    await chmod(path, 0o644);
    withDatabase(() => {});
    expect(await mode(path)).toBe('600');
  });

  test('after closing, the one file is a complete copy', async () => {
    const store = openSqliteStore(path);
    await createSegment(store, 'vip');
    await store.writeSetting('a', 'b', { now: NOW, resendAll: true, retractAll: null });
    await store.close();
    const elsewhere = join(folder, 'copy', 'test.db');
    await mkdir(join(folder, 'copy'));
    await Bun.write(elsewhere, Bun.file(path));
    const copy = openSqliteStore(elsewhere);
    expect((await copy.listSegments()).map(({ slug }) => slug)).toEqual(['vip']);
    expect(await copy.listJobs()).toHaveLength(1);
    await copy.close();
  });

  test('are written through: what is committed is on the disk', () => {
    const pragma = (sqlite: Database, name: string) =>
      Object.values(sqlite.query(`PRAGMA ${name}`).get() as object)[0];
    withDatabase((sqlite) => {
      expect(pragma(sqlite, 'journal_mode')).toBe('wal');
      // 2 is FULL.
      expect(pragma(sqlite, 'synchronous')).toBe(2);
    });
  });
});
