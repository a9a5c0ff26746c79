import type { Database } from 'bun:sqlite';
import start from '../../../db/migrations/0001_start.sql' with { type: 'text' };
import historyAndObserved from '../../../db/migrations/0002_history_and_observed.sql' with { type: 'text' };
import activity from '../../../db/migrations/0003_activity.sql' with { type: 'text' };
import accounts from '../../../db/migrations/0004_accounts.sql' with { type: 'text' };
import segmentSizes from '../../../db/migrations/0005_segment_sizes.sql' with { type: 'text' };
import outboundClaims from '../../../db/migrations/0006_outbound_claims.sql' with { type: 'text' };
import retractionsOfUsers from '../../../db/migrations/0007_retractions_of_users.sql' with { type: 'text' };
import { OperatorError } from '../../errors.ts';

/** Every migration in order; the database's `user_version` counts the applied ones. Embedded in the executable. */
export const MIGRATIONS: readonly { name: string; sql: string }[] = [
  { name: '0001_start', sql: start },
  { name: '0002_history_and_observed', sql: historyAndObserved },
  { name: '0003_activity', sql: activity },
  { name: '0004_accounts', sql: accounts },
  { name: '0005_segment_sizes', sql: segmentSizes },
  { name: '0006_outbound_claims', sql: outboundClaims },
  { name: '0007_retractions_of_users', sql: retractionsOfUsers },
];

/** Brings the database up to this version; refuses one that a newer version has already migrated. */
export function migrate(sqlite: Database): { applied: string[] } {
  const version = () => (sqlite.query('PRAGMA user_version').get() as { user_version: number }).user_version;
  refuseNewer(version());
  const applied: string[] = [];
  // One process migrates, a second one starting at the same moment waits and then finds nothing to do.
  sqlite
    .transaction(() => {
      refuseNewer(version());
      for (const { name, sql } of MIGRATIONS.slice(version())) {
        sqlite.run(sql);
        applied.push(name);
      }
      sqlite.run(`PRAGMA user_version = ${MIGRATIONS.length}`);
    })
    .immediate();
  return { applied };
}

/** Refuses a database that is not at this version: for those who only look at it. */
export function requireCurrent(sqlite: Database): void {
  const version = (sqlite.query('PRAGMA user_version').get() as { user_version: number }).user_version;
  refuseNewer(version);
  if (version === MIGRATIONS.length) return;
  throw new OperatorError(
    `The database was made by an older version of quackback-segment (schema ${version}, this version uses ${MIGRATIONS.length})`,
    'Start this version, or run its migrate command, to bring it up to date',
  );
}

function refuseNewer(version: number) {
  if (version <= MIGRATIONS.length) return;
  throw new OperatorError(
    `The database was made by a newer version of quackback-segment (schema ${version}, this version knows ${MIGRATIONS.length})`,
    'Start the newer version again, or restore a backup from before the upgrade',
  );
}
