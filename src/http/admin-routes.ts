import { randomBytes } from 'node:crypto';
import { Elysia } from 'elysia';
import { FILES, PAGE } from '../../dist/admin/files.ts';
import { DomainError } from '../errors.ts';

/** The admin area: one page for every address below /admin, and the files it loads. */
export function adminRoutes() {
  const hidden = { detail: { hide: true } };
  return new Elysia({ name: 'admin' })
    .get('/', () => new Response(null, { status: 302, headers: { location: '/admin' } }), hidden)
    .get('/admin', servePage, hidden)
    .get('/admin/*', servePage, hidden)
    .get('/admin/assets/:name', ({ params, request }) => serveFile(params.name, request), hidden);
}

function servePage() {
  const nonce = randomBytes(16).toString('base64');
  return new Response(PAGE.replace('{{nonce}}', nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(nonce),
    },
  });
}

// The nonce is for the style elements the component library makes; there is no inline script at all.
const contentSecurityPolicy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** A file's name changes with its content, so a browser may keep it for ever. */
async function serveFile(name: string, request: Request) {
  const file = FILES.get(name);
  if (file === undefined) {
    throw new DomainError(404, 'not_found', 'This file is of another version: reload the page');
  }
  const headers = {
    'content-type': file.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  };
  const gzipped = Bun.file(file.path);
  if (/\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')) {
    return new Response(gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } });
  }
  return new Response(Bun.gunzipSync(await gzipped.bytes()), { headers });
}
