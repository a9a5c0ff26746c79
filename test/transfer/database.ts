import { Database } from 'bun:sqlite';
import { join } from 'node:path';

/** Tables that say what the service knows, and not what happened to it lately. */
const TABLES = [
  'users',
  'segments',
  'memberships',
  'membership_history',
  'observed_attributes',
  'observed_values',
  'retractions',
];

/** Every row of the database, to the last clock. */
export function dump(dataDir: string): Record<string, unknown[]> {
  const database = new Database(join(dataDir, 'quackback-segment.db'), { readonly: true });
  try {
    return Object.fromEntries(TABLES.map((table) => [table, database.query(`SELECT * FROM ${table}`).all()]));
  } finally {
    database.close();
  }
}
