import { DomainError, RateLimited } from '../errors.ts';
import { Overloaded } from '../inbound/batcher.ts';
import { BadCursor } from '../store/store.ts';
import { describeAllowed, type ValueSchema } from './allowed.ts';

interface ErrorAnswer {
  status: number;
  headers?: Record<string, string>;
  body: { error: { code: string; message: string; details?: unknown } };
  /** For the log alone: the error nobody foresaw. */
  cause?: unknown;
}

/** The one place where an error becomes an answer. Causes are for the log, never shown. */
export function mapError(code: string | number, error: unknown, url: string): ErrorAnswer {
  const cause = code === 'PARSE' && error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof DomainError) {
    const { status, slug, message, details } = cause;
    return { ...answer(status, slug, message, details), ...headersFor(cause) };
  }
  if (cause instanceof BadCursor)
    return answer(400, 'bad_cursor', `${cause.message}; start again without one`);
  if (isBusy(cause)) {
    return {
      ...answer(503, 'busy', 'The database is busy or full; try again in a moment'),
      headers: { 'retry-after': '5' },
    };
  }
  if (cause instanceof Overloaded) {
    return {
      ...answer(503, 'overloaded', 'Too many changes are waiting to be stored; try again in a moment'),
      headers: { 'retry-after': '2' },
    };
  }
  if (isUnspeakable(cause)) {
    return answer(422, 'invalid', 'The request has a value of the wrong type');
  }
  switch (code) {
    case 'NOT_FOUND':
      return answer(
        404,
        'not_found',
        'Nothing answers this method at this address; /swagger lists all routes',
      );
    case 'VALIDATION': {
      const problems = validationProblems(error, url);
      if (problems === null) break;
      return answer(422, 'invalid', 'The request has values that are not acceptable; see details', problems);
    }
    case 'PARSE':
      return answer(400, 'invalid_json', 'The body is not complete JSON');
  }
  return { ...answer(500, 'internal', 'Something went wrong on our side; the log says what'), cause };
}

function headersFor(error: DomainError): Pick<ErrorAnswer, 'headers'> {
  if (error instanceof RateLimited) return { headers: { 'retry-after': String(error.retryAfter) } };
  return error.status === 401 ? { headers: { 'www-authenticate': 'Bearer' } } : {};
}

function answer(status: number, code: string, message: string, details?: unknown): ErrorAnswer {
  return { status, body: { error: details === undefined ? { code, message } : { code, message, details } } };
}

/** One value that does not fit its schema, as the framework reports it. */
interface Misfit {
  path?: string;
  schema?: ValueSchema;
  value?: unknown;
}

/** Path and message of each problem of a request; null where it was our own answer that did not fit. Never the values. */
function validationProblems(error: unknown, url: string): { path: string; message: string }[] | null {
  const { type, all = [] } = error as { type?: string; all?: Misfit[] };
  if (type === 'response') return null;
  const problems = new Map<string, string>();
  for (const { path = '', schema = {}, value } of all) {
    const where = type === 'property' ? pathOfNumber(value, url) : pathOf(type ?? 'request', path);
    if (problems.has(where)) continue;
    const allowed = describeAllowed(schema);
    problems.set(where, value === undefined ? `is missing; it must be ${allowed}` : `must be ${allowed}`);
  }
  return [...problems].slice(0, 20).map(([path, message]) => ({ path, message }));
}

/** A number of the query is checked again once it was read from text; the framework forgets which one it was. */
function pathOfNumber(value: unknown, url: string): string {
  const query = new URLSearchParams(url.split('?')[1]);
  const name = [...query.keys()].find((key) => Number(query.get(key)) === value);
  return name === undefined ? 'query' : `query.${name}`;
}

/** `/emails/0` of the body is `body.emails[0]`. */
const pathOf = (root: string, pointer: string): string =>
  root + pointer.replace(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.');

/** The framework fails to put a wrong value into words when the value has a member named toString. */
const isUnspeakable = (error: unknown): boolean =>
  error instanceof TypeError && /\bmapValueError\b/.test(error.stack ?? '');

function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(code);
}
