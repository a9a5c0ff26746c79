import { Anchor } from '@mantine/core';
import { Component, lazy, type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Empty, Loading, NotThere, PageHeader } from './parts/page.tsx';
import { FRAME } from './texts/frame.ts';

// Each area is loaded when it is first opened.
const ROUTES = [
  ['/', lazy(() => import('./overview/page.tsx'))],
  ['/users', lazy(() => import('./users/page.tsx'))],
  ['/users/import', lazy(() => import('./users/import-page.tsx'))],
  ['/users/:id', lazy(() => import('./users/user-page.tsx'))],
  ['/segments', lazy(() => import('./segments/page.tsx'))],
  ['/segments/new', lazy(() => import('./segments/new-page.tsx'))],
  ['/segments/:slug', lazy(() => import('./segments/segment-page.tsx'))],
  ['/segments/:slug/edit', lazy(() => import('./segments/edit-page.tsx'))],
  ['/activity', lazy(() => import('./activity/page.tsx'))],
  ['/settings/integrations/segment', lazy(() => import('./settings/page.tsx'))],
  ['/settings/api-keys', lazy(() => import('./accounts/api-keys-page.tsx'))],
  ['/settings/admins', lazy(() => import('./accounts/admins-page.tsx'))],
  ['/settings/audit', lazy(() => import('./accounts/audit-page.tsx'))],
  ['/account', lazy(() => import('./accounts/account-page.tsx'))],
] as const;

/** Addresses somebody may well type, and where they lead. */
const SETTINGS = '/settings/integrations/segment';
const SHORT = ['/settings', '/settings/integrations', '/settings/segment'];

export function Pages() {
  const [path] = useLocation();
  return (
    <Boundary key={path}>
      <Suspense fallback={<Loading />}>
        <Switch>
          {ROUTES.map(([route, page]) => (
            <Route key={route} path={route} component={page} />
          ))}
          {SHORT.map((route) => (
            <Route key={route} path={route}>
              <Redirect to={SETTINGS} replace />
            </Route>
          ))}
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}

const NotFound = () => (
  <NotThere title={FRAME.notFound} text={FRAME.notFoundText} link={FRAME.toOverview} href="/" />
);

/** A page that throws leaves the frame standing. */
class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError() {
    return { broken: true };
  }
  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <>
        <PageHeader title={FRAME.broken} />
        <Empty
          title={FRAME.brokenText}
          text=""
          action={
            <Anchor component="button" onClick={() => location.reload()}>
              {FRAME.reload}
            </Anchor>
          }
        />
      </>
    );
  }
}
