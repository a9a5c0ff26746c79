import { formatCount } from '../format.ts';
import type { Tone } from '../parts/data.tsx';
import { inboundKind, isRetried, outcomeLabel, reasonLabel } from '../reasons.ts';
import { ACTIVITY } from '../texts/activity.ts';
import { OUTCOME } from '../texts/outcomes.ts';
import type { Call, Delivery, Entry } from './entries.ts';

/** What Segment is told of a segment → the segment's name. */
export type Names = ReadonlyMap<string, string>;

/** What happened, in a line. */
export function wordsOf(entry: Entry, names: Names): { tone: Tone; text: string } {
  return entry.direction === 'in' ? ofDelivery(entry.of) : ofCall(entry.of, names);
}

/** Who it was about. */
export function whoOf(entry: Entry): string {
  if (entry.of.user !== null) return entry.of.user;
  if (entry.of.events <= 1) return ACTIVITY.unknown;
  return entry.direction === 'in'
    ? ACTIVITY.severalEvents(entry.of.events)
    : ACTIVITY.several(entry.of.events);
}

export const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** How one event ended: applied, ignored, put off or rejected, and why. */
export function endOf(reason: string): { tone: Tone; text: string } {
  const why = reasonLabel(reason);
  switch (inboundKind(reason)) {
    case 'applied':
      return { tone: 'ok', text: reason === 'applied' ? OUTCOME.applied : capitalised(why) };
    case 'ignored':
      return { tone: 'off', text: OUTCOME.ignored(why) };
    default:
      return isRetried(reason)
        ? { tone: 'look', text: OUTCOME.putOff(why) }
        : { tone: 'bad', text: OUTCOME.rejected(why) };
  }
}

function ofDelivery({ reason, results, events, eventType }: Delivery): { tone: Tone; text: string } {
  if (results !== null) {
    const parts = byCount(results).map(([of, n]) => `${formatCount(n)} ${reasonLabel(of)}`);
    const tones = Object.keys(results).map((of) => endOf(of).tone);
    const tone = WORST_FIRST.find((one) => tones.includes(one)) ?? 'off';
    const text = ACTIVITY.batchOf(events);
    return { tone, text: parts.length === 0 ? text : ACTIVITY.with(text, shortened(parts)) };
  }
  const { tone, text } = endOf(reason);
  return {
    tone,
    text: reason === 'not_identify' && eventType !== null ? ACTIVITY.ofType(text, eventType) : text,
  };
}
const WORST_FIRST = ['bad', 'look', 'ok', 'off'] as const;

function ofCall({ outcome, traits, counts, events }: Call, names: Names): { tone: Tone; text: string } {
  const tone = TONES[outcome] ?? 'look';
  const label = outcome === 'taken' ? OUTCOME.told : outcomeLabel(outcome);
  const name = (key: string) => names.get(key) ?? key;
  const parts =
    traits !== null
      ? Object.entries(traits).map(([key, joined]) => (joined ? ACTIVITY.joined : ACTIVITY.left)(name(key)))
      : Object.entries(counts ?? {}).flatMap(([key, { joined, left }]) => [
          ...(joined > 0 ? [ACTIVITY.joinedMany(joined, name(key))] : []),
          ...(left > 0 ? [ACTIVITY.leftMany(left, name(key))] : []),
        ]);
  return {
    tone,
    text: ACTIVITY.leadingTo(parts.length === 0 ? ACTIVITY.severalEvents(events) : shortened(parts), label),
  };
}

const TONES: Record<string, Tone> = { taken: 'ok', parked: 'bad', unauthorised: 'bad' };

export const byCount = (counts: Record<string, number>): [string, number][] =>
  Object.entries(counts).sort(([, a], [, b]) => b - a);

const SHOWN = 3;
const shortened = (parts: string[]): string =>
  parts.length <= SHOWN
    ? parts.join(', ')
    : [...parts.slice(0, SHOWN - 1), ACTIVITY.more(parts.length - SHOWN + 1)].join(', ');
