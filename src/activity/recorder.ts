import type { Store } from '../store/store.ts';
import { type Call, type Counter, type Delivery, KEPT_ENTRIES } from './activity.ts';

/** Takes note of what happens, without making it wait: entries gather in memory and are written together. */
export interface Recorder {
  received(delivery: Delivery): void;
  called(call: Call): void;
  /** Writes down what has gathered; answers whether that was anything. */
  flush(): Promise<boolean>;
}

const MINUTE_MS = 60_000;

/** Hears of everything as it happens; what it does has to cost next to nothing. */
export type Witness = Pick<Recorder, 'received' | 'called'>;

/**
 * What has gathered since the last write is lost in a crash: at most a second of counters and entries, never of the
 * data they tell about.
 */
export function createRecorder(store: Pick<Store, 'recordActivity'>, witness?: Witness): Recorder {
  let counters = new Map<string, Counter>();
  let deliveries: Delivery[] = [];
  let calls: Call[] = [];

  function count(direction: 'in' | 'out', outcome: string, at: number, n: number) {
    const minute = at - (at % MINUTE_MS);
    const key = `${minute} ${direction} ${outcome}`;
    const counter = counters.get(key);
    if (counter === undefined) counters.set(key, { minute, direction, outcome, count: n });
    else counter.count += n;
  }

  return {
    received(delivery) {
      witness?.received(delivery);
      const results = delivery.results ?? { [delivery.reason]: 1 };
      for (const [reason, n] of Object.entries(results)) count('in', reason, delivery.at, n);
      deliveries.push(delivery);
      // Older ones would be deleted by the very write that saves them.
      if (deliveries.length > 2 * KEPT_ENTRIES) deliveries = deliveries.slice(-KEPT_ENTRIES);
    },

    called(call) {
      witness?.called(call);
      count('out', call.outcome, call.at, call.events);
      calls.push(call);
      if (calls.length > 2 * KEPT_ENTRIES) calls = calls.slice(-KEPT_ENTRIES);
    },

    async flush() {
      if (counters.size === 0) return false;
      const batch = {
        counters: [...counters.values()],
        deliveries: deliveries.slice(-KEPT_ENTRIES),
        calls: calls.slice(-KEPT_ENTRIES),
      };
      counters = new Map();
      deliveries = [];
      calls = [];
      await store.recordActivity(batch);
      return true;
    },
  };
}
