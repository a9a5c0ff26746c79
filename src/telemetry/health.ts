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
