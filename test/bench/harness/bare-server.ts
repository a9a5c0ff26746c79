/**
 * What Bun can do on this machine with the same requests: reads the body, checks the HMAC, parses the JSON, stores
 * nothing. A process of its own, like the service it is measured beside.
 */
const { SHARED_SECRET = '' } = Bun.env;

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const body = await request.arrayBuffer();
    const signature = new Bun.CryptoHasher('sha1', SHARED_SECRET).update(body).digest('hex');
    if (request.headers.get('x-signature') !== signature) return new Response(null, { status: 401 });
    const event = JSON.parse(new TextDecoder().decode(body));
    return Response.json({
      reason: event.type === 'identify' ? 'applied' : 'not_identify',
      message: 'Nothing was stored',
    });
  },
});
console.log(`bare listens on http://127.0.0.1:${server.port}`);
