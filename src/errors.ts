/**
 * An error with an answer for the caller of the API. `slug` is the machine-readable code, `details` may carry a list
 * of problems with their paths. The message tells the reader what to do next and never holds a secret.
 */
export class DomainError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503,
    readonly slug: string,
    message: string,
    readonly details: unknown = undefined,
  ) {
    super(message);
    this.name = 'DomainError';
  }
}

/** Too many requests; there is room again in so many seconds. */
export class RateLimited extends DomainError {
  constructor(readonly retryAfter: number) {
    super(429, 'rate_limited', `Too many requests; try again in ${retryAfter} s`);
  }
}

/** An error for whoever runs the service, with what they can do about it. */
export class OperatorError extends Error {
  constructor(
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'OperatorError';
  }
}

export const notFound = (what: string) =>
  new DomainError(404, 'not_found', `There is no ${what} with this id; it may have been deleted`);
