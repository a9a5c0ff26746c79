import { DomainError, RateLimited } from '../errors.ts';
import type { Actor, Audit } from './audit.ts';
import type { Client } from './client.ts';
import { OIDC_PROVIDER } from './oidc.ts';
import { type OwnAddress, ownOrigins } from './origin.ts';
import { IP_HEADER, type SignIn } from './sign-in.ts';

/** One of the library's endpoints as we let it be used. */
interface Endpoint {
  /** What is taken over from the body; the library would take more. */
  fields: readonly string[];
  /** What we decide, whatever is asked for. */
  fixed?: Record<string, unknown>;
  way?: 'oidc';
  /** What the audit log says: of success, of refusal. */
  done?: string;
  refused?: string;
  /** Whether it can begin a session, by which way. */
  begins?: string;
  /** Whether a code of the authenticator is sent, which is good for one session only. */
  code?: true;
  /** Whether it ends every other session of who is signed in: they began without what it asks for from now on. */
  endsOthers?: true;
}

/** All of the library that can be reached. */
export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'POST /sign-in/email': {
    fields: ['email', 'password', 'rememberMe'],
    refused: 'session.refused',
    begins: 'password',
  },
  'POST /sign-in/social': {
    fields: ['callbackURL', 'errorCallbackURL'],
    fixed: { provider: OIDC_PROVIDER },
    way: 'oidc',
  },
  'GET /callback/oidc': { fields: [], way: 'oidc', refused: 'session.refused', begins: 'provider' },
  'POST /sign-out': { fields: [], done: 'session.signed_out' },
  'POST /change-password': {
    fields: ['currentPassword', 'newPassword'],
    // Who changes a password may have a reason.
    fixed: { revokeOtherSessions: true },
    done: 'password.changed',
    refused: 'password.change_refused',
  },
  'POST /two-factor/enable': { fields: ['password'], done: 'two_factor.begun' },
  // No device is trusted: the second factor is asked for at every sign-in.
  'POST /two-factor/verify-totp': {
    fields: ['code'],
    done: 'two_factor.confirmed',
    refused: 'session.refused',
    begins: 'password and code',
    code: true,
    endsOthers: true,
  },
  'POST /two-factor/verify-backup-code': {
    fields: ['code'],
    done: 'two_factor.backup_code_used',
    refused: 'session.refused',
    begins: 'password and backup code',
  },
  'POST /two-factor/disable': { fields: ['password'], done: 'two_factor.removed' },
  'POST /two-factor/generate-backup-codes': { fields: ['password'], done: 'two_factor.backup_codes_changed' },
};

export interface SignInEndpointDeps {
  signIn: SignIn;
  audit: Audit;
  publicUrl: () => string;
}

/** Has the library answer a request to /api/auth, if it is one we let through; `given` is its body, if it has one. */
export async function answerSignIn(
  { signIn, audit, publicUrl }: SignInEndpointDeps,
  request: Request,
  given: Record<string, unknown> | null,
  client: Client,
  own: OwnAddress,
): Promise<Response> {
  const { pathname, search } = new URL(request.url, 'http://localhost');
  const path = pathname.replace(/^\/api\/auth/, '');
  const endpoint = ENDPOINTS[`${request.method} ${path}`];
  if (endpoint === undefined) {
    throw new DomainError(404, 'not_found', 'Nothing answers this method at this address');
  }
  const body = given === null ? null : pick(given, endpoint);
  const email = typeof body?.email === 'string' ? emailIn(body.email) : undefined;
  const before = await signIn.sessionOf(request.headers, client.https);
  const answer = await signIn.handle(
    new Request(`${originFor(request, own, publicUrl())}/api/auth${path}${search}`, {
      method: request.method,
      headers: headersFor(request, client),
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    }),
    endpoint.way ?? 'password',
    client.https,
  );

  const location = answer.headers.get('location');
  const error = location === null ? null : new URL(location, 'http://localhost').searchParams.get('error');
  const actor: Actor = { principal: before.principal, ip: client.ip };
  if (answer.status >= 400 || error !== null) {
    const { failure, code } = await failureOf(answer, error);
    if (endpoint.refused !== undefined && answer.status !== 429) {
      const changes = [{ field: 'reason', after: code }];
      await audit.record(actor, { action: endpoint.refused, target: await whoever(), changes });
    }
    if (failure !== null) throw failure;
    return withoutToken(answer);
  }
  // Who is signed in and sends a code confirms it; everybody else begins a session by it.
  const begins = before.principal === null || endpoint.done === undefined ? endpoint.begins : undefined;
  const begun =
    begins === undefined ? null : (await signIn.sessionOf(cookiesIn(answer), client.https)).principal;
  if (endpoint.code === true) await requireUnused(String(body?.code));
  if (begins !== undefined) await recordBeginning(begins);
  else if (endpoint.done !== undefined && before.principal !== null) {
    if (endpoint.endsOthers === true) await endOthers(before.principal.id);
    await audit.record(actor, { action: endpoint.done, target: before.principal.email });
  }
  return withoutToken(answer);

  /** The library takes a code as often as it is sent while it is valid. */
  async function requireUnused(code: string) {
    const principal = begun ?? before.principal;
    if (principal === null || (await signIn.takeCode(principal.id, code)) || begun === null) return;
    if (begun.sessionId !== null) await signIn.end(begun.sessionId);
    const changes = [{ field: 'reason', after: 'code_used' }];
    await audit.record(actor, { action: 'session.refused', target: begun.email, changes });
    throw new DomainError(401, 'code_used', 'This code was used already; sign in again with the next one');
  }

  /** The library gives who has turned the second factor on another session in place of theirs. */
  async function endOthers(adminId: string) {
    const kept = (await signIn.sessionOf(cookiesIn(answer), client.https)).principal ?? before.principal;
    await signIn.endOthers(adminId, kept?.sessionId ?? null);
  }

  /** Whom a request without a session is about: by the email in it, or by the password that was right before a code. */
  async function whoever(): Promise<string | null> {
    if (email !== undefined) return email;
    return before.principal?.email ?? (await signIn.askedForCode(request.headers));
  }

  async function recordBeginning(by: string) {
    if (begun !== null) {
      const changes = [{ field: 'by', after: by }];
      await audit.record({ principal: begun, ip: client.ip }, { action: 'session.signed_in', changes });
    } else {
      await audit.record(actor, { action: 'session.code_asked', target: email ?? null });
    }
  }
}

/** What is taken over of a body. */
function pick(given: Record<string, unknown>, { fields, fixed }: Endpoint): Record<string, unknown> {
  const taken = fields.filter((field) => Object.hasOwn(given, field)).map((field) => [field, given[field]]);
  return { ...Object.fromEntries(taken), ...fixed };
}

/** The address by which this browser came, for the library to compare with. */
function originFor(request: Request, own: OwnAddress, publicUrl: string): string {
  const origin = request.headers.get('origin');
  const ours = ownOrigins(request.headers.get('host'), own);
  return origin !== null && ours.includes(origin) ? origin : new URL(publicUrl).origin;
}

function headersFor(request: Request, { ip }: Client): Headers {
  const headers = new Headers({ 'content-type': 'application/json' });
  for (const name of [
    'cookie',
    'origin',
    'user-agent',
    'sec-fetch-site',
    'sec-fetch-mode',
    'sec-fetch-dest',
  ]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (ip !== null) headers.set(IP_HEADER, ip);
  return headers;
}

/** The library's refusal as an error of ours; null where it sends the browser on with one. */
async function failureOf(answer: Response, redirected: string | null) {
  if (redirected !== null) return { failure: null, code: redirected };
  const body = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
  const code = (body.code ?? 'refused').toLowerCase().replace(/[^a-z0-9]+/g, '_');
  if (answer.status === 429) {
    const seconds = Number(answer.headers.get('x-retry-after') ?? answer.headers.get('retry-after'));
    return { failure: new RateLimited(Number.isInteger(seconds) && seconds > 0 ? seconds : 900), code };
  }
  const status = ([400, 401, 403, 404, 409, 422] as const).find((one) => one === answer.status);
  if (status === undefined) throw new Error(`The sign-in library answered ${answer.status}`);
  return { failure: new DomainError(status, code, body.message ?? 'This was refused'), code };
}

/** The cookies an answer sets, as the next request would send them. */
function cookiesIn(answer: Response): Headers {
  const set = answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? '');
  const kept = set.filter((cookie) => !cookie.endsWith('='));
  return new Headers({ cookie: kept.join('; ') });
}

/** The session's token is for the cookie alone, which no script can read. */
async function withoutToken(answer: Response): Promise<Response> {
  const { status, headers } = answer;
  const text = await answer.text();
  if (text === '') {
    headers.delete('content-type');
    return new Response(null, { status, headers });
  }
  headers.delete('content-length');
  const { token: _token, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return Response.json(rest, { status, headers });
}

/** What was typed for an email is kept only if it can be one: it may be a password. */
const emailIn = (text: string): string | null =>
  /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(text.trim()) ? text.trim().toLowerCase() : null;
