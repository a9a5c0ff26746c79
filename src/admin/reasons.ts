import { OUTCOMES, REASONS } from './texts/reasons.ts';

/** What became of an event, coarsely. */
export type InboundKind = 'applied' | 'ignored' | 'rejected';
const APPLIED = ['applied', 'created', 'unchanged', 'deleted'];
const IGNORED = ['no_match', 'no_email', 'not_identify', 'echo'];
/** Segment keeps these events and sends them again. */
const RETRIED = ['inbound_off', 'no_shared_secret', 'overloaded', 'store_failed'];

export const inboundKind = (reason: string): InboundKind =>
  APPLIED.includes(reason) ? 'applied' : IGNORED.includes(reason) ? 'ignored' : 'rejected';
export const isRetried = (reason: string): boolean => RETRIED.includes(reason);

export type OutboundKind = 'taken' | 'retried' | 'refused';
/** Null for what is no end of an event: a refused batch is sent again in halves. */
export function outboundKind(outcome: string): OutboundKind | null {
  if (outcome === 'taken') return 'taken';
  if (outcome === 'parked') return 'refused';
  return outcome === 'split' ? null : 'retried';
}

export const reasonLabel = (reason: string): string => REASONS[reason] ?? reason;
export const outcomeLabel = (outcome: string): string => OUTCOMES[outcome] ?? outcome;

/** Counts by reason, summed up by kind. */
export function byKind<Kind extends string>(
  counts: Readonly<Record<string, number>>,
  kindOf: (reason: string) => Kind | null,
): Partial<Record<Kind, number>> {
  const sums: Partial<Record<Kind, number>> = {};
  for (const [reason, n] of Object.entries(counts)) {
    const kind = kindOf(reason);
    if (kind !== null) sums[kind] = (sums[kind] ?? 0) + n;
  }
  return sums;
}

/** The reasons events were rejected for, the most common first. */
export const rejections = (counts: Readonly<Record<string, number>>): [reason: string, count: number][] =>
  Object.entries(counts)
    .filter(([reason, n]) => n > 0 && inboundKind(reason) === 'rejected')
    .sort(([, a], [, b]) => b - a);

/** Where the activity shows what a number counts. */
export function activityLink(filters: Record<string, string>): string {
  return `/activity?${new URLSearchParams(filters)}`;
}
