import type { Call, JoinedAndLeft } from '../activity/activity.ts';
import type { Message } from './message.ts';
import type { CallResult } from './segment-client.ts';

/** What the activity says of a call of Segment's API. */
export function describeCall(
  messages: readonly Message[],
  result: CallResult,
  at: number,
  latencyMs: number,
): Call {
  const [only] = messages;
  const event = messages.length === 1 && only !== undefined ? JSON.parse(only.json) : null;
  return {
    at,
    outcome: outcomeOf(result, messages.length),
    path: messages.length === 1 ? '/identify' : '/batch',
    events: messages.length,
    status: result.status,
    error: result.error,
    messageId: event?.messageId ?? null,
    user: event?.userId ?? null,
    traits: event?.traits ?? null,
    counts: event === null ? countTraits(messages) : null,
    latencyMs: Math.round(latencyMs * 1000) / 1000,
  };
}

function countTraits(messages: readonly Message[]): Record<string, JoinedAndLeft> {
  const counts = new Map<string, JoinedAndLeft>();
  for (const { levels } of messages) {
    // The last level of a key is the one that was told.
    for (const [key, value] of new Map(levels.map((level) => [level.traitKey, level.value]))) {
      const count = counts.get(key) ?? { joined: 0, left: 0 };
      count[value ? 'joined' : 'left']++;
      counts.set(key, count);
    }
  }
  return Object.fromEntries(counts);
}

/** How a call can end; a refused batch is split until the refused event is alone and parked. */
export type CallOutcome = 'taken' | 'split' | 'parked' | 'unauthorised' | 'retry';

function outcomeOf({ verdict }: CallResult, events: number): CallOutcome {
  return verdict === 'refused' ? (events > 1 ? 'split' : 'parked') : verdict;
}
