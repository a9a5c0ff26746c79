import { Center, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Route, Router, Switch } from 'wouter';
import { ApiError } from './api.ts';
import { AsSomebody } from './as-somebody.tsx';
import { useShownPage } from './leaving.ts';
import { Failed } from './parts/page.tsx';
import { Waiting } from './parts/waiting.tsx';
import { meQuery } from './session.tsx';
import { COMMON } from './texts/common.ts';
import { cssVariables, theme } from './theme.ts';

const AcceptPage = lazy(() => import('./sign-in/accept-page.tsx'));

/** A session that has ended shows the sign-in page at the same address, and what was there after it (as-somebody.tsx). */
function onError(error: unknown) {
  if (error instanceof ApiError && error.status === 401) queries.invalidateQueries(meQuery);
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // What the service refuses it refuses again; only a way that broke is worth another try.
      retry: (failures, error) => error instanceof ApiError && error.status === 0 && failures < 2,
      staleTime: 2000,
      // Tried without a network, too, and refused then: what waits for one looks as if it were under way.
      networkMode: 'always',
    },
    // What could not be saved is not saved later, when nobody expects it.
    mutations: { networkMode: 'always' },
  },
});

/** What the page's policy asks of a style element made by a script. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';

export function Root() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" />
        <Router base="/admin" hook={useShownPage}>
          <Suspense fallback={<Waiting />}>
            <Switch>
              <Route path="/accept" component={AcceptPage} />
              <Route component={SignedIn} />
            </Switch>
          </Suspense>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function SignedIn() {
  const me = useQuery(meQuery);
  if (me.isPending) return <Waiting />;
  if (me.data === undefined) {
    return (
      <Center mih="60vh" p="md">
        <Failed what={COMMON.product} error={me.error} retry={() => me.refetch()} />
      </Center>
    );
  }
  return <AsSomebody me={me.data} />;
}
