import { Elysia, t } from 'elysia';
import type { Store } from '../store/store.ts';

export interface HealthDeps {
  store: Store;
  /** False once the service has begun to stop. */
  ready(): boolean;
}

const Health = t.Object(
  { status: t.Literal('ok') },
  { description: 'All is well', examples: [{ status: 'ok' }] },
);
const Unready = t.Object(
  { status: t.Literal('unavailable'), reason: t.String() },
  { description: 'Not now', examples: [{ status: 'unavailable', reason: 'stopping' }] },
);

const Arrived = t.Object(
  {
    signature: t.Nullable(t.String({ description: 'X-Signature' })),
    forwardedFor: t.Nullable(t.String({ description: 'X-Forwarded-For' })),
    forwardedProto: t.Nullable(t.String({ description: 'X-Forwarded-Proto' })),
  },
  {
    description: 'The headers as they arrived; null for those that did not',
    examples: [{ signature: '1d00…', forwardedFor: '192.0.2.7', forwardedProto: 'https' }],
  },
);
/** Longest header shown, characters. */
const MAX_SHOWN = 200;

export const healthRoutes = ({ store, ready }: HealthDeps) =>
  new Elysia({ name: 'health', tags: ['Health'] })
    .get('/healthz', () => ({ status: 'ok' as const }), {
      response: { 200: Health },
      detail: {
        summary: 'Is the process alive?',
        description: 'Answers while the process runs.',
        security: [],
      },
    })
    .get(
      '/healthz/request',
      ({ request: { headers } }) => {
        const show = (name: string) => headers.get(name)?.slice(0, MAX_SHOWN) ?? null;
        return {
          signature: show('x-signature'),
          forwardedFor: show('x-forwarded-for'),
          forwardedProto: show('x-forwarded-proto'),
        };
      },
      {
        response: { 200: Arrived },
        detail: {
          summary: 'How does a request arrive?',
          description:
            'Shows the caller what a proxy in front has left of, and added to, the headers that matter; the doctor command asks it by PUBLIC_URL.',
          security: [],
        },
      },
    )
    .get(
      '/readyz',
      async ({ status }) => {
        if (!ready()) return status(503, { status: 'unavailable', reason: 'stopping' });
        try {
          await store.ping();
        } catch {
          return status(503, { status: 'unavailable', reason: 'the database can not be read' });
        }
        return { status: 'ok' as const };
      },
      {
        response: { 200: Health, 503: Unready },
        detail: {
          summary: 'Can it take requests?',
          description: 'Answers 503 when the database can not be read or the service is stopping.',
          security: [],
        },
      },
    );
