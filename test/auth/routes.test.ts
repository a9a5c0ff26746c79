import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { auditedRoutes, UNAUDITED } from '../../src/auth/audited.ts';
import { needs, permissionsOfRole, permissionsOfScope } from '../../src/auth/permissions.ts';
import { fill, isApi, isOpen, type Operation, operationsOf } from '../api/operations.ts';
import { type Browser, bearer, invite, makeKey, setUpAdmin } from '../helpers/accounts.ts';
import { type Answer, API_KEY, startTestService, type TestService } from '../helpers/service.ts';

let t: TestService;
let operations: Operation[];
let admin: Browser;
let viewer: Browser;
let keys: Record<'read' | 'write' | 'settings', string>;

type Call = (method: string, path: string) => Promise<Answer>;
/** Everybody there is, with what they may do. */
let principals: { who: string; permissions: readonly string[]; call: Call }[];

beforeAll(async () => {
  t = await startTestService();
  operations = (await operationsOf(t)).filter(isApi);
  admin = await setUpAdmin(t);
  viewer = await invite(t, 'viewer', 'vera@example.com');
  keys = {
    read: (await makeKey(t, 'read')).key,
    write: (await makeKey(t, 'write')).key,
    settings: (await makeKey(t, 'settings')).key,
  };
  const withKey =
    (key: string): Call =>
    (method, path) =>
      t.api(method, path, undefined, bearer(key));
  const scopes = ['read', 'write', 'settings'] as const;
  principals = [
    {
      who: 'nobody',
      permissions: [],
      call: (method, path) => t.api(method, path, undefined, { authorization: '' }),
    },
    { who: 'an admin', permissions: permissionsOfRole('admin'), call: admin.call },
    { who: 'a viewer', permissions: permissionsOfRole('viewer'), call: viewer.call },
    { who: 'ADMIN_API_KEY', permissions: permissionsOfRole('admin'), call: withKey(API_KEY) },
    ...scopes.map((scope) => ({
      who: `a key to ${scope}`,
      permissions: permissionsOfScope(scope),
      call: withKey(keys[scope]),
    })),
  ];
});
afterAll(() => t.stop());

/** As the router names it. */
const routeOf = ({ path }: Operation) => path.replaceAll(/\{(\w+)\}/g, ':$1');

describe('every route of the document, by everybody', () => {
  test('lets in who has the permission, and nobody else', async () => {
    expect(operations.length).toBeGreaterThan(40);
    for (const { who, permissions, call } of principals) {
      for (const operation of operations) {
        const { method } = operation;
        const path = fill(operation.path, 'nothing_0');
        const need = needs(method, routeOf(operation));
        const allowed = need === null || permissions.includes(need);
        // What they are let in for fails of something else: there is no such thing, or no body.
        const { status, body } = await call(method, path);
        const refused = status === 401 || (status === 403 && body.error.code === 'forbidden');
        expect({ who, method, path, refused }).toEqual({ who, method, path, refused: !allowed });
        if (!refused) expect({ who, method, path, status }).not.toMatchObject({ status: 500 });
        if (refused) expect({ who, status }).toEqual({ who, status: who === 'nobody' ? 401 : 403 });
      }
    }
  }, 120_000);

  test('a viewer changes nothing but their own name and sessions', () => {
    const open = operations.filter(
      (operation) => operation.method !== 'GET' && needs(operation.method, routeOf(operation)) === 'read',
    );
    const names = open.map(({ method, path }) => `${method} ${path}`).sort();
    expect(names).toEqual([
      'DELETE /api/v1/sessions/{id}',
      'PATCH /api/v1/me',
      'POST /api/v1/segments/preview',
    ]);
  });

  test('a refusal says what is missing', async () => {
    const { body } = await t.api('POST', '/api/v1/segments', { name: 'x' }, bearer(keys.read));
    expect(body.error.code).toBe('forbidden');
    expect(body.error.message).toContain('the permission "write"');
    expect(body.error.message).toContain('read, export');
  });

  test('an address that is no route tells nobody anything, and those let in 404', async () => {
    for (const path of ['/api/v1', '/api/v1/', '/api/v1/nothing', '/api/v1/users/user_1/nothing']) {
      for (const { who, permissions, call } of principals) {
        const { status } = await call('GET', path);
        expect({ who, path, status }).toEqual({ who, path, status: permissions.length === 0 ? 401 : 404 });
      }
    }
  });
});

test('every route that changes something is written down, or listed with the reason why not', async () => {
  const audited = auditedRoutes({
    store: t.service.store,
    settings: null as unknown as Parameters<typeof auditedRoutes>[0]['settings'],
  });
  const changing = operations
    .filter(({ method, path }) => method !== 'GET' || path.endsWith('/export'))
    .map((operation) => `${operation.method} ${routeOf(operation)}`);
  expect(changing.filter((route) => audited[route] === undefined && UNAUDITED[route] === undefined)).toEqual(
    [],
  );
  // And nothing is listed that is not there.
  expect(Object.keys(audited).filter((route) => !changing.includes(route))).toEqual([]);
  expect(Object.keys(UNAUDITED).filter((route) => !changing.includes(route))).toEqual([]);
});

test('what is open to everybody is the way in alone', () => {
  const open = operations.filter((operation) => needs(operation.method, routeOf(operation)) === null);
  expect(open.filter((operation) => !isOpen(operation))).toEqual([]);
  expect(open).toHaveLength(3);
});
