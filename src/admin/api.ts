import { treaty } from '@elysiajs/eden';
import type { App } from '../http/app.ts';

const client = treaty<App>(location.origin, { parseDate: false });
/** The REST API, typed by the server's own routes. */
export const api = client.api.v1;

/** What the service, or the way to it, answered instead of a result. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
    /** Of a refused body: what is wrong, where. */
    readonly details: unknown = undefined,
  ) {
    super(message);
  }
}

/** The result of a call; an answer that is none is thrown as an ApiError. */
export async function result<R extends { data: unknown; error: unknown; status: number }>(
  call: Promise<R>,
): Promise<NonNullable<R['data']>> {
  const { data, error, status } = await call;
  if (error === null || error === undefined) return data as NonNullable<R['data']>;
  throw toError(status, (error as { value?: unknown }).value);
}

/** POSTs to one of the sign-in library's own endpoints, which are not part of the typed API. */
export async function authCall<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(`/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (response === null) throw toError(0, null);
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw toError(response.status, answer);
  return answer as T;
}

function toError(status: number, value: unknown): ApiError {
  const ours = (value as { error?: { code: string; message: string; details?: unknown } } | null)?.error;
  if (ours?.code !== undefined) return new ApiError(status, ours.code, ours.message, ours.details);
  const theirs = value as { code?: string; message?: string } | null;
  if (typeof theirs?.code === 'string') return new ApiError(status, theirs.code, theirs.message ?? '');
  return new ApiError(
    0,
    'unreachable',
    'The service did not answer. Check that it runs and that you are online, then try again.',
  );
}
