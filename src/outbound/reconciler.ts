import type { Logger } from 'pino';
import type { Recorder } from '../activity/recorder.ts';
import type { SegmentSettings } from '../settings/service.ts';
import type { NextOutbound, Settlement, Store, Telling } from '../store/store.ts';
import { createAside } from './aside.ts';
import { describeCall } from './call-record.ts';
import { intoCalls, MAX_BATCH_EVENTS, type Message, messagesFor, type Sender } from './message.ts';
import { backoffMs } from './retry.ts';
import type { CallResult, SegmentClient } from './segment-client.ts';
import { createTokenBucket } from './token-bucket.ts';

export interface ReconcilerDeps {
  store: Store;
  client: SegmentClient;
  settings(): SegmentSettings;
  sender: Sender;
  now(): number;
  random(): number;
  log: Logger;
  recorder: Recorder;
}

export interface ReconcilerState {
  status: 'off' | 'idle' | 'syncing' | 'backing_off' | 'paused';
  lastSuccessAt: number | null;
  lastError: { at: number; message: string; status: number | null } | null;
}

export interface Reconciler {
  /**
   * Tells Segment once what is pending, as far as limits allow. Answers the milliseconds after which there may be
   * more to do: 0 at once, null when only a commit can bring more.
   */
  runOnce(signal: AbortSignal): Promise<number | null>;
  /** Forgets backoff and pause: settings have changed, so it is worth a try at once. */
  reset(): void;
  state(): ReconcilerState;
}

/** How often a refused write key is tried again, milliseconds. */
const PROBE_MS = 60_000;
/** How long to wait for tokens of the rate limit, milliseconds. */
const TOKEN_WAIT_MS = 50;

/** Keeps Segment at the level of the memberships. One call at a time, so that levels arrive in order. */
export function createReconciler({
  store,
  client,
  settings,
  sender,
  now,
  random,
  log,
  recorder,
}: ReconcilerDeps): Reconciler {
  const bucket = createTokenBucket();
  const aside = createAside(now, (failures) => backoffMs(failures, null, random()));
  /** Events of the next call. After a failure it begins with one and doubles: what is too much shows in between. */
  let size = MAX_BATCH_EVENTS;
  let failures = 0;
  let paused = false;
  /** Since when to wait, and how long. Two numbers, because a clock that is set back to before that ends the wait. */
  let waiting = { since: 0, ms: 0 };
  let resets = 0;
  let syncing = false;
  let lastSuccessAt: number | null = null;
  let lastError: ReconcilerState['lastError'] = null;

  const destination = () => {
    const { enabled, writeKey, region } = settings().outbound;
    return enabled && writeKey !== null ? { writeKey, region } : null;
  };

  async function runOnce(signal: AbortSignal): Promise<number | null> {
    let settlement: Settlement = { taken: [], parked: [] };
    /** Whether those who were set aside have their turn, because nobody else has anything to hear. */
    let othersDone = false;
    for (;;) {
      const { next, wait } = othersDone
        ? allowance(signal, aside.waiting(), 1)
        : allowance(signal, aside.ids());
      const over = next === null && settlement.taken.length + settlement.parked.length === 0;
      // What came of one call is recorded with what the next is to say: one commit for both.
      const tellings = over ? [] : await store.exchangeOutbound(settlement, next);
      if (next === null) return wait;
      bucket.giveBack(next.limit - tellings.length);
      settlement = { taken: [], parked: [] };
      if (tellings.length === 0) {
        // What failed is not wanted any more.
        failures = 0;
        if (othersDone) aside.forget(aside.ids().filter((id) => next.except?.includes(id) !== true));
        const rest = aside.waitMs();
        if (rest !== 0) return rest;
        othersDone = true;
        continue;
      }
      othersDone = false;
      syncing = true;
      try {
        await tell(tellings, settlement, signal);
      } finally {
        syncing = false;
      }
    }
  }

  /** How much may be told now; where that is nothing, when to ask again, as {@link Reconciler.runOnce} answers it. */
  function allowance(
    signal: AbortSignal,
    except: readonly string[],
    most = size,
  ): { next: NextOutbound | null; wait: number | null } {
    if (destination() === null) return { next: null, wait: null };
    if (signal.aborted) return { next: null, wait: 0 };
    const passed = now() - waiting.since;
    if (passed >= 0 && passed < waiting.ms) return { next: null, wait: waiting.ms - passed };
    const { userId: identifyAs, eventsPerSecond } = settings().outbound;
    // After a failure, and while paused, a single event finds out whether things are well again.
    const wanted = paused || failures > 0 ? 1 : most;
    const limit = bucket.take(wanted, eventsPerSecond, now());
    if (limit === 0) return { next: null, wait: TOKEN_WAIT_MS };
    return { next: { limit, identifyAs, except }, wait: 0 };
  }

  /** Sends all of it, as far as that goes, and adds to the settlement what came of it. */
  async function tell(tellings: Telling[], settlement: Settlement, signal: AbortSignal): Promise<void> {
    const began = resets;
    for (const call of intoCalls(tellings.flatMap((telling) => messagesFor(telling, sender)))) {
      const result = await sendOrBisect(call, settlement, signal);
      if (result === null) continue;
      // What went wrong with the settings of before says nothing about the new ones.
      if (began === resets) postpone(result, tellings);
      return;
    }
    aside.forget(tellings.map(({ outboundId }) => outboundId));
    failures = 0;
    paused = false;
    size = Math.min(2 * size, MAX_BATCH_EVENTS);
  }

  /** Sends a call, halving it where Segment refuses it until the bad event is alone. Answers what stopped it, or null. */
  async function sendOrBisect(
    call: Message[],
    settlement: Settlement,
    signal: AbortSignal,
  ): Promise<CallResult | null> {
    const to = destination();
    if (to === null || signal.aborted) return STOPPED;
    const at = now();
    const startedAt = performance.now();
    const result = await client.send(call, to, signal);
    if (signal.aborted && result.status === null) return STOPPED;
    recorder.called(describeCall(call, result, at, performance.now() - startedAt));
    const levels = call.flatMap((message) => message.levels);
    switch (result.verdict) {
      case 'taken':
        settlement.taken.push(...levels);
        lastSuccessAt = now();
        return null;
      case 'refused':
        recordError(result);
        if (call.length > 1) {
          const half = Math.ceil(call.length / 2);
          return (
            (await sendOrBisect(call.slice(0, half), settlement, signal)) ??
            (await sendOrBisect(call.slice(half), settlement, signal))
          );
        }
        log.warn(
          { status: result.status },
          'Segment refused one event; it is parked until it is retried by hand',
        );
        for (const level of levels) settlement.parked.push({ level, error: result.error ?? 'refused' });
        return null;
      default:
        return result;
    }
  }

  /** Sets when to try again. */
  function postpone(result: CallResult, tellings: readonly Telling[]): void {
    if (result === STOPPED) return;
    recordError(result);
    if (result.verdict === 'unauthorised') {
      if (!paused)
        log.error(
          { status: result.status },
          'Segment refused the write key; sending is paused until it is right',
        );
      paused = true;
      failures = 0;
      waiting = { since: now(), ms: PROBE_MS };
      return;
    }
    paused = false;
    const { status } = result;
    const [first] = tellings;
    if (status === null || status >= 500) size = 1;
    if (status !== null && status >= 500 && first !== undefined && tellings.length === 1) {
      const wasAside = aside.has(first.outboundId);
      if (aside.failed(first.outboundId))
        log.warn({ status }, 'Segment fails at one user again and again; the others come first');
      if (wasAside && result.askedMs === null) return;
    }
    failures++;
    const wait = backoffMs(failures, result.askedMs, random());
    log.warn({ status, failures, waitMs: wait }, result.error ?? 'Segment did not take a call');
    waiting = { since: now(), ms: wait };
  }

  function recordError({ error, status }: CallResult) {
    lastError = { at: now(), message: error ?? 'unknown', status };
  }

  return {
    runOnce,
    reset() {
      resets++;
      aside.clear();
      size = MAX_BATCH_EVENTS;
      failures = 0;
      paused = false;
      waiting = { since: 0, ms: 0 };
    },
    state() {
      const status =
        destination() === null
          ? 'off'
          : paused
            ? 'paused'
            : failures > 0
              ? 'backing_off'
              : syncing
                ? 'syncing'
                : aside.waitMs() !== null
                  ? 'backing_off'
                  : 'idle';
      return { status, lastSuccessAt, lastError };
    },
  };
}

/** Not a failure: the service is stopping, or sending was switched off meanwhile. */
const STOPPED: CallResult = { verdict: 'retry', status: null, error: null, askedMs: null };
