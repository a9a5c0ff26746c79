import { Elysia } from 'elysia';
import { type ActivityDeps, activityRoutes } from '../activity/routes.ts';
import type { AdminKey } from '../auth/admin-key.ts';
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
import { type TransferDeps, transferRoutes } from '../transfer/routes.ts';
import { attributeRoutes } from '../users/attribute-routes.ts';
import { userRoutes } from '../users/routes.ts';
import type { UserDeps } from '../users/service.ts';
import { adminRoutes } from './admin-routes.ts';
import { docsRoutes } from './docs.ts';
import { mapError } from './error-map.ts';
import { createRequestTrail } from './request-trail.ts';
import { asksForApi, requireApiKey, SECURITY_HEADERS } from './security.ts';

export interface AppDeps {
  adminKey: AdminKey;
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
  return new Elysia({ name: 'app' })
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
      if (asksForApi(request)) requireApiKey(request, deps.adminKey);
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
    .use(healthRoutes(deps.health))
    .use(inboundRoutes(deps.inbound))
    .group('/api/v1', (v1) =>
      v1
        .onTransform(({ request }) => requireApiKey(request, deps.adminKey))
        .use(transferRoutes(deps.transfer))
        .use(userRoutes(deps.users))
        .use(attributeRoutes(deps.users))
        .use(trendRoutes(deps.segments))
        .use(segmentRoutes(deps.segments))
        .use(memberRoutes(deps.segments))
        .use(builderRoutes(deps.segments))
        .use(activityRoutes(deps.activity))
        .use(settingsRoutes(deps.settings))
        .use(outlookRoutes({ store: deps.settings.store, settings: deps.settings.settings.current }))
        .use(checkRoutes(deps.checks)),
    );

export type App = ReturnType<typeof createApp>;
