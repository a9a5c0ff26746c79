/** A stand-in for an OpenTelemetry collector: takes OTLP over HTTP as JSON, on loopback. */

export interface ReceivedSpan {
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  /** 2 for an error. */
  status: { code?: number };
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  /** Paths and bodies of all requests, as they came. */
  requests: { path: string; text: string }[];
  spans: ReceivedSpan[];
  /** Attributes of the service that sent them. */
  resource: Record<string, unknown>;
  answerWith(status: number): void;
  stop(): Promise<void>;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
type RawSpan = Omit<ReceivedSpan, 'attributes'> & { attributes: Attribute[] };
interface Body {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: RawSpan[] }[] }[];
}

export function startOtlpReceiver(): OtlpReceiver {
  let status = 200;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const text = await request.text();
      receiver.requests.push({ path: new URL(request.url).pathname, text });
      for (const { resource, scopeSpans } of (JSON.parse(text) as Body).resourceSpans) {
        Object.assign(receiver.resource, named(resource.attributes));
        for (const { spans } of scopeSpans)
          receiver.spans.push(...spans.map((span) => ({ ...span, attributes: named(span.attributes) })));
      }
      return Response.json({}, { status });
    },
  });
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${server.port}`,
    requests: [],
    spans: [],
    resource: {},
    answerWith(next) {
      status = next;
    },
    stop: () => server.stop(true),
  };
  return receiver;
}

const named = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
