/** What a log line says of an error. */
export interface ErrorDescription {
  name: string;
  code?: string;
  message?: string;
  at?: string[];
  cause?: ErrorDescription;
}

/** Errors whose messages are made of our own words, of source text or of the names of tables. */
const TELLING = new Set(['SQLiteError', 'OperatorError', 'DomainError', 'TypeError', 'ReferenceError']);
const MAX_CAUSES = 4;
const MAX_FRAMES = 12;

/**
 * An error without anybody's data. Messages of parsers, of validation and of the query builder repeat the values they
 * fell over, so only messages known to hold none are kept; name, code and place are enough to find the rest.
 */
export function describeError(error: unknown, causes = MAX_CAUSES): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  const description: ErrorDescription = { name };
  if (typeof code === 'string') description.code = code;
  // Codes of the runtime (ERR_…) stand on messages that quote an argument; those of the system do not.
  const telling = typeof code === 'string' ? /^(E[A-Z0-9]+|SQLITE_.*)$/.test(code) : TELLING.has(name);
  if (telling) description.message = message;
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (frames.length > 0) description.at = frames.slice(0, MAX_FRAMES).map((frame) => frame.trim().slice(3));
  if (cause !== undefined && cause !== null && causes > 0)
    description.cause = describeError(cause, causes - 1);
  return description;
}
