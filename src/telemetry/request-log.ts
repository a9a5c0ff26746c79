import type { Logger } from 'pino';
import type { Clock } from '../scheduler/clock.ts';
import { createLimiter } from './limiter.ts';

/** A request as the log shows it: never the address as it came, which can hold anything. */
export interface LoggedRequest {
  requestId: string | undefined;
  method: string;
  /** The pattern of its route (`/api/v1/users/:id`), or null where there is none. */
  route: string | null;
  status: number;
  ms?: number;
}
/** A delivery to the webhook that was not taken. */
export interface LoggedRefusal {
  requestId: string | undefined;
  status: number;
  reason: string;
}

/** The lines about requests. */
export interface RequestLog {
  /** Whether lines about what went well are wanted. */
  readonly detailed: boolean;
  served(request: LoggedRequest): void;
  /** A request of the API that failed, with the machine-readable code of its answer. */
  failed(request: LoggedRequest, code: string): void;
  /** Something went wrong that nobody foresaw. */
  broke(request: LoggedRequest, error: unknown): void;
  /** A delivery that was refused or could not be stored; `message` says what to do. */
  refused(refusal: LoggedRefusal, message: string, error?: unknown): void;
  /** Says what is held back. */
  stop(): void;
}

/**
 * What anybody can cause without a key or a signature gets at most one line a second of its kind, with a count of all
 * it stands for.
 */
export function createRequestLog(log: Logger, clock: Clock): RequestLog {
  const { limited, stop } = createLimiter(clock);
  return {
    detailed: log.isLevelEnabled('debug'),
    served(request) {
      log.debug(request, 'Request answered');
    },
    failed(request, code) {
      if (request.status !== 401) return log.warn({ ...request, code }, 'Request failed');
      limited('api 401', (count) => log.warn({ ...request, code, count }, 'Request without a valid API key'));
    },
    broke(request, error) {
      limited(`broke ${request.route}`, (count) =>
        log.error({ ...request, count, err: error }, 'A request failed unexpectedly'),
      );
    },
    refused(refusal, message, error) {
      const { reason, status } = refusal;
      // Segment drops what is answered 401: whoever runs this has to know.
      const level = status === 401 || error !== undefined ? 'error' : 'warn';
      limited(reason, (count) =>
        log[level](
          { ...refusal, count, ...(error === undefined ? {} : { err: error }) },
          `Webhook refused: ${message}`,
        ),
      );
    },
    stop,
  };
}
