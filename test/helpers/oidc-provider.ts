import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

/** Whom the stand-in says is signed in; any claim can be replaced. */
export type Claims = Record<string, unknown>;

/** A stand-in for an OpenID Connect provider: authorization code with PKCE, signed id tokens. */
export interface OidcProvider {
  url: string;
  /** Whoever is sent to it next is this person. */
  person: Claims;
  /** In place of the claims that make an id token valid, and of its signature. */
  forged: { claims?: Claims; signature?: string };
  /** How often a code was exchanged. */
  exchanges(): number;
  stop(): Promise<void>;
}

export const CLIENT = { id: 'quackback', secret: 'the-secret-at-the-provider' };

export function startOidcProvider(): OidcProvider {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const grants = new Map<
    string,
    { claims: Claims; challenge: string; redirectUri: string; nonce: string | null }
  >();
  let exchanges = 0;
  const issuer = (): string => `http://127.0.0.1:${server.port}`;

  const server: Bun.Server<undefined> = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    routes: {
      '/.well-known/openid-configuration': () =>
        Response.json({
          issuer: issuer(),
          authorization_endpoint: `${issuer()}/authorize`,
          token_endpoint: `${issuer()}/token`,
          jwks_uri: `${issuer()}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
        }),
      '/jwks': () =>
        Response.json({
          keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }],
        }),
      '/authorize'(request) {
        const query = new URL(request.url).searchParams;
        const redirectUri = query.get('redirect_uri') ?? '';
        const challenge = query.get('code_challenge') ?? '';
        if (query.get('client_id') !== CLIENT.id || challenge === '')
          return new Response('?', { status: 400 });
        const code = randomUUID();
        grants.set(code, { claims: provider.person, challenge, redirectUri, nonce: query.get('nonce') });
        const back = new URL(redirectUri);
        back.searchParams.set('code', code);
        back.searchParams.set('state', query.get('state') ?? '');
        return Response.redirect(back.href, 302);
      },
      '/token': {
        async POST(request) {
          const form = new URLSearchParams(await request.text());
          const code = form.get('code') ?? '';
          const grant = grants.get(code);
          grants.delete(code);
          const verifier = createHash('sha256')
            .update(form.get('code_verifier') ?? '')
            .digest('base64url');
          if (!isClient(request, form) || grant === undefined || grant.challenge !== verifier)
            return Response.json({ error: 'invalid_grant' }, { status: 400 });
          exchanges++;
          const now = Math.floor(Date.now() / 1000);
          const claims = {
            iss: issuer(),
            aud: CLIENT.id,
            iat: now,
            exp: now + 300,
            nonce: grant.nonce,
            ...grant.claims,
            ...provider.forged.claims,
          };
          const idToken = jwt(claims, privateKey, provider.forged.signature);
          return Response.json({
            access_token: randomUUID(),
            token_type: 'Bearer',
            expires_in: 300,
            id_token: idToken,
          });
        },
      },
    },
    fetch: () => new Response('?', { status: 404 }),
  });

  const provider: OidcProvider = {
    url: issuer(),
    person: {},
    forged: {},
    exchanges: () => exchanges,
    stop: () => server.stop(true),
  };
  return provider;
}

function isClient(request: Request, form: URLSearchParams): boolean {
  const basic = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;
  if (request.headers.get('authorization') === basic) return true;
  return form.get('client_id') === CLIENT.id && form.get('client_secret') === CLIENT.secret;
}

function jwt(claims: Claims, key: KeyObject, forged: string | undefined): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${forged ?? sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
