import { activityLink, byKind, inboundKind, isRetried, reasonLabel, rejections } from '../reasons.ts';
import type { Settings } from '../settings/data.ts';
import { OVERVIEW } from '../texts/overview.ts';
import type { Summary } from './data.ts';

const TEXT = OVERVIEW.problems;
const SETTINGS = '/settings/integrations/segment';

/** What solves a problem: a page, or something that is done at once. */
export type Remedy = { label: string; href: string } | { label: string; does: 'retry' | 'receive' };
export interface Problem {
  key: string;
  tone: 'bad' | 'look';
  title: string;
  text?: string;
  remedies: Remedy[];
}

/** Unmatched events below this are nothing unusual. */
const FEW = 10;

/** What does not reach somebody, or may not: the worst first, each with the click that solves it. */
export function findProblems({ inbound, outbound }: Settings, hour: Summary, now: number): Problem[] {
  const from = new Date(now - 3_600_000).toISOString();
  const found: Problem[] = [];
  if (outbound.status === 'paused') {
    found.push({
      key: 'paused',
      tone: 'bad',
      title: TEXT.paused,
      text: TEXT.waiting(outbound.pending),
      remedies: [{ label: TEXT.checkKey, href: SETTINGS }],
    });
  }
  if (outbound.parked > 0) {
    found.push({
      key: 'parked',
      tone: 'bad',
      title: TEXT.parked(outbound.parked),
      remedies: [
        { label: TEXT.retry, does: 'retry' },
        { label: TEXT.seeWhy, href: activityLink({ direction: 'out', outcome: 'parked' }) },
      ],
    });
  }
  for (const [reason, n] of rejections(hour.inbound)) {
    const kept = isRetried(reason);
    const seeWhy = { label: TEXT.seeWhy, href: activityLink({ direction: 'in', outcome: reason, from }) };
    found.push({
      key: reason,
      tone: kept ? 'look' : 'bad',
      title: (kept ? TEXT.kept : TEXT.rejected)(n, reasonLabel(reason)),
      text: kept ? TEXT.keptText : TEXT.rejectedText,
      remedies: [...remediesFor(reason, inbound), seeWhy],
    });
  }
  if (!inbound.enabled && (hour.inbound.inbound_off ?? 0) === 0) {
    found.push({
      key: 'receiving-off',
      tone: 'look',
      title: TEXT.receivingOff,
      text: TEXT.receivingOffText,
      remedies: [RECEIVE],
    });
  }
  if (outbound.status === 'backing_off') {
    found.push({
      key: 'late',
      tone: 'look',
      title: TEXT.late(outbound.lastError?.message ?? ''),
      text: TEXT.lateText(outbound.pending),
      remedies: [{ label: TEXT.seeCalls, href: activityLink({ direction: 'out', from }) }],
    });
  }
  const { applied = 0, ignored = 0 } = byKind(hour.inbound, inboundKind);
  const unmatched = hour.inbound.no_match ?? 0;
  if (unmatched >= FEW && unmatched * 2 > applied + ignored) {
    found.push({
      key: 'unmatched',
      tone: 'look',
      title: TEXT.unmatched(unmatched, applied + ignored),
      text: TEXT.unmatchedText,
      remedies: [
        { label: TEXT.openOptions, href: `${SETTINGS}?options=open` },
        { label: TEXT.seeWhy, href: activityLink({ direction: 'in', outcome: 'no_match', from }) },
      ],
    });
  }
  if (!outbound.enabled && outbound.writeKey !== null && outbound.pending > 0) {
    found.push({
      key: 'sending-off',
      tone: 'look',
      title: TEXT.sendingOff(outbound.pending),
      remedies: [{ label: TEXT.setUpSending, href: SETTINGS }],
    });
  }
  return found.sort((a, b) => Number(a.tone !== 'bad') - Number(b.tone !== 'bad'));
}

const RECEIVE: Remedy = { label: TEXT.switchOn, does: 'receive' };

function remediesFor(reason: string, inbound: Settings['inbound']): Remedy[] {
  if (reason === 'inbound_off') return inbound.enabled ? [] : [RECEIVE];
  if (reason === 'no_shared_secret') {
    return inbound.sharedSecrets.length > 0 ? [] : [{ label: TEXT.setSecret, href: `${SETTINGS}?steps=in` }];
  }
  if (reason === 'first_event_signature_refused') {
    return [{ label: TEXT.openOptions, href: `${SETTINGS}?options=open` }];
  }
  return [];
}
