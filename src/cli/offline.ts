import { existsSync } from 'node:fs';
import { type Config, readConfig } from '../config.ts';
import { OperatorError } from '../errors.ts';
import { createSettingsService } from '../settings/service.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../users/change.ts';
import { databasePath, sealerOf, writeContext } from './serve.ts';

/** The store for a command that works on the database itself, whether or not the service is running. */
export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  return withStoreOf(existing(), work);
}

/** The same for a command that changes users, of a database that is made where there is none. */
export async function withWriter<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
  const config = readConfig(Bun.env);
  return withStoreOf(config, async (store) => {
    const settings = await createSettingsService(store, await sealerOf(store, config), Date.now);
    const context = writeContext(config, settings, Date.now);
    return work({ submit: (changes) => store.apply(changes, context()) });
  });
}

/** The configuration, if there is a database where it says: a new one would be nobody's, and hide the mistake. */
function existing(): Config {
  const config = readConfig(Bun.env);
  if (existsSync(databasePath(config))) return config;
  throw new OperatorError(
    `There is no database in ${config.DATA_DIR}`,
    'Set DATA_DIR to the folder of the service, as it is set where the service is started',
  );
}

async function withStoreOf<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openSqliteStore(databasePath(config));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
