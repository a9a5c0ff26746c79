/**
 * What Bun can do on this machine with the same requests: reads the body, checks the HMAC, parses the JSON, stores
 * nothing, unless STORES and DATABASE say what. A process of its own, like the service it is measured beside.
 */
import { createLeastStore, type IdentifyEvent, type Stores } from './least-store.ts';

const { SHARED_SECRET = '', STORES, DATABASE = '' } = Bun.env;
const store = STORES === undefined ? null : createLeastStore(STORES as Stores, DATABASE);

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const bytes = await request.arrayBuffer();
    const signature = new Bun.CryptoHasher('sha1', SHARED_SECRET).update(bytes).digest('hex');
    if (request.headers.get('x-signature') !== signature) return new Response(null, { status: 401 });
    const body = new TextDecoder().decode(bytes);
    const event: IdentifyEvent = JSON.parse(body);
    if (store !== null) await store(body, event);
    return Response.json({
      reason: event.type === 'identify' ? 'applied' : 'not_identify',
      message: store === null ? 'Nothing was stored' : 'Stored',
    });
  },
});
console.log(`bare listens on http://127.0.0.1:${server.port}`);
