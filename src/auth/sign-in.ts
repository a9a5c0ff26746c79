import type { Logger } from 'pino';
import { RateLimited } from '../errors.ts';
import type { AccountStore } from '../store/account-store.ts';
import { createLimit, type Limit } from './limit.ts';
import type { Oidc } from './oidc.ts';
import type { Passwords } from './password.ts';
import { MAX_PASSWORD, MIN_PASSWORD } from './password-length.ts';
import { adminPrincipal, type Principal } from './principal.ts';

const COOKIE_PREFIX = 'quackback-segment';
/** Where the library looks for the address we found the client to have. */
export const IP_HEADER = 'x-quackback-client-ip';

/** Passwords, sessions and second factors, by the sign-in library; it is loaded when somebody first needs it. */
export interface SignIn {
  /** Who the cookies of a request are from, and cookies that prolong the session. */
  sessionOf(headers: Headers, https: boolean): Promise<{ principal: Principal | null; cookies: string[] }>;
  /** Takes note of an authenticator's code; false where it was used before, by whoever has seen it. */
  takeCode(adminId: string, code: string): Promise<boolean>;
  /** Ends a session at once. */
  end(sessionId: string): Promise<void>;
  /** Ends all sessions of an admin but one. */
  endOthers(adminId: string, kept: string | null): Promise<void>;
  /** The email of who has given the password and is asked for a code, by the cookies of a request. */
  askedForCode(headers: Headers): Promise<string | null>;
  /** Has the library answer; the request is one of ours to it, with our own address. */
  handle(request: Request, way: 'password' | 'oidc', https: boolean): Promise<Response>;
}

export interface SignInDeps {
  store: AccountStore;
  passwords: Passwords;
  /** Signs cookies and seals second factors. */
  secret: string;
  /** Address under which the service is reached; known once it listens. */
  publicUrl: () => string;
  /** Whether `publicUrl` is configured, and says what browsers use. */
  publicUrlConfigured: boolean;
  oidc: Oidc | null;
  attemptsPerMinute: number;
  log: Logger;
}

/** What the library has a browser carry between password and code; behind the dot is its signature. */
const CODE_COOKIE = new RegExp(`${COOKIE_PREFIX}\\.two_factor=([^;.]+)`);
/** A code is valid in its half minute and in those before and after it. */
const CODE_SECONDS = 90;

/** Whether somebody may be signed in, without loading anything. */
export const carriesSession = (headers: Headers): boolean =>
  headers.get('cookie')?.includes(`${COOKIE_PREFIX}.session_token=`) ?? false;

export function createSignIn(deps: SignInDeps): SignIn {
  const libraries = new Map<string, Promise<Library>>();
  const codes = createLimit(1, CODE_SECONDS);

  /** One for each way to the browser and of signing in: the one for passwords must not wait for a provider. */
  function library(way: 'password' | 'oidc', https: boolean): Promise<Library> {
    const secure = deps.publicUrlConfigured ? deps.publicUrl().startsWith('https:') : https;
    const key = `${way} ${secure}`;
    let found = libraries.get(key);
    if (found === undefined) {
      found = load(deps, way, secure);
      libraries.set(key, found);
      // A failed start is tried again by the next request.
      found.catch(() => libraries.delete(key));
    }
    return found;
  }

  return {
    async sessionOf(headers, https) {
      const { api } = await library('password', https);
      const cookie = new Headers({ cookie: headers.get('cookie') ?? '' });
      const { response, headers: answer } = await api.getSession({ headers: cookie, returnHeaders: true });
      const cookies = answer.getSetCookie();
      if (response === null) return { principal: null, cookies };
      const admin = await deps.store.getAdmin(response.user.id);
      if (admin === null || admin.disabledAt !== null) return { principal: null, cookies };
      return { principal: adminPrincipal(admin, response.session.id), cookies };
    },
    takeCode: async (adminId, code) => (await codes.take(`${adminId} ${code}`)) === 0,
    end: async (sessionId) => void (await deps.store.deleteSession(sessionId)),
    endOthers: (adminId, kept) => deps.store.deleteOtherSessions(adminId, kept),
    async askedForCode(headers) {
      const [, value] = headers.get('cookie')?.match(CODE_COOKIE) ?? [];
      return value === undefined ? null : deps.store.emailAskedForCode(value);
    },
    async handle(request, way, https) {
      return (await library(way, https)).handler(request);
    },
  };
}

/** What we use of the library. */
interface Library {
  handler(request: Request): Promise<Response>;
  api: {
    getSession(options: { headers: Headers; returnHeaders: true }): Promise<{
      headers: Headers;
      response: { user: { id: string }; session: { id: string } } | null;
    }>;
  };
}

async function load(deps: SignInDeps, way: 'password' | 'oidc', secure: boolean): Promise<Library> {
  const { store, passwords, log, oidc } = deps;
  const [{ betterAuth }, { APIError }, { twoFactor }] = await Promise.all([
    import('better-auth/minimal'),
    import('better-auth/api'),
    import('better-auth/plugins/two-factor'),
  ]);
  /** As the library tells a client to come back. */
  function askBack(error: unknown): never {
    if (!(error instanceof RateLimited)) throw error;
    const { message, retryAfter } = error;
    throw new APIError('TOO_MANY_REQUESTS', { message }, { 'retry-after': String(retryAfter) });
  }
  const provider = way === 'oidc' && oidc !== null ? [await oidc.plugin()] : [];

  return betterAuth({
    appName: 'quackback-segment',
    baseURL: new URL(deps.publicUrl()).origin,
    basePath: '/api/auth',
    secret: deps.secret,
    database: await store.libraryAdapter(),
    telemetry: { enabled: false },
    // Below this level it prints by itself, besides.
    logger: { level: 'info', log: (level, message, ...details) => say(log, level, message, details) },
    // The request is ours, made for an origin that was found to be our own.
    trustedOrigins: (request) => (request === undefined ? [] : [new URL(request.url).origin]),
    onAPIError: { errorURL: `${new URL(deps.publicUrl()).origin}/admin/sign-in` },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
      password: {
        hash: (password) => passwords.hash(password).catch(askBack),
        verify: (given) => passwords.verify(given).catch(askBack),
      },
    },
    // No cache: what is revoked ends at once.
    session: { cookieCache: { enabled: false } },
    user: {
      additionalFields: {
        role: { type: 'string', required: true, defaultValue: 'viewer', input: false },
        disabledAt: { type: 'date', required: false, input: false },
      },
      ...(oidc === null ? {} : { validateUserInfo: oidc.validate }),
    },
    account: {
      updateAccountOnSignIn: false,
      accountLinking: { enabled: true, trustedProviders: [] },
    },
    databaseHooks: {
      session: {
        create: {
          async before({ userId }) {
            const admin = await store.getAdmin(userId);
            if (admin === null || admin.disabledAt === null) return;
            throw new APIError('FORBIDDEN', {
              code: 'ACCOUNT_DISABLED',
              message: 'This account is disabled; an admin can enable it',
            });
          },
        },
      },
      ...(oidc === null ? {} : oidc.hooks),
    },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 600,
      customStorage: { consume: createCounter() },
      customRules: Object.fromEntries(
        ['/sign-in/*', '/callback/*', '/two-factor/*', '/change-password'].map((path) => [
          path,
          { window: 60, max: deps.attemptsPerMinute },
        ]),
      ),
    },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: secure,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure },
    },
    plugins: [twoFactor({ issuer: 'quackback-segment' }), ...provider],
  }) as unknown as Library;
}

/** Counts by the rules of the library. */
function createCounter() {
  const limits = new Map<string, Limit>();
  return async (key: string, { window, max }: { window: number; max: number }) => {
    const rule = `${window} ${max}`;
    const limit = limits.get(rule) ?? createLimit(max, window);
    limits.set(rule, limit);
    const retryAfter = await limit.take(key);
    return { allowed: retryAfter === 0, retryAfter: retryAfter === 0 ? null : retryAfter };
  };
}

/** The library puts emails and addresses into its lines; what is left says enough. */
function say(log: Logger, level: string, message: string, details: unknown[]) {
  const err = details.find((detail) => detail instanceof Error);
  const text = message.replaceAll(/\S+@\S+|\b\w+:\/\/\S+|"[^"]*"/g, '…');
  const line = err === undefined ? {} : { err };
  if (level === 'error' && err !== undefined) log.error(line, `Sign-in: ${text}`);
  else log.debug(line, `Sign-in: ${text}`);
}
