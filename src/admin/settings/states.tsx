import { useQuery } from '@tanstack/react-query';
import { Status } from '../parts/data.tsx';
import { summaryQuery } from '../queries.ts';
import { byKind, inboundKind } from '../reasons.ts';
import { SETTINGS } from '../texts/settings.ts';
import type { Outbound, Settings } from './data.ts';

/** Whether events arrive, in a word. */
export function InboundState({ settings: { inbound } }: { settings: Settings }) {
  const counts = useQuery(summaryQuery(1, 'hour')).data?.inbound ?? {};
  if (inbound.sharedSecrets.length === 0) return <Status tone="off">{SETTINGS.receivingNothing}</Status>;
  if (!inbound.enabled) return <Status tone="off">{SETTINGS.receivingOff}</Status>;
  const { rejected = 0 } = byKind(counts, inboundKind);
  if (rejected > 0) return <Status tone="look">{SETTINGS.receivingSome}</Status>;
  return <Status tone="ok">{SETTINGS.receiving}</Status>;
}

const OUTBOUND = {
  off: ['off', SETTINGS.sendingOff],
  idle: ['ok', SETTINGS.sending],
  syncing: ['ok', SETTINGS.sending],
  backing_off: ['look', SETTINGS.sendingLate],
  paused: ['bad', SETTINGS.sendingPaused],
} as const;

/** Whether Segment is told, in a word. */
export function OutboundState({ outbound }: { outbound: Outbound }) {
  const [tone, word] = OUTBOUND[outbound.status];
  if (tone === 'ok' && outbound.parked > 0) return <Status tone="look">{SETTINGS.sendingSome}</Status>;
  return <Status tone={tone}>{word}</Status>;
}
