import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Service, startService } from '../../src/cli/serve.ts';
import { readConfig } from '../../src/config.ts';
import type { Clock } from '../../src/scheduler/clock.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { type SegmentStub, startSegmentStub } from './segment-stub.ts';

export const API_KEY = 'qb_test-key-0123456789-0123456789-0123456789';
export const SECRET = 'a-shared-secret-for-tests';
export const WRITE_KEY = 'stub-write-key';
export const WEBHOOK = '/api/integrations/segment/webhook';
export const SETTINGS = '/api/v1/settings/integrations/segment';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on field by field
  body: any;
}
export interface TestService {
  url: string;
  dataDir: string;
  stub: SegmentStub;
  service: Service;
  /** Calls the API with the key; a body is sent as JSON. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a signed webhook; `options` replace parts of it. */
  webhook(event: unknown, options?: WebhookOptions): Promise<Answer>;
  /** Creates a dynamic segment on `attributes.plan` and waits for its evaluation. */
  planSegment(name: string, plan: string): Promise<Answer>;
  /** Resolves when no evaluation, resending or retraction is under way. */
  settled(): Promise<void>;
  /** Sets the shared secret and connects outbound to the stand-in. */
  connect(): Promise<void>;
  /** Stops the service and starts it again on the same data, with other variables where asked to. */
  restart(changed?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}
export interface WebhookOptions {
  method?: string;
  secret?: string;
  /** The exact X-Signature, or null for none. */
  signature?: string | null;
  headers?: Record<string, string>;
}

/** The real service on a free port and a real database file, with a stand-in for Segment beside it. */
export async function startTestService({
  env = {},
  clock,
  secret = true,
  log,
}: {
  env?: Record<string, string>;
  clock?: Clock;
  secret?: boolean;
  /** In place of standard error. */
  log?: Logger;
} = {}): Promise<TestService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'quackback-segment-'));
  const stub = startSegmentStub({ writeKey: WRITE_KEY });
  const variables = {
    PORT: '0',
    DATA_DIR: dataDir,
    ADMIN_API_KEY: API_KEY,
    // Tests are eager; those of the limits set their own.
    API_REQUESTS_PER_MINUTE: '0',
    SIGN_IN_ATTEMPTS_PER_MINUTE: '10000',
    SEGMENT_API_URL: stub.url,
    LOG_LEVEL: 'silent',
    ...env,
  };
  const start = (changed: Record<string, string> = {}) => {
    const config = readConfig({ ...variables, ...changed });
    return startService(
      config,
      log ?? createLog(config.LOG_LEVEL),
      clock === undefined ? { random: () => 0 } : { clock, random: () => 0 },
    );
  };
  let service = await start();

  const test: TestService = {
    get url() {
      return service.url;
    },
    get service() {
      return service;
    },
    dataDir,
    stub,
    async api(method, path, body, headers = {}) {
      const response = await fetch(`${service.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${API_KEY}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      });
      return read(response);
    },
    async webhook(event, { method = 'POST', secret: key = SECRET, signature, headers = {} } = {}) {
      const body = typeof event === 'string' ? event : JSON.stringify(event);
      const signed = signature === undefined ? sign(body, key) : signature;
      const response = await fetch(`${service.url}${WEBHOOK}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(signed === null ? {} : { 'x-signature': signed }),
          ...headers,
        },
        body,
      });
      return read(response);
    },
    async planSegment(name, plan) {
      const rules = { match: 'all', conditions: [{ field: 'attributes.plan', operator: 'eq', value: plan }] };
      const answer = await test.api('POST', '/api/v1/segments', { name, type: 'dynamic', rules });
      await test.settled();
      return answer;
    },
    async settled() {
      while ((await service.store.listJobs()).length > 0) await turnOfTheLoop();
    },
    async connect() {
      await test.api('PATCH', SETTINGS, { outbound: { enabled: true, writeKey: WRITE_KEY } });
    },
    async restart(changed) {
      await service.stop();
      service = await start(changed);
    },
    async stop() {
      await service.stop();
      await stub.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  if (secret) await test.api('PATCH', SETTINGS, { inbound: { sharedSecret: SECRET } });
  return test;
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** What Segment sends in X-Signature. */
export const sign = (body: string | Uint8Array, secret = SECRET): string =>
  createHmac('sha1', secret).update(body).digest('hex');

/** An identify event as Segment sends it; `rest` replaces or adds top-level members. */
export const identify = (
  email: string,
  traits: Record<string, unknown>,
  rest: Record<string, unknown> = {},
) => ({
  type: 'identify',
  messageId: `test-${crypto.randomUUID()}`,
  timestamp: new Date().toISOString(),
  context: { library: { name: 'analytics.js', version: 'next-1.84.3' } },
  traits: { email, ...traits },
  ...rest,
});

export const turnOfTheLoop = () => new Promise<void>((resolve) => setImmediate(resolve));
