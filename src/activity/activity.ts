/** One delivery of Segment to the webhook. */
export interface Delivery {
  /** Unix milliseconds. */
  at: number;
  /** The reason of the answer; `batch` for a batch, whose events are in `results`. */
  reason: string;
  events: number;
  results: Record<string, number> | null;
  eventType: string | null;
  messageId: string | null;
  /** The email or userId of the event. */
  user: string | null;
  /** The clock of what a single event set, Unix milliseconds; null where that was the time of its arrival. */
  eventAt: number | null;
  latencyMs: number;
  /** As they came, for rejected deliveries only. */
  signature: string | null;
  body: string | null;
}

/** One call of Segment's API. */
export interface Call {
  at: number;
  /** taken, refused (too: parked), unauthorised or retry. */
  outcome: string;
  path: string;
  events: number;
  status: number | null;
  error: string | null;
  /** Of a call with a single event. */
  messageId: string | null;
  user: string | null;
  traits: Record<string, boolean> | null;
  /** Of a call with several events: how many joined and left, by trait. */
  counts: Record<string, JoinedAndLeft> | null;
  latencyMs: number;
}
export interface JoinedAndLeft {
  joined: number;
  left: number;
}

export interface Counter {
  /** Beginning of the minute, Unix milliseconds. */
  minute: number;
  direction: 'in' | 'out';
  outcome: string;
  count: number;
}

/** What has gathered since it was last written down. */
export interface ActivityBatch {
  counters: Counter[];
  deliveries: Delivery[];
  calls: Call[];
}

export interface Recorded<T> {
  id: number;
  entry: T;
}
export interface ActivityQuery {
  limit: number;
  /** Only entries with a lower id: the next page. */
  before?: number;
  /** Only entries with a higher id: what came since. */
  after?: number;
  /** A reason or outcome. */
  outcome?: string;
  /** Part of the user. */
  user?: string;
  /** Unix milliseconds. */
  from?: number;
  to?: number;
}
export interface CallQuery extends ActivityQuery {
  /** Only calls that told of this trait. */
  trait?: string;
}

/** How many deliveries and calls are kept. */
export const KEPT_ENTRIES = 1000;
/** How long counters are kept, milliseconds. */
export const KEPT_COUNTERS_MS = 30 * 86_400_000;
