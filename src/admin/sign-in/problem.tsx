import { Alert } from '@mantine/core';
import { ApiError } from '../api.ts';
import { formatDuration } from '../format.ts';
import { errorText } from '../parts/page.tsx';
import { rateLimited, SIGN_IN_ERRORS } from '../texts/sign-in.ts';

/** Why signing in, or proving who one is, did not work, in words of ours. */
export function SignInProblem({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      {signInErrorText(error)}
    </Alert>
  );
}

export function signInErrorText(error: unknown): string {
  if (!(error instanceof ApiError)) return errorText(error);
  if (error.code === 'rate_limited') {
    const seconds = Number(/(\d+) s$/.exec(error.message)?.[1] ?? 60);
    return rateLimited(formatDuration(seconds * 1000, 2));
  }
  return SIGN_IN_ERRORS[error.code] ?? error.message;
}
