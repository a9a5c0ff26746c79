import { turnOfTheLoop } from '../scheduler/clock.ts';
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
/** So many entries of each kind are written at once: everything else waits meanwhile. */
const PIECE = 200;

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
      const results = delivery.results ?? { [delivery.reason]: delivery.events };
      for (const [reason, n] of Object.entries(results)) count('in', reason, delivery.at, n);
      deliveries.push(delivery);
      if (deliveries.length > 2 * KEPT_ENTRIES) deliveries = latest(deliveries);
    },

    called(call) {
      witness?.called(call);
      count('out', call.outcome, call.at, call.events);
      calls.push(call);
      if (calls.length > 2 * KEPT_ENTRIES) calls = latest(calls);
    },

    async flush() {
      if (counters.size + deliveries.length + calls.length === 0) return false;
      const rest = {
        counters: [...counters.values()],
        deliveries: latest(deliveries),
        calls: latest(calls),
      };
      counters = new Map();
      deliveries = [];
      calls = [];
      try {
        while (rest.counters.length + rest.deliveries.length + rest.calls.length > 0) {
          await store.recordActivity({
            counters: rest.counters,
            deliveries: rest.deliveries.slice(0, PIECE),
            calls: rest.calls.slice(0, PIECE),
          });
          rest.counters = [];
          rest.deliveries.splice(0, PIECE);
          rest.calls.splice(0, PIECE);
          await turnOfTheLoop();
        }
      } catch (error) {
        // A database that is locked or full for a while is no reason to lose anything.
        for (const { direction, outcome, minute, count: n } of rest.counters)
          count(direction, outcome, minute, n);
        deliveries = latest([...rest.deliveries, ...deliveries]);
        calls = latest([...rest.calls, ...calls]);
        throw error;
      }
      return true;
    },
  };
}

/** Older ones would be deleted by the very write that saves them. */
const latest = <T>(entries: T[]): T[] => entries.slice(-KEPT_ENTRIES);
