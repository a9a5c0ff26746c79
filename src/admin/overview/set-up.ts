import { inboundKind } from '../reasons.ts';
import type { Settings } from '../settings/data.ts';
import { OVERVIEW } from '../texts/overview.ts';
import type { Summary } from './data.ts';

const TEXT = OVERVIEW.setUp;
const SETTINGS = '/settings/integrations/segment';

export interface SetUpStep {
  key: string;
  title: string;
  text: string;
  action: string;
  href: string;
  done: boolean;
}
export interface SetUpFacts {
  settings: Settings;
  /** All that is counted. */
  ever: Summary;
  users: number;
  segments: number;
}

/** What there is to do before attributes come in and memberships go out; what follows from a step proves it done. */
export function setUpSteps({
  settings: { inbound, outbound },
  ever,
  users,
  segments,
}: SetUpFacts): SetUpStep[] {
  const { lastDelivery, lastCall } = ever;
  const arrivals = [...Object.keys(ever.inbound), lastDelivery?.reason ?? 'echo'];
  const received = arrivals.some((reason) => reason !== 'echo' && inboundKind(reason) !== 'rejected');
  const told =
    (ever.outbound.taken ?? 0) > 0 || lastCall?.outcome === 'taken' || outbound.lastSuccessAt !== null;
  const step = (
    key: string,
    [title, text, action]: readonly [string, string, string],
    href: string,
    done: boolean,
  ): SetUpStep => ({ key, title, text, action, href, done });
  return [
    step('secret', TEXT.secret, `${SETTINGS}?steps=in`, inbound.sharedSecrets.length > 0),
    step('event', TEXT.event, `${SETTINGS}?steps=in`, received),
    step('users', TEXT.users, '/users/import', users > 0),
    step('segment', TEXT.segment, '/segments/new', segments > 0),
    step('outbound', TEXT.outbound, `${SETTINGS}?steps=out`, outbound.enabled || told),
    step('told', TEXT.told, '/activity?direction=out', told),
  ];
}
