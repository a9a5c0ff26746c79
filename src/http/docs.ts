import { swagger } from '@elysiajs/swagger';
import { type AnyElysia, Elysia } from 'elysia';
import type { OpenAPIV3 } from 'openapi-types';
import styles from 'swagger-ui-dist/swagger-ui.css' with { type: 'text' };
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'text' };
import { VERSION } from '../version.ts';
import { type RawDocument, tidyDocument } from './openapi.ts';
import start from './swagger-start.txt' with { type: 'text' };

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>quackback-segment API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
<main id="swagger-ui"></main>
<script src="/swagger/swagger-ui-bundle.js"></script>
<script src="/swagger/start.js"></script>
</body>
</html>
`;

// The page loads nothing from elsewhere; Swagger UI sets style attributes and draws its icons as data: images.
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const asset = (text: string, type: string) => () =>
  new Response(text, { headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' } });
const page = () =>
  new Response(PAGE, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP },
  });

const DOCUMENTATION = {
  info: {
    title: 'quackback-segment',
    version: VERSION,
    description:
      "Keeps a product's user directory and Segment in step, both ways. Members of a body that are not described here are ignored. Lengths of text are in UTF-16 code units, as JavaScript counts them: an emoji is two or more.",
  },
  // Either of them: who is signed in tries the API out without a key.
  security: [{ apiKey: [] }, { session: [] }] as Record<string, string[]>[],
  components: {
    securitySchemes: {
      apiKey: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'An API key: qb_… or ADMIN_API_KEY',
      },
      session: {
        type: 'apiKey' as const,
        in: 'cookie' as const,
        name: 'quackback-segment.session_token',
        description:
          'Signed in at /admin. Behind https the name begins with __Secure-. What changes something must come from the same origin.',
      },
    },
  },
  tags: [
    { name: 'Webhook', description: 'What Segment calls' },
    { name: 'Users', description: 'The user directory' },
    { name: 'Segments', description: 'Segments and their members' },
    { name: 'Import and export', description: 'Files of users, in and out' },
    { name: 'Activity', description: 'What happened, and why' },
    { name: 'Settings', description: 'The connection to Segment' },
    { name: 'Accounts', description: 'Who may use the service, and who did what' },
    { name: 'Health', description: 'For load balancers and container runtimes' },
  ],
};
const DOCUMENT = '/swagger/json';

/** Swagger UI from the executable itself, and the OpenAPI document of `routes` it shows. */
export function docsRoutes(routes: AnyElysia) {
  // The plugin serves a page, too, that loads Swagger UI from a CDN: so it sits in an app of its own that nobody can
  // reach, and only its document comes out.
  const plugin = new Elysia().use(swagger({ specPath: DOCUMENT, documentation: DOCUMENTATION })).use(routes);
  const describe = async () => {
    const answer = await plugin.handle(new Request(`http://localhost${DOCUMENT}`));
    return tidyDocument((await answer.json()) as RawDocument);
  };
  let document: Promise<OpenAPIV3.Document> | null = null;

  const hidden = { detail: { hide: true } };
  return new Elysia({ name: 'docs' })
    .get(
      DOCUMENT,
      () => {
        document ??= describe();
        return document;
      },
      hidden,
    )
    .get('/swagger', page, hidden)
    .get('/swagger/', page, hidden)
    .get('/swagger/swagger-ui.css', asset(styles, 'text/css; charset=utf-8'), hidden)
    .get('/swagger/swagger-ui-bundle.js', asset(bundle, 'text/javascript; charset=utf-8'), hidden)
    .get('/swagger/start.js', asset(start, 'text/javascript; charset=utf-8'), hidden);
}
