import type { Call, Delivery } from './entries.ts';

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const command = (...lines: string[]) => lines.join(' \\\n  ');

/** Sends a rejected delivery again, as it came. */
export const deliveryAsCurl = (webhookUrl: string, { body, signature }: Delivery): string =>
  command(
    `curl -X POST ${quoted(webhookUrl)}`,
    "-H 'content-type: application/json'",
    ...(signature === null ? [] : [`-H ${quoted(`x-signature: ${signature}`)}`]),
    `--data-binary ${quoted(body ?? '')}`,
  );

const HOSTS = { us: 'https://api.segment.io/v1', eu: 'https://events.eu1.segmentapis.com/v1' };

/** What a call with one event told, but for its time. */
export const eventOf = ({ user, traits, messageId }: Call): string =>
  JSON.stringify({ userId: user, traits, messageId }, null, 2);

/** Tells Segment the same once more; the write key is for whoever runs it to fill in. */
export const callAsCurl = (region: 'us' | 'eu', call: Call): string =>
  command(
    `curl -X POST ${quoted(`${HOSTS[region]}${call.path}`)}`,
    '-u "$SEGMENT_WRITE_KEY:"',
    "-H 'content-type: application/json'",
    `-d ${quoted(eventOf(call))}`,
  );
