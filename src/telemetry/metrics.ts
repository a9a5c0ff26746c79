import type { Call, Delivery } from '../activity/activity.ts';
import type { Change, Outcome } from '../users/change.ts';
import { createDistribution, createTally, type Distribution, type Tally } from './tally.ts';

type Commit = (changes: readonly Change[]) => Promise<Outcome[]>;

/** What is counted since the start. Recording is adding plain numbers; `exposition.ts` makes metrics of them. */
export interface Metrics {
  /** For the recorder of the activity, which hears of everything anyway. */
  received(delivery: Delivery): void;
  called(call: Call): void;
  /** The same commit, measured. */
  measured(commit: Commit): Commit;
  readonly counts: Counts;
}

export interface Counts {
  /** Deliveries and their events, by reason. */
  requests: Tally;
  events: Tally;
  requestSeconds: Distribution;
  /** Calls of Segment by HTTP status (`none` where no answer came), their events by outcome. */
  calls: Tally;
  callEvents: Tally;
  callSeconds: Distribution;
  commitChanges: Distribution;
  commitSeconds: Distribution;
  failedCommits: number;
  /** Events of Segment that changed or created a user. */
  eventsApplied: number;
}

/** From a tenth of a millisecond to beyond the 5 s after which Segment gives up waiting. */
const REQUEST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const CALL_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const COMMIT_CHANGES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

export function createMetrics(): Metrics {
  const counts: Counts = {
    requests: createTally(),
    events: createTally(),
    requestSeconds: createDistribution(REQUEST_SECONDS),
    calls: createTally(),
    callEvents: createTally(),
    callSeconds: createDistribution(CALL_SECONDS),
    commitChanges: createDistribution(COMMIT_CHANGES),
    commitSeconds: createDistribution(REQUEST_SECONDS),
    failedCommits: 0,
    eventsApplied: 0,
  };
  return {
    counts,
    received({ reason, results, events, latencyMs }) {
      counts.requests.add(reason);
      counts.requestSeconds.observe(latencyMs / 1000);
      if (results === null) counts.events.add(reason, events);
      else for (const one in results) counts.events.add(one, results[one]);
    },
    called({ status, outcome, events, latencyMs }) {
      counts.calls.add(status === null ? 'none' : String(status));
      counts.callEvents.add(outcome, events);
      counts.callSeconds.observe(latencyMs / 1000);
    },
    measured(commit) {
      return async (changes) => {
        const startedAt = performance.now();
        let outcomes: Outcome[];
        try {
          outcomes = await commit(changes);
        } catch (error) {
          counts.failedCommits++;
          throw error;
        }
        counts.commitSeconds.observe((performance.now() - startedAt) / 1000);
        counts.commitChanges.observe(changes.length);
        outcomes.forEach(({ reason }, i) => {
          if (changes[i]?.cause === 'event' && (reason === 'applied' || reason === 'created'))
            counts.eventsApplied++;
        });
        return outcomes;
      };
    },
  };
}
