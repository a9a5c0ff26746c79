import { hash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../errors.ts';
import type { ApiKeys } from './api-keys.ts';
import { type Client, clientOf, networkOf } from './client.ts';
import { type Limit, requireRoom } from './limit.ts';
import { isOwnOrigin, type OwnAddress } from './origin.ts';
import { needs, type Permission } from './permissions.ts';
import { keyPrincipal, OPERATOR, type Principal } from './principal.ts';
import { carriesSession, type SignIn } from './sign-in.ts';

/** What the gate sees of a request under way. */
export interface Arrival {
  request: Request;
  /** The pattern of its route. */
  route: string;
  server: { requestIP(request: Request): { address: string } | null } | null;
  set: { headers: Record<string, unknown> };
}
/** Who was let in. */
export interface Visitor {
  /** Null where the route is open to everybody. */
  principal: Principal | null;
  client: Client;
}

/** The one place that decides who may make a request of the API. */
export interface Gate {
  /** Lets the request in or throws. Asked again for the same request, it answers the same. */
  admit(arrival: Arrival): Promise<Visitor>;
  /** Who a request that was let in is from. */
  visitorOf(request: Request): Visitor;
  /** Who is signed in; for what is only for them. */
  adminOf(request: Request): Principal;
  clientOf(arrival: Pick<Arrival, 'request' | 'server'>): Client;
  ownAddress(client: Client): OwnAddress;
}

export interface GateDeps {
  keys: ApiKeys;
  signIn: Pick<SignIn, 'sessionOf'>;
  /** ADMIN_API_KEY. */
  operatorKey: string | undefined;
  publicUrl: string | undefined;
  proxyHops: number;
  /** Requests of whoever asks. */
  limit: Limit;
  /** Attempts at what is open to everybody. */
  openLimit: Limit;
}

export function createGate(deps: GateDeps): Gate {
  const { keys, signIn, operatorKey, limit, openLimit } = deps;
  const admissions = new WeakMap<Request, Promise<Visitor>>();
  const visitors = new WeakMap<Request, Visitor>();
  const expected = operatorKey === undefined ? null : digest(operatorKey);

  const clientOfArrival: Gate['clientOf'] = ({ request, server }) =>
    clientOf(request.headers, server?.requestIP(request)?.address ?? null, deps.proxyHops);
  const ownAddress = ({ https }: Client): OwnAddress => ({ publicUrl: deps.publicUrl ?? null, https });

  async function decide(arrival: Arrival): Promise<Visitor> {
    const { request, route } = arrival;
    const client = clientOfArrival(arrival);
    const network = client.ip === null ? 'unknown' : networkOf(client.ip);
    const need = needs(request.method, route);
    if (need === null) {
      await requireRoom(isReading(request) ? limit : openLimit, network);
      return { principal: null, client };
    }
    const principal = await identify(arrival, client);
    if (principal === null) {
      await requireRoom(limit, network);
      throw unauthorized();
    }
    await requireRoom(limit, `${principal.kind} ${principal.id}`);
    if (principal.kind === 'admin' && !isReading(request)) requireOwnOrigin(request, ownAddress(client));
    if (!principal.permissions.includes(need)) throw forbidden(principal, need);
    return { principal, client };
  }

  async function identify({ request, set }: Arrival, client: Client): Promise<Principal | null> {
    const authorization = request.headers.get('authorization') ?? '';
    // A key says who asks, whatever cookies the browser adds.
    if (/^Bearer\b/i.test(authorization)) {
      const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
      if (token === undefined) return null;
      if (expected !== null && timingSafeEqual(digest(token), expected)) return OPERATOR;
      const key = token.startsWith('qb_') ? await keys.find(token) : null;
      return key === null ? null : keyPrincipal(key);
    }
    if (!carriesSession(request.headers)) return null;
    const { principal, cookies } = await signIn.sessionOf(request.headers, client.https);
    if (cookies.length > 0) set.headers['set-cookie'] = cookies;
    return principal;
  }

  return {
    admit(arrival) {
      const { request } = arrival;
      let admission = admissions.get(request);
      if (admission === undefined) {
        admission = decide(arrival).then((visitor) => {
          visitors.set(request, visitor);
          return visitor;
        });
        admissions.set(request, admission);
      }
      return admission;
    },
    visitorOf(request) {
      const visitor = visitors.get(request);
      if (visitor === undefined) throw new Error('A route of the API was reached around the gate');
      return visitor;
    },
    adminOf(request) {
      const principal = visitors.get(request)?.principal;
      if (principal?.kind === 'admin') return principal;
      throw new DomainError(403, 'not_signed_in', 'This is about who is signed in; an API key is nobody');
    },
    clientOf: clientOfArrival,
    ownAddress,
  };
}

const isReading = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';
const digest = (token: string): Buffer => hash('sha256', token, 'buffer');

/** Refuses what another site's page sends with our cookies. */
export function requireOwnOrigin(request: Request, own: OwnAddress): void {
  if (isOwnOrigin(request.headers, own)) return;
  throw new DomainError(
    403,
    'cross_origin',
    'This came from a page of another address. Open the admin area by the address in PUBLIC_URL, or set PUBLIC_URL to the address you use',
  );
}

const unauthorized = () =>
  new DomainError(401, 'unauthorized', 'Sign in, or send an API key that works: Authorization: Bearer qb_…');

const forbidden = ({ kind, name, role, permissions }: Principal, need: Permission) => {
  const who = kind === 'key' ? `The API key "${name}"` : `Your role (${role})`;
  return new DomainError(
    403,
    'forbidden',
    `${who} does not allow this: it needs the permission "${need}", and there is only: ${permissions.join(', ')}`,
  );
};
