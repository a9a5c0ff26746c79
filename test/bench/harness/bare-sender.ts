/**
 * Serialises and sends what the service would, in the same batches and by the same code, but out of memory: no database.
 * Asked by HTTP: POST /<events> sends so many and answers when they are taken. bun bare-sender.ts <url>
 */
import { intoCalls, MAX_BATCH_EVENTS, messagesFor } from '../../../src/outbound/message.ts';
import { createSegmentClient } from '../../../src/outbound/segment-client.ts';
import type { Telling } from '../../../src/store/store.ts';

const client = createSegmentClient(Bun.argv[2], Date.now);
const sender = { instance: crypto.randomUUID(), version: '0.0.0' };
const { signal } = new AbortController();
let userId = 0;

function telling(): Telling {
  userId++;
  const outboundId = `first.family.${userId.toString(36)}@company-${(userId % 1000).toString(36)}.example`;
  const level = {
    userId,
    segmentId: 1,
    version: 1,
    changedAt: Date.now(),
    traitKey: 'everyone',
    value: true,
  };
  return { outboundId, levels: [{ kind: 'membership', ...level }] };
}

async function send(events: number) {
  for (let left = events; left > 0; left -= MAX_BATCH_EVENTS) {
    const tellings = Array.from({ length: Math.min(left, MAX_BATCH_EVENTS) }, telling);
    for (const call of intoCalls(tellings.flatMap((one) => messagesFor(one, sender)))) {
      const { verdict } = await client.send(call, { writeKey: 'bench-write-key', region: 'us' }, signal);
      if (verdict !== 'taken') throw new Error(`A call was not taken: ${verdict}`);
    }
  }
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  // Longer than any round.
  idleTimeout: 255,
  async fetch(request) {
    await send(Number(new URL(request.url).pathname.slice(1)));
    return new Response();
  },
});
console.log(`listens on http://127.0.0.1:${server.port}`);
