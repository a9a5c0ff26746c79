import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { needs, PERMISSIONS, permissionsOfRole, permissionsOfScope } from '../../src/auth/permissions.ts';

describe('what a request needs', () => {
  test.each([
    ['GET', '/api/v1/users', 'read'],
    ['HEAD', '/api/v1/users', 'read'],
    ['GET', '/api/v1/users/export', 'export'],
    ['HEAD', '/api/v1/users/export', 'export'],
    ['GET', '/api/v1/segments/:id/export', 'export'],
    ['POST', '/api/v1/segments/preview', 'read'],
    ['POST', '/api/v1/segments', 'write'],
    ['PATCH', '/api/v1/segments/preview', 'write'],
    ['DELETE', '/api/v1/users/:id', 'write'],
    ['GET', '/api/v1/settings/integrations/segment', 'read'],
    ['PATCH', '/api/v1/settings/integrations/segment', 'settings'],
    ['POST', '/api/v1/settings/integrations/segment/diagnose', 'settings'],
    ['POST', '/api/v1/settings/whatever', 'settings'],
    ['GET', '/api/v1/api-keys', 'read'],
    ['POST', '/api/v1/api-keys', 'accounts'],
    ['PATCH', '/api/v1/admins/:id', 'accounts'],
    ['POST', '/api/v1/invitations', 'accounts'],
    ['POST', '/api/v1/invitations/accept', null],
    ['POST', '/api/v1/invitations/check', null],
    ['DELETE', '/api/v1/invitations/accept', 'accounts'],
    ['GET', '/api/v1/sign-in-options', null],
    ['POST', '/api/v1/sign-in-options', 'write'],
    ['PATCH', '/api/v1/me', 'read'],
    ['DELETE', '/api/v1/sessions/:id', 'read'],
    ['GET', '/api/v1/*', 'read'],
    ['POST', '/api/v1/*', 'write'],
  ] as const)('%s %s: %s', (method, route, permission) => {
    expect(needs(method, route)).toBe(permission);
  });

  test('a change on a route nobody thought of is closed to those who may only look', () => {
    const path = fc.array(fc.stringMatching(/^[a-z:_-]{1,12}$/), { maxLength: 4 });
    fc.assert(
      fc.property(path, fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'QUERY'), (parts, method) => {
        const route = `/api/v1/${['new', ...parts].join('/')}`;
        expect(permissionsOfRole('viewer')).not.toContain(needs(method, route));
        expect(permissionsOfScope('read')).not.toContain(needs(method, route));
      }),
    );
  });
});

test('roles and scopes', () => {
  expect(permissionsOfRole('admin')).toEqual(PERMISSIONS);
  expect(permissionsOfRole('viewer')).toEqual(['read']);
  expect(permissionsOfScope('read')).toEqual(['read', 'export']);
  expect(permissionsOfScope('write')).toEqual(['read', 'export', 'write']);
  expect(permissionsOfScope('settings')).toEqual(['read', 'export', 'write', 'settings']);
  // What no version knows allows nothing.
  expect(permissionsOfRole('owner' as 'admin')).toEqual([]);
  expect(permissionsOfScope('all' as 'read')).toEqual([]);
});
