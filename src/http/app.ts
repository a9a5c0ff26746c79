import { Elysia } from 'elysia';
import { type ActivityDeps, activityRoutes } from '../activity/routes.ts';
import type { Audited } from '../auth/audited.ts';
import { signInRoutes } from '../auth/sign-in-routes.ts';
import { DomainError } from '../errors.ts';
import { type InboundRouteDeps, inboundRoutes } from '../inbound/routes.ts';
import { builderRoutes } from '../segments/builder-routes.ts';
import { memberRoutes } from '../segments/member-routes.ts';
import { segmentRoutes } from '../segments/routes.ts';
import type { SegmentDeps } from '../segments/service.ts';
import { trendRoutes } from '../segments/trend-routes.ts';
import { type CheckDeps, checkRoutes } from '../settings/check-routes.ts';
import { outlookRoutes } from '../settings/outlook-routes.ts';
import { type SettingsDeps, settingsRoutes } from '../settings/routes.ts';
import { type HealthDeps, healthRoutes } from '../telemetry/health.ts';
import { type MetricsRouteDeps, metricsRoutes } from '../telemetry/metrics-routes.ts';
import type { RequestLog } from '../telemetry/request-log.ts';
import { type RecordPartial, type TransferDeps, transferRoutes } from '../transfer/routes.ts';
import { attributeRoutes } from '../users/attribute-routes.ts';
import { userRoutes } from '../users/routes.ts';
import type { UserDeps } from '../users/service.ts';
import { type AccountDeps, accountRoutes } from './account-routes.ts';
import { adminRoutes } from './admin-routes.ts';
import { admission, recordVisit, unknownRoutes } from './admission.ts';
import { docsRoutes } from './docs.ts';
import { mapError } from './error-map.ts';
import { hotRoute } from './hot-route.ts';
import { createRequestTrail } from './request-trail.ts';
import { SECURITY_HEADERS } from './security.ts';

export interface AppDeps {
  accounts: AccountDeps;
  /** What the audit log says of which route. */
  audited: Readonly<Record<string, Audited>>;
  requestLog: RequestLog;
  inbound: InboundRouteDeps;
  users: UserDeps;
  segments: SegmentDeps;
  transfer: TransferDeps;
  activity: ActivityDeps;
  settings: SettingsDeps;
  checks: CheckDeps;
  health: HealthDeps;
  /** Null where they are served on a port of their own. */
  metrics: MetricsRouteDeps | null;
}

export const createApp = (deps: AppDeps) => {
  const routes = listRoutes(deps);
  const trail = createRequestTrail(deps.requestLog);
  // With lines about what went well, the webhook takes the way that writes them.
  const hot = deps.requestLog.detailed ? {} : { serve: { routes: hotRoute(deps.inbound, trail) } };
  return new Elysia({ name: 'app', ...hot })
    .error({ DomainError })
    .onError(({ code, error, request, set, route }) => {
      const { status, headers, body, cause } = mapError(code, error, request.url);
      set.status = status;
      if (headers !== undefined) Object.assign(set.headers, headers);
      trail.failed(request, set.headers, route, status, body.error.code, cause);
      return body;
    })
    .headers(SECURITY_HEADERS)
    .onRequest(({ request, set }) => {
      trail.begin(request, set.headers);
    })
    .use(trail.served)
    .use(docsRoutes(routes))
    .use(adminRoutes())
    .use(deps.metrics === null ? new Elysia() : metricsRoutes(deps.metrics))
    .use(routes);
};

/** The one list of routes. */
const listRoutes = (deps: AppDeps) =>
  new Elysia({ name: 'routes' })
    // What a route says that leaves its body alone; with a second parser before it the framework looks for one of this name.
    .parser('none', () => null)
    .use(healthRoutes(deps.health))
    .use(inboundRoutes(deps.inbound))
    .use(signInRoutes(deps.accounts))
    .group('/api/v1', (v1) =>
      v1
        .use(admission(deps.accounts.gate, deps.accounts.audit, deps.audited))
        .use(accountRoutes(deps.accounts))
        .use(transferRoutes(deps.transfer, recordPartial(deps.accounts)))
        .use(userRoutes(deps.users))
        .use(attributeRoutes(deps.users))
        .use(trendRoutes(deps.segments))
        .use(segmentRoutes(deps.segments))
        .use(memberRoutes(deps.segments))
        .use(builderRoutes(deps.segments))
        .use(activityRoutes(deps.activity))
        .use(settingsRoutes(deps.settings))
        .use(outlookRoutes({ store: deps.settings.store, settings: deps.settings.settings.current }))
        .use(checkRoutes(deps.checks))
        .use(unknownRoutes()),
    );

/** An import that broke off has failed, and yet users were changed by it. */
const recordPartial =
  ({ gate, audit }: AppDeps['accounts']): RecordPartial =>
  (request, counts) => {
    const changes = Object.entries(counts).map(([field, after]) => ({ field, after }));
    return recordVisit(gate, audit, request, { action: 'users.imported', target: 'in part', changes });
  };

export type App = ReturnType<typeof createApp>;
