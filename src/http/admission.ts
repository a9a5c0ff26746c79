import { Elysia } from 'elysia';
import type { Audit, AuditEvent } from '../auth/audit.ts';
import { type Audited, type Done, eventOf } from '../auth/audited.ts';
import type { Gate } from '../auth/gate.ts';
import { DomainError } from '../errors.ts';

/**
 * Lets requests into the routes of a group, and writes down what they changed. Both stand on the route that matched:
 * an address can be read in more than one way, a route can't.
 */
export function admission(gate: Gate, audit: Audit, audited: Readonly<Record<string, Audited>>) {
  const loaded = new WeakMap<Request, Done['before']>();
  const entryFor = (request: Request, route: string) => audited[`${request.method} ${route}`];

  return (
    new Elysia({ name: 'admission' })
      // Before a body is read; requests without one come to the next hook at once.
      .onParse({ as: 'scoped' }, async ({ request, route, server, set }) => {
        await gate.admit({ request, route, server, set });
      })
      .onTransform({ as: 'scoped' }, async ({ request, route, server, set }) => {
        await gate.admit({ request, route, server, set });
      })
      .onBeforeHandle({ as: 'scoped' }, async ({ request, route, params }) => {
        const load = entryFor(request, route)?.load;
        if (load !== undefined) loaded.set(request, await load(params));
      })
      .onAfterHandle({ as: 'scoped' }, async ({ request, route, params, body, responseValue }) => {
        const entry = entryFor(request, route);
        if (entry === undefined) return;
        const done: Done = {
          params,
          body: isRecord(body) ? body : {},
          data: dataOf(responseValue),
          before: loaded.get(request) ?? null,
          after: (await entry.load?.(params)) ?? null,
        };
        const event = eventOf(entry, done);
        if (event !== null) await recordVisit(gate, audit, request, event);
      })
  );
}

/** Writes down what somebody has done who was let in. */
export function recordVisit(gate: Gate, audit: Audit, request: Request, event: AuditEvent): Promise<void> {
  const { principal, client } = gate.visitorOf(request);
  return audit.record({ principal, ip: client.ip }, event);
}

/** Addresses below the group that are no route: told from known ones only to those who were let in. */
export function unknownRoutes() {
  const nothing = () => {
    throw new DomainError(
      404,
      'not_found',
      'Nothing answers this method at this address; /swagger lists all routes',
    );
  };
  const options = { parse: 'none' as const, detail: { hide: true } };
  const routes: Elysia = new Elysia({ name: 'unknown' });
  routes.all('', nothing, options).all('/*', nothing, options);
  return routes;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `data` of an answer, whether or not it was given with a status. */
function dataOf(answer: unknown): Record<string, unknown> {
  if (!isRecord(answer)) return {};
  const body = 'response' in answer && 'code' in answer ? answer.response : answer;
  return isRecord(body) && isRecord(body.data) ? body.data : {};
}
