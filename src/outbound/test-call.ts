import { randomUUID } from 'node:crypto';
import { DomainError } from '../errors.ts';
import type { SegmentSettings } from '../settings/service.ts';
import { LIBRARY_NAME, MESSAGE_ID_PREFIX } from './identity.ts';
import type { CallResult, SegmentClient } from './segment-client.ts';

export interface TestCallDeps {
  client: SegmentClient;
  settings(): SegmentSettings;
  version: string;
  now(): number;
}

export interface TestCallReport {
  /** Whether Segment took the call, which does not say that it accepts the event. */
  handedOver: boolean;
  /** HTTP status; null where no answer came. */
  status: number | null;
  latencyMs: number;
  region: 'us' | 'eu';
  host: string;
  messageId: string;
  /** What it means, with what to do and where to look. */
  message: string;
}

/**
 * Sends Segment one identify without traits. Works while outbound sync is off, so that it can be tried before.
 * Throws a DomainError without a write key.
 */
export async function sendTestCall(deps: TestCallDeps, userId: string): Promise<TestCallReport> {
  const { writeKey, region } = deps.settings().outbound;
  if (writeKey === null) {
    throw new DomainError(
      422,
      'write_key_missing',
      'There is no write key to send with; set outbound.writeKey before',
    );
  }
  const messageId = `${MESSAGE_ID_PREFIX}test-${randomUUID()}`;
  const json = JSON.stringify({
    type: 'identify',
    userId,
    traits: {},
    messageId,
    timestamp: new Date(deps.now()).toISOString(),
    context: { active: false, library: { name: LIBRARY_NAME, version: deps.version } },
  });
  const message = { json, bytes: Buffer.byteLength(json), levels: [] };
  const startedAt = performance.now();
  const result = await deps.client.send([message], { writeKey, region }, new AbortController().signal);
  const latencyMs = Math.round(performance.now() - startedAt);
  const { host } = new URL(deps.client.address(region));
  return {
    handedOver: result.verdict === 'taken',
    status: result.status,
    latencyMs,
    region,
    host,
    messageId,
    message: explain(result, { region, host, messageId, userId }),
  };
}

function explain(
  { verdict, status, error }: CallResult,
  { region, host, messageId, userId }: { region: string; host: string; messageId: string; userId: string },
): string {
  switch (verdict) {
    case 'taken':
      return `Segment took the call. That means handed over, not accepted: it answers ${status} to wrong write keys, too. Open Connections → Sources → the source of this write key → Debugger in Segment and look for the identify of ${userId} with messageId ${messageId}; it shows up within seconds. If it does not, the write key is that of another source, or the workspace is not in the region "${region}".`;
    case 'unauthorised':
      return `${error}: the write key is not one of ${host}. Copy it from Connections → Sources → the source → Settings → API Keys, and check the region.`;
    case 'refused':
      return `${error}: the event was refused. An ordinary one would be parked; check that the userId is one Segment can take.`;
    case 'retry':
      return status === null
        ? `${error}. Check that this machine may connect to ${host}: DNS, firewall, outgoing proxy.`
        : `${error}. Ordinary calls are sent again until Segment takes them; if it lasts, see status.segment.com${status === 404 || status < 400 ? ' and SEGMENT_API_URL' : ''}.`;
  }
}
