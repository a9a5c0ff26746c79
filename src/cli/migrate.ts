import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { openDatabase } from '../store/sqlite/database.ts';
import { MIGRATIONS } from '../store/sqlite/migrate.ts';
import { databasePath } from './serve.ts';

export function addMigrate(program: Command) {
  program
    .command('migrate')
    .description('Bring the database in DATA_DIR up to this version and exit (serve does so too)')
    .action(() => {
      const { sqlite } = openDatabase(databasePath(readConfig(Bun.env)));
      sqlite.close();
      console.log(`The database is at schema ${MIGRATIONS.length} (${MIGRATIONS.at(-1)?.name})`);
    });
}
