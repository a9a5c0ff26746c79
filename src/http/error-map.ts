import type { Logger } from 'pino';
import { DomainError } from '../errors.ts';
import { BadCursor } from '../store/store.ts';

interface ErrorAnswer {
  status: number;
  headers?: Record<string, string>;
  body: { error: { code: string; message: string; details?: unknown } };
}

/** The one place where an error becomes an answer. Causes are logged, never shown. */
export function mapError(code: string | number, error: unknown, log: Logger): ErrorAnswer {
  const cause = code === 'PARSE' && error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof DomainError) {
    return answer(cause.status, cause.slug, cause.message, cause.details);
  }
  if (cause instanceof BadCursor)
    return answer(400, 'bad_cursor', `${cause.message}; start again without one`);
  if (isBusy(cause)) {
    return {
      ...answer(503, 'busy', 'The database is busy or full; try again in a moment'),
      headers: { 'retry-after': '5' },
    };
  }
  switch (code) {
    case 'NOT_FOUND':
      return answer(404, 'not_found', 'There is nothing at this address; /swagger lists all routes');
    case 'VALIDATION': {
      const problems = validationProblems(error);
      if (problems === null) break;
      return answer(422, 'invalid', 'The request has values that are not acceptable; see details', problems);
    }
    case 'PARSE':
      return answer(400, 'invalid_json', 'The body is not complete JSON');
  }
  log.error({ err: cause }, 'A request failed unexpectedly');
  return answer(500, 'internal', 'Something went wrong on our side; the log says what');
}

function answer(status: number, code: string, message: string, details?: unknown): ErrorAnswer {
  return { status, body: { error: details === undefined ? { code, message } : { code, message, details } } };
}

/** Path and message of each problem of a request; null where it was our own answer that did not fit. Never the values. */
function validationProblems(error: unknown): { path: string; message: string }[] | null {
  const { type, all } = error as {
    type?: string;
    all?: { path?: string; message?: string; summary?: string }[];
  };
  if (type === 'response') return null;
  return (all ?? []).slice(0, 20).map(({ path = '', message, summary }) => ({
    path: [type ?? 'request', ...path.split('/').filter((part) => part !== '')].join('.'),
    message: message ?? summary ?? 'is not acceptable',
  }));
}

function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(code);
}
