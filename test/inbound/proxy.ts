import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A reverse proxy as one would stand between Segment and the service, able to do everything wrong. */
export interface ReverseProxy {
  url: string;
  /** Where requests go on to; the service listens only after it knows the address of its proxy. */
  target: string;
  stop(): Promise<void>;
}
export interface Passing {
  body: Buffer;
  headers: IncomingHttpHeaders;
  /** Sends the request on, as it is by now. */
  forward(): Promise<Response>;
  /** Breaks the connection to the client. */
  cut(): null;
}
export type Handle = (passing: Passing) => Promise<Response | null>;

/** Starts one; `handle` answers what is to be sent back, or null after a cut. */
export async function startProxy(
  handle: Handle,
  tls: { key: string; cert: string } | null = null,
): Promise<ReverseProxy> {
  async function pass(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const passing: Passing = {
      body: Buffer.concat(chunks),
      headers: { ...request.headers },
      forward: () => {
        const {
          'content-length': _length,
          host: _host,
          connection: _connection,
          ...headers
        } = passing.headers;
        const init = { method: request.method, headers: headers as Record<string, string> };
        return fetch(`${proxy.target}${request.url}`, { ...init, body: new Uint8Array(passing.body) });
      },
      cut: () => {
        request.socket.destroy();
        return null;
      },
    };
    const answer = await handle(passing);
    if (answer === null) return;
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    pass(request, response).catch(() => request.socket.destroy());
  };
  const server = tls === null ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: ReverseProxy = {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    target: '',
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

/** A certificate nobody trusts, for 127.0.0.1, valid for a hundred years. The key opens nothing. */
export const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFGIqj+x/9wImBPLB
HdWoKSsD9dSiUu/0Fi+MeEPza9WhRANCAASMWcFX+Wryz0WwqQQD89ctwU3YjyDV
uxqbEKYRciqLueZd8zIp8nXrOjwm7lwVbAfMPnjofhQinMj9AuZA4SBI
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUAMVi3XlGgOAQHsXLJQGh5tKB62gwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE1MjQyMFoYDzIxMjYxMDMx
MTUyNDIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASMWcFX+Wryz0WwqQQD89ctwU3YjyDVuxqbEKYRciqLueZd8zIp8nXr
Ojwm7lwVbAfMPnjofhQinMj9AuZA4SBIo28wbTAdBgNVHQ4EFgQUkuTLLS3s4WTs
xwdYehGECTWfmecwHwYDVR0jBBgwFoAUkuTLLS3s4WTsxwdYehGECTWfmecwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgL9ZOVrBQmk6k7tGBdMn7hACrqMpKxAZJMo3jPjLwResCIQCK
3TMNfGFMWximpll3NhdkxrlXzHmJon1PxC39cvwn4g==
-----END CERTIFICATE-----`,
};
