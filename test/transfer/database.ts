import { openDatabase } from '../helpers/database.ts';

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
  const database = openDatabase(dataDir);
  try {
    return Object.fromEntries(TABLES.map((table) => [table, database.query(`SELECT * FROM ${table}`).all()]));
  } finally {
    database.close();
  }
}
