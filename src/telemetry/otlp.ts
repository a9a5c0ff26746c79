import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { Clock } from '../scheduler/clock.ts';
import { WEBHOOK_PATH } from '../settings/service.ts';
import type { Change } from '../users/change.ts';
import { VERSION } from '../version.ts';
import { createLimiter } from './limiter.ts';
import type { Tracing } from './tracing.ts';

const NAME = 'quackback-segment';
/** Spans kept while they wait to be sent; more than that in 5 s are dropped. */
const MAX_QUEUED = 8192;
/** What is left at the end has this long to be sent, milliseconds: a stop must not wait for a collector. */
const STOP_MS = 2000;

/**
 * Spans sent as OTLP over HTTP. `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_EXPORTER_OTLP_HEADERS` are
 * read by the library. No span carries an email, a trait or a secret.
 */
export function createOtlpTracing(endpoint: string, log: Logger, clock: Clock): Tracing {
  const limiter = createLimiter(clock);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': NAME, 'service.version': VERSION }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: outspoken(exporter, lost), maxQueueSize: MAX_QUEUED }),
    ],
  });
  function lost(error: Error | undefined) {
    const status = (error as { code?: unknown } | undefined)?.code;
    limiter.limited('lost', (batches) =>
      log.warn({ batches, status, err: error }, 'Traces could not be sent and are lost'),
    );
  }
  const tracer = provider.getTracer(NAME, VERSION);
  const deliveries = new AsyncLocalStorage<Span>();
  const origins = new WeakMap<Change, Span>();

  async function within<T>(
    span: Span,
    work: () => Promise<T>,
    describe: (result: T) => Attributes,
  ): Promise<T> {
    try {
      const result = await work();
      span.setAttributes(describe(result));
      return result;
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    delivery(request, requestId, take) {
      const attributes = {
        'http.request.method': request.method,
        'http.route': WEBHOOK_PATH,
        'quackback.request_id': requestId,
      };
      const span = tracer.startSpan(
        `${request.method} ${WEBHOOK_PATH}`,
        { kind: SpanKind.SERVER, attributes },
        callerOf(request),
      );
      const work = () => deliveries.run(span, take);
      return within(span, work, ({ status, body, about }) => {
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        return {
          'http.response.status_code': status,
          'quackback.reason': body.reason,
          'quackback.events': about?.events ?? 1,
        };
      });
    },

    writer: (writer) => ({
      submit(changes) {
        const span = deliveries.getStore();
        if (span !== undefined) for (const change of changes) origins.set(change, span);
        return writer.submit(changes);
      },
    }),

    commit: (commit) => (changes) => {
      const [first, ...others] = new Set(changes.map((change) => origins.get(change)).filter(isThere));
      // A commit belongs to all deliveries that share it, and a span can have one parent.
      const span = tracer.startSpan(
        'group commit',
        {
          attributes: { 'quackback.changes': changes.length },
          links: others.map((other) => ({ context: other.spanContext() })),
        },
        first === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, first),
      );
      const work = () => commit(changes);
      return within(span, work, (outcomes) => ({
        'quackback.memberships_changed': outcomes.reduce((sum, { flips }) => sum + flips, 0),
      }));
    },

    client: (client) => ({
      ...client,
      send(messages, destination, signal) {
        const path = messages.length === 1 ? '/identify' : '/batch';
        const attributes = { 'http.request.method': 'POST', 'quackback.events': messages.length };
        const span = tracer.startSpan(`POST ${path}`, { kind: SpanKind.CLIENT, attributes }, ROOT_CONTEXT);
        const work = () => client.send(messages, destination, signal);
        return within(span, work, ({ status, verdict }) => {
          if (verdict !== 'taken') span.setStatus({ code: SpanStatusCode.ERROR });
          return {
            'quackback.verdict': verdict,
            ...(status === null ? {} : { 'http.response.status_code': status }),
          };
        });
      },
    }),

    async stop() {
      const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), STOP_MS));
      const sent = provider.shutdown().catch(() => {});
      if ((await Promise.race([sent, late])) === 'late')
        log.warn('The last traces could not be sent in time');
      limiter.stop();
    },
  };
}

/** The span of whoever called, where a proxy in front sends its own (W3C Trace Context). */
function callerOf(request: Request): Context {
  const header = request.headers.get('traceparent') ?? '';
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** The library says nothing of spans that could not be sent, unless to a logger of its own kind. */
const outspoken = (exporter: SpanExporter, lost: (error: Error | undefined) => void): SpanExporter => ({
  export(spans, done) {
    exporter.export(spans, (result) => {
      if (result.code !== 0) lost(result.error);
      done(result);
    });
  },
  forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  shutdown: () => exporter.shutdown(),
});

const isThere = <T>(value: T | undefined): value is T => value !== undefined;
