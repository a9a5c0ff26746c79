import { focusManager } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Frame } from './frame.tsx';
import { Pages } from './pages.tsx';
import { Waiting } from './parts/waiting.tsx';
import { type Me, MeProvider } from './session.tsx';

const SignInPage = lazy(() => import('./sign-in/page.tsx'));

/**
 * The pages of whoever is signed in. When the session ends by itself they stay behind the sign-in page, with what was
 * typed in them, until the same person is back; for anybody else they begin anew.
 */
export function AsSomebody({ me }: { me: Me | null }) {
  const [last, setLast] = useState(me);
  if (me !== null && me !== last) setLast(me);
  const shown = me ?? last;
  const isAway = me === null;
  useStillness(isAway);
  return (
    <MeProvider value={shown}>
      {isAway && (
        <Suspense fallback={<Waiting />}>
          <SignInPage />
        </Suspense>
      )}
      {shown !== null && (
        <div key={shown.id} hidden={isAway} inert={isAway}>
          <Frame>
            <Pages />
          </Frame>
          {/* Where dialogs open (theme.ts): with the pages they belong to. */}
          <div id="dialogs" />
        </div>
      )}
    </MeProvider>
  );
}

/** While nobody is signed in the pages ask for nothing and hear no keys; afterwards they look at everything anew. */
function useStillness(isAway: boolean) {
  useEffect(() => {
    if (!isAway) return;
    const stop = (event: Event) => event.stopPropagation();
    focusManager.setFocused(false);
    document.body.addEventListener('keydown', stop);
    return () => {
      focusManager.setFocused(undefined);
      document.body.removeEventListener('keydown', stop);
    };
  }, [isAway]);
}
