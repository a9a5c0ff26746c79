import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { OperatorError } from '../errors.ts';
import { createSegmentClient, reach } from '../outbound/segment-client.ts';
import { openSealer } from '../settings/secrets.ts';
import { createSettingsService, type SegmentSettings } from '../settings/service.ts';
import { openSqliteStoreForReading } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { ownAddress } from '../telemetry/doctor/ask.ts';
import { checkIntegrity, describeUnopened } from '../telemetry/doctor/database.ts';
import { checkDatabaseFiles, checkFolder, checkKey, checkSpace } from '../telemetry/doctor/files.ts';
import { type Finding, failure, lineOf, ok, warning } from '../telemetry/doctor/finding.ts';
import { checkInbound } from '../telemetry/doctor/inbound.ts';
import { checkOutbound } from '../telemetry/doctor/outbound.ts';
import { checkPublicUrl } from '../telemetry/doctor/public-url.ts';
import { judgeClock, judgeReach } from '../telemetry/doctor/segment.ts';
import { askService, judgeService } from '../telemetry/doctor/service.ts';
import { oidcConfig } from './accounts.ts';
import { databasePath } from './serve.ts';

export function addDoctor(program: Command) {
  program
    .command('doctor')
    .description(
      'Examine configuration, files, database, clock and connections, and say what to do; the service may be running or not, and nothing is changed. Exit code 1 means an error was found',
    )
    .action(async () => {
      const coloured = process.stdout.isTTY && !Bun.env.NO_COLOR;
      let errors = 0;
      for await (const finding of examine()) {
        console.log(lineOf(finding, coloured));
        if (finding.level === 'error') errors++;
      }
      if (errors === 0) return;
      throw new OperatorError(
        `${errors} ${errors === 1 ? 'error' : 'errors'} found`,
        'Mend them from the first one on: later ones may follow from it',
      );
    });
}

async function* examine(): AsyncGenerator<Finding> {
  let config: Config;
  try {
    config = readConfig(Bun.env);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    for (const line of error.message.split('\n')) yield failure('Configuration', line, error.hint);
    return;
  }
  yield whatServeRefuses(config) ?? ok('Configuration', 'Every variable that is set is valid');

  const path = databasePath(config);
  const hasDatabase = existsSync(path);
  yield checkFolder(config);
  yield checkKey(config, hasDatabase);
  yield checkSpace(config);

  const address = ownAddress(config);
  const asked = await askService(address);
  const service = judgeService(address, asked);
  yield service;

  if (!hasDatabase) {
    yield warning('Database', `${path} does not exist`, 'The first start makes it; else correct DATA_DIR');
    yield* examineSegment(config, { enabled: false, region: 'us' });
  } else yield* examineDatabase(config, path);
  yield* await checkPublicUrl(config, service.level === 'ok');
}

/** Variables that are valid one by one, and not together. */
function whatServeRefuses(config: Config): Finding | null {
  try {
    oidcConfig(config);
    return null;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return failure('Configuration', error.message, error.hint);
  }
}

async function* examineDatabase(config: Config, path: string): AsyncGenerator<Finding> {
  yield checkDatabaseFiles(path);
  let store: Store;
  try {
    store = openSqliteStoreForReading(path);
  } catch (error) {
    yield describeUnopened(error);
    yield* examineSegment(config, null);
    return;
  }
  try {
    const integrity = await checkIntegrity(store);
    yield integrity;
    let settings: SegmentSettings | null = null;
    if (integrity.level === 'ok') {
      try {
        settings = await readSettings(store, config);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        yield failure('Settings', error.message, error.hint);
      }
    }
    yield* examineSegment(config, settings?.outbound ?? null);
    if (settings === null) return;
    yield await checkInbound(store, settings, Date.now());
    yield await checkOutbound(store, settings, Date.now());
  } finally {
    await store.close();
  }
}

async function readSettings(store: Store, { SECRET_KEY, DATA_DIR }: Config): Promise<SegmentSettings> {
  const service = await createSettingsService(store, openSealer(SECRET_KEY, DATA_DIR), Date.now);
  return service.current();
}

/** `outbound`: null where the settings can't be read; then the region is the one a new installation has. */
async function* examineSegment(
  config: Config,
  outbound: Pick<SegmentSettings['outbound'], 'enabled' | 'region'> | null,
): AsyncGenerator<Finding> {
  const address = createSegmentClient(config.SEGMENT_API_URL, Date.now).address(outbound?.region ?? 'us');
  const reachability = await reach(address, Date.now);
  yield judgeReach(address, reachability, outbound === null ? null : outbound.enabled);
  yield judgeClock(reachability);
}
