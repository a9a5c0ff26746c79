import { type Config, readConfig } from '../config.ts';
import { loadSealer } from '../settings/secrets.ts';
import { createSettingsService } from '../settings/service.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../users/change.ts';
import { databasePath, writeContext } from './serve.ts';

/** The store for a command that works on the database itself, whether or not the service is running. */
export async function withStore<T>(work: (store: Store, writer: Writer) => Promise<T>): Promise<T> {
  const config: Config = readConfig(Bun.env);
  const store = openSqliteStore(databasePath(config));
  try {
    const settings = await createSettingsService(
      store,
      loadSealer(config.SECRET_KEY, config.DATA_DIR),
      Date.now,
    );
    const context = writeContext(config, settings, Date.now);
    return await work(store, { submit: (changes) => store.apply(changes, context()) });
  } finally {
    await store.close();
  }
}
