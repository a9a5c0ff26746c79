import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createRecorder } from '../activity/recorder.ts';
import { auditedRoutes } from '../auth/audited.ts';
import { acceptUrl } from '../auth/invitations.ts';
import type { Config } from '../config.ts';
import { createApp } from '../http/app.ts';
import { listen } from '../http/listen.ts';
import { createBatcher } from '../inbound/batcher.ts';
import { createSelfTest } from '../inbound/self-test.ts';
import { statusByReason } from '../inbound/service.ts';
import { createReconciler } from '../outbound/reconciler.ts';
import { createSegmentClient } from '../outbound/segment-client.ts';
import { type Clock, systemClock } from '../scheduler/clock.ts';
import { createLoop } from '../scheduler/loop.ts';
import {
  catchUp,
  createClockWatch,
  evaluateDue,
  forgetBodies,
  pruneHistory,
  tidyAccounts,
  workOnJobs,
  writeActivity,
  writeAudit,
  writeKeptAudit,
  writeKeyUses,
  writeSizes,
} from '../scheduler/tasks.ts';
import { throttled } from '../scheduler/throttle.ts';
import { loadSealer, openSealer, type Sealer } from '../settings/secrets.ts';
import { createSettingsService, type SettingsService, WEBHOOK_PATH } from '../settings/service.ts';
import { openServedStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { allFamilies } from '../telemetry/families.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { metricsRoutes } from '../telemetry/metrics-routes.ts';
import { createReadings } from '../telemetry/readings.ts';
import { createRequestLog } from '../telemetry/request-log.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { createImportJobs } from '../transfer/jobs.ts';
import type { Change, WriteContext } from '../users/change.ts';
import { VERSION } from '../version.ts';
import { createAccounts } from './accounts.ts';

/** The service, running. */
export interface Service {
  /** Where it listens, without a slash at the end. */
  url: string;
  /** Where /metrics is served. */
  metricsUrl: string;
  /** An API key made by this start, to be shown once; null when there is one already. */
  freshApiKey: string | null;
  /** Where the first admin makes their account, to be shown once; null when there is one already. */
  setUpUrl: string | null;
  store: Store;
  /** Stops accepting, finishes what is in hand, closes the database. */
  stop(): Promise<void>;
}

export const databasePath = (config: Config): string => join(config.DATA_DIR, 'quackback-segment.db');

/** Set by the first start on a database. */
const INSTANCE = 'instance_id';
/** A transaction this long keeps the event loop for some 15 ms. */
const MAX_COMMIT = 500;
/** Under load, commits come so often that looking for what they have brought would cost as much as a few events each time. */
const WAKE_EVERY_MS = 20;
/** At a few thousand changes a second this is two to three seconds of work, below the 5 s Segment waits. */
const MAX_QUEUED = 10_000;

export interface StartOptions {
  clock?: Clock;
  random?: () => number;
  /** Most changes in one transaction. */
  maxCommit?: number;
}

/** The only place that constructs things. `clock` and `random` are for tests, `maxCommit` for measurements. */
export async function startService(
  config: Config,
  log: Logger,
  options: StartOptions = {},
): Promise<Service> {
  const store = openServedStore(databasePath(config));
  try {
    return await serve(store, config, log, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function serve(
  store: Store,
  config: Config,
  log: Logger,
  { clock = systemClock, random = Math.random, maxCommit = MAX_COMMIT }: StartOptions,
): Promise<Service> {
  const now = () => clock.now();
  const sealer = await sealerOf(store, config);
  const settings = await createSettingsService(store, sealer, now);
  let url = '';
  const publicUrl = () => (config.PUBLIC_URL ?? url).replace(/\/+$/, '');
  const accounts = await createAccounts(config, store.accounts, sealer, log, now, publicUrl);
  const context = writeContext(config, settings, now);
  const metrics = createMetrics();
  const tracing = await startTracing(config, log, clock);
  const commit = (changes: readonly Change[]) => store.apply(changes, context());
  const batcher = createBatcher({
    commit: metrics.measured(tracing?.commit(commit) ?? commit),
    maxCommit,
    maxQueued: MAX_QUEUED,
  });
  const recorder = createRecorder(store, metrics);
  const segment = createSegmentClient(config.SEGMENT_API_URL, now);
  const client = tracing?.client(segment) ?? segment;
  const reconciler = createReconciler({
    store,
    client,
    settings: settings.current,
    sender: { instance: await instanceId(store), version: VERSION },
    now,
    random,
    log,
    recorder,
  });

  const tasks = { store, context };
  const loop = (name: string, runOnce: (signal: AbortSignal) => Promise<number | null>) =>
    createLoop({ name, runOnce, clock, log });
  // Commits bring work to these; the others come round by themselves.
  const woken = [
    loop('outbound', reconciler.runOnce),
    loop('jobs', () => workOnJobs(tasks)),
    loop('due users', () => evaluateDue(tasks)),
    loop('clock', createClockWatch(tasks)),
  ];
  const loops = [
    ...woken,
    loop('history', () => pruneHistory(tasks, config.HISTORY_DAYS)),
    loop('activity', () => writeActivity(recorder)),
    loop('catching up', () => catchUp(tasks)),
    loop('sizes', () => writeSizes(tasks)),
    loop('bodies', () => forgetBodies(tasks, config.REJECTED_BODY_HOURS)),
    loop('audit', () => writeAudit(accounts.deps.audit)),
    loop('kept audit', () => writeKeptAudit(accounts.deps.audit)),
    loop('keys', () => writeKeyUses(accounts.deps.keys)),
    loop('accounts', () => tidyAccounts(store.accounts, now(), config.AUDIT_DAYS)),
  ];
  const wakeAll = () => {
    for (const one of woken) one.wake();
  };
  store.onCommit(throttled(wakeAll, WAKE_EVERY_MS));
  settings.onChange(() => {
    reconciler.reset();
    wakeAll();
  });

  let stopping = false;
  const selfTest = createSelfTest({
    webhookUrl: () => `${publicUrl()}${WEBHOOK_PATH}`,
    viaPublicUrl: config.PUBLIC_URL !== undefined,
    settings: settings.current,
    findUser: store.findUser,
    version: VERSION,
    now,
  });
  const identifyAs = () => settings.current().outbound.userId;
  const requestLog = createRequestLog(log, clock);
  const readings = createReadings({
    store,
    queue: batcher,
    queueLimit: MAX_QUEUED,
    outbound: reconciler,
    now,
  });
  const metricsDeps = {
    token: config.METRICS_TOKEN,
    read: async () => allFamilies(metrics.counts, statusByReason(), await readings()),
  };
  const app = createApp({
    accounts: accounts.deps,
    audited: auditedRoutes({ store, settings }),
    requestLog,
    inbound: {
      settings: settings.current,
      writer: tracing?.writer(batcher) ?? batcher,
      now,
      requestLog,
      tracing,
      maxBodyBytes: config.MAX_BODY_BYTES,
      recorder,
      keepBodies: config.REJECTED_BODY_HOURS > 0,
      selfTest,
    },
    activity: { store, recorder, now },
    users: { store, writer: batcher, now },
    segments: { store, writer: batcher, now, identifyAs },
    transfer: {
      store,
      writer: batcher,
      now,
      identifyAs,
      imports: createImportJobs(now, join(config.DATA_DIR, 'imports')),
    },
    settings: { store, settings, reconciler, now, publicUrl },
    checks: {
      store,
      settings,
      now,
      selfTest,
      testCall: { client, settings: settings.current, version: VERSION, now },
    },
    health: { store, ready: () => !stopping },
    metrics: config.METRICS_PORT === undefined ? metricsDeps : null,
  });
  const metricsApp = config.METRICS_PORT === undefined ? null : metricsRoutes(metricsDeps);
  let metricsUrl: string;
  try {
    url = listen(app, config.HOST, config.PORT, 'PORT');
    metricsUrl =
      metricsApp === null ? url : listen(metricsApp, config.HOST, config.METRICS_PORT ?? 0, 'METRICS_PORT');
  } catch (error) {
    await app.server?.stop();
    throw error;
  }
  await accounts.freshKey?.keep();
  const setUpToken = await accounts.deps.invitations.setUp();
  for (const one of loops) one.start();

  return {
    url,
    metricsUrl: `${metricsUrl}/metrics`,
    freshApiKey: accounts.freshKey?.token ?? null,
    setUpUrl: setUpToken === null ? null : acceptUrl(publicUrl(), setUpToken),
    store,
    async stop() {
      stopping = true;
      // Requests in flight are answered, and their commits made, before the loops and the database go.
      await finishRequests(app.server, clock);
      await metricsApp?.server?.stop();
      await batcher.drain();
      await Promise.all(loops.map((one) => one.stop()));
      await flushAll([recorder.flush, accounts.deps.keys.flush, accounts.deps.audit.flush], log);
      requestLog.stop();
      await tracing?.stop();
      await store.close();
    },
  };
}

/** Writes down what is in memory alone; where a full disk forbids it, that is no reason to leave the database open. */
async function flushAll(flushes: (() => Promise<unknown>)[], log: Logger): Promise<void> {
  const ends = await Promise.allSettled(flushes.map((flush) => flush()));
  const [err] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  if (err === undefined) return;
  log.error({ err }, 'What happened last could not be written down; users, segments and settings are safe');
}

/** How long a request in flight may take to end, milliseconds: the rest of a stop needs some of the ten seconds, too. */
const GRACE_MS = 7000;

/** Takes no new requests and waits for those in flight; what stands still is cut off. */
async function finishRequests(server: Bun.Server<unknown> | null, clock: Clock): Promise<void> {
  const done = new AbortController();
  await Promise.race([server?.stop(), clock.sleep(GRACE_MS, done.signal)]);
  done.abort();
  await server?.stop(true);
}

/** What the write path decides by, besides the data; asked for anew with every commit. */
export const writeContext =
  (config: Config, settings: SettingsService, now: () => number) => (): WriteContext => ({
    now: now(),
    identifyAs: settings.current().outbound.userId,
    maxAttributes: config.MAX_USER_ATTRIBUTES,
    maxUserBytes: config.MAX_USER_BYTES,
  });

/** The key for secrets. A first start may make one; later, a missing one is to be found again. */
export async function sealerOf(store: Store, { SECRET_KEY, DATA_DIR }: Config): Promise<Sealer> {
  const used = (await store.readSetting(INSTANCE)) !== null;
  return (used ? openSealer : loadSealer)(SECRET_KEY, DATA_DIR);
}

/** A random id made with the database, so that the messages of two databases are never taken for one another's. */
async function instanceId(store: Store): Promise<string> {
  const known = await store.readSetting(INSTANCE);
  if (known !== null) return known;
  const id = randomUUID();
  await store.writeSetting(INSTANCE, id);
  return id;
}
