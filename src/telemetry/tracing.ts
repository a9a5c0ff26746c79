import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Answer } from '../inbound/service.ts';
import type { SegmentClient } from '../outbound/segment-client.ts';
import type { Clock } from '../scheduler/clock.ts';
import type { Change, Outcome, Writer } from '../users/change.ts';

/** Spans for what the service does, put around its parts; where nobody asked for traces there is no such thing. */
export interface Tracing {
  delivery(request: Request, requestId: string | undefined, take: () => Promise<Answer>): Promise<Answer>;
  /** The same writer, which remembers for whom it was given what. */
  writer(writer: Writer): Writer;
  commit(commit: Commit): Commit;
  client(client: SegmentClient): SegmentClient;
  /** Sends what has gathered, if that can be done soon. */
  stop(): Promise<void>;
}
export type Commit = (changes: readonly Change[]) => Promise<Outcome[]>;

/** Tracing as configured; null, with nothing of it loaded, where no endpoint is set. */
export async function startTracing(
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }: Config,
  log: Logger,
  clock: Clock,
): Promise<Tracing | null> {
  if (endpoint === undefined) return null;
  const { createOtlpTracing } = await import('./otlp.ts');
  return createOtlpTracing(endpoint, log, clock);
}
