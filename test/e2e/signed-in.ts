import type { Page } from 'playwright-core';

/** Answers who is signed in, for pages that are not about accounts; what they may do the service decides by the key. */
export const signedInAs = (page: Page, role: 'admin' | 'viewer' = 'admin') =>
  page.route('**/api/v1/me', (route) =>
    route.fulfill({
      json: {
        data: {
          kind: 'admin',
          id: 'admin_1',
          name: 'Ada',
          email: 'ada@example.com',
          role,
          permissions: role === 'viewer' ? ['read'] : ['read', 'export', 'write', 'settings', 'accounts'],
          twoFactor: false,
        },
      },
    }),
  );
