import { describe } from 'bun:test';
import { openServedStore, openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { evaluationConforms } from './conformance/evaluation.ts';
import { historyConforms } from './conformance/history.ts';
import { jobsConform } from './conformance/jobs.ts';
import { reconciliationConforms } from './conformance/reconciliation.ts';
import { retractionConforms } from './conformance/retraction.ts';
import { segmentsConform } from './conformance/segments.ts';
import { usersConform } from './conformance/users.ts';
import { storeConforms } from './conformance.ts';
import { onFile } from './sqlite-file.ts';

storeConforms('SQLite', onFile());

/** Two connections to one file, taking turns call by call: the service, and an import beside it. */
function takingTurns(path: string): Store {
  const stores = [openSqliteStore(path), openSqliteStore(path)];
  let calls = 0;
  return new Proxy(stores[0] as Store, {
    get(first, name: keyof Store) {
      if (!(name in first)) return undefined;
      if (name === 'close') return () => Promise.all(stores.map((store) => store.close()));
      const store = stores[calls++ % stores.length] as Store;
      const part = store[name];
      return typeof part === 'function' ? part.bind(store) : part;
    },
  });
}

// What one process keeps in memory must never be older than what the other has committed.
describe('two connections taking turns', () => {
  for (const conforms of [
    usersConform,
    segmentsConform,
    jobsConform,
    evaluationConforms,
    retractionConforms,
    reconciliationConforms,
    historyConforms,
  ]) {
    conforms(onFile(takingTurns));
  }
});

// However few users there are, a thread looks at them.
describe('evaluated elsewhere', () => {
  for (const conforms of [jobsConform, evaluationConforms]) {
    conforms(onFile((path) => openServedStore(path, { evaluatedElsewhere: 0 })));
  }
});
