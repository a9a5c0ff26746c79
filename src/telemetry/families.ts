import type { CallOutcome } from '../outbound/call-record.ts';
import { VERSION } from '../version.ts';
import type { Family, Sample } from './exposition.ts';
import type { Counts } from './metrics.ts';
import { readProcess } from './process-readings.ts';
import type { Readings, StoredReadings } from './readings.ts';
import type { Distribution } from './tally.ts';

const OUTCOMES: CallOutcome[] = ['taken', 'split', 'parked', 'unauthorised', 'retry'];
const STATES = ['off', 'idle', 'syncing', 'backing_off', 'paused'] as const;

const counter = (name: string, help: string, samples: Sample[] | number): Family => ({
  type: 'counter',
  name,
  help,
  samples: listed(samples),
});
const gauge = (name: string, help: string, samples: Sample[] | number): Family => ({
  type: 'gauge',
  name,
  help,
  samples: listed(samples),
});
const histogram = (name: string, help: string, distribution: Distribution): Family => ({
  type: 'histogram',
  name,
  help,
  distribution,
});
const listed = (samples: Sample[] | number): Sample[] =>
  typeof samples === 'number' ? [[{}, samples]] : samples;
const by = (label: string, values: Iterable<[string, number]>): Sample[] =>
  [...values].map(([one, value]) => [{ [label]: one }, value]);

/** Every metric there is. `statuses` has the reasons a delivery can end with, and the HTTP status of each. */
export const allFamilies = (
  counts: Counts,
  statuses: ReadonlyMap<string, number>,
  readings: Readings,
): Family[] => [
  ...webhook(counts, statuses, readings),
  ...outbound(counts, readings),
  ...(readings.stored === null ? [] : stored(readings.stored)),
  gauge(
    'quackback_segment_database_readable',
    '0 while the database can not be read',
    readings.stored === null ? 0 : 1,
  ),
  gauge('quackback_segment_build_info', 'The version that runs', [[{ version: VERSION }, 1]]),
  ...ownProcess(),
];

function webhook(
  counts: Counts,
  statuses: ReadonlyMap<string, number>,
  { queueDepth, queueLimit }: Readings,
): Family[] {
  // Every reason is there from the start: a rate needs the zero before the first one.
  const zeros = [...statuses.keys()].map((reason): [string, number] => [reason, 0]);
  const requests = new Map([...zeros, ...counts.requests.counts()]);
  const events = new Map([...zeros, ...counts.events.counts()]);
  events.delete('batch');
  return [
    counter(
      'quackback_segment_webhook_requests_total',
      'Deliveries to the webhook, by reason and HTTP status',
      [...requests].map(([reason, n]) => [{ reason, status: String(statuses.get(reason) ?? 200) }, n]),
    ),
    counter(
      'quackback_segment_webhook_events_total',
      'Events of the deliveries, by reason',
      by('reason', events),
    ),
    histogram(
      'quackback_segment_webhook_duration_seconds',
      'Time from a delivery to its answer',
      counts.requestSeconds,
    ),
    counter(
      'quackback_segment_events_applied_total',
      'Events that changed or created a user',
      counts.eventsApplied,
    ),
    gauge('quackback_segment_queue_depth', 'Changes that wait for their commit', queueDepth),
    gauge(
      'quackback_segment_queue_limit',
      'Changes that may wait before deliveries are answered 503',
      queueLimit,
    ),
    histogram('quackback_segment_commit_changes', 'Changes that shared a commit', counts.commitChanges),
    histogram('quackback_segment_commit_duration_seconds', 'Time of a commit', counts.commitSeconds),
    counter('quackback_segment_commit_failures_total', 'Commits that failed', counts.failedCommits),
  ];
}

const outbound = (counts: Counts, { outboundStatus }: Readings): Family[] => [
  counter(
    'quackback_segment_outbound_calls_total',
    "Calls of Segment's API, by HTTP status; none where no answer came",
    by('status', new Map([['200', 0], ...counts.calls.counts()])),
  ),
  counter(
    'quackback_segment_outbound_events_total',
    'Events of the calls, by outcome',
    by(
      'outcome',
      new Map([...OUTCOMES.map((outcome): [string, number] => [outcome, 0]), ...counts.callEvents.counts()]),
    ),
  ),
  histogram(
    'quackback_segment_outbound_call_duration_seconds',
    "Time of a call of Segment's API",
    counts.callSeconds,
  ),
  gauge(
    'quackback_segment_outbound_state',
    '1 for the state the outbound sync is in; paused: Segment refused the write key',
    STATES.map((state) => [{ state }, state === outboundStatus ? 1 : 0]),
  ),
];

const stored = (readings: StoredReadings): Family[] => [
  counter(
    'quackback_segment_memberships_changed_total',
    'Joins and leaves by events, calls, rules and time',
    readings.membershipsChanged,
  ),
  gauge('quackback_segment_outbound_pending', 'Traits Segment has not taken yet', readings.pending),
  gauge('quackback_segment_outbound_parked', 'Traits Segment refused for good', readings.parked),
  gauge(
    'quackback_segment_outbound_oldest_pending_seconds',
    'Age of the oldest trait Segment has not taken yet',
    readings.oldestPendingSeconds,
  ),
  gauge(
    'quackback_segment_backlog_users',
    'Users still to be evaluated, told again or retracted',
    by('kind', Object.entries(readings.backlog)),
  ),
  gauge(
    'quackback_segment_evaluation_overdue_seconds',
    'How late time-relative rules are evaluated',
    readings.overdueSeconds,
  ),
  gauge(
    'quackback_segment_database_bytes',
    'Size of the database, by file',
    by('file', Object.entries(readings.bytes)),
  ),
];

/** Under the names of Prometheus' own client libraries. */
function ownProcess(): Family[] {
  const {
    cpuUserSeconds,
    cpuSystemSeconds,
    startedAtSeconds,
    residentBytes,
    heapBytes,
    openFiles,
    maxFiles,
  } = readProcess();
  return [
    counter('process_cpu_user_seconds_total', 'Processor time in user mode', cpuUserSeconds),
    counter('process_cpu_system_seconds_total', 'Processor time in system mode', cpuSystemSeconds),
    counter('process_cpu_seconds_total', 'Processor time', cpuUserSeconds + cpuSystemSeconds),
    gauge('process_start_time_seconds', 'When the process started, Unix seconds', startedAtSeconds),
    gauge('process_resident_memory_bytes', 'Resident memory', residentBytes),
    gauge('process_heap_bytes', 'Memory in use on the heap', heapBytes),
    ...(openFiles === null ? [] : [gauge('process_open_fds', 'Open files', openFiles)]),
    ...(maxFiles === null ? [] : [gauge('process_max_fds', 'Open files allowed', maxFiles)]),
  ];
}
