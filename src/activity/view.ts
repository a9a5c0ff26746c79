import { messageOf } from '../inbound/service.ts';
import type { CallOutcome } from '../outbound/call-record.ts';
import type { Call, Delivery, Recorded } from './activity.ts';

export const viewDelivery = ({ id, entry: { eventAt: _clock, ...entry } }: Recorded<Delivery>) => ({
  ...entry,
  id,
  at: new Date(entry.at).toISOString(),
  message: messageOf(entry.reason),
});

export const viewCall = ({ id, entry }: Recorded<Call>) => ({
  ...entry,
  id,
  at: new Date(entry.at).toISOString(),
  outcome: entry.outcome as CallOutcome,
});
