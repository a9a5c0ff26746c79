import type { Static } from '@sinclair/typebox';
import { Elysia } from 'elysia';
import { DomainError } from '../errors.ts';
import { api, errorResponses } from '../http/api.ts';
import type { Store } from '../store/store.ts';
import { type CallQuery as Calls, KEPT_ENTRIES } from './activity.ts';
import {
  ActivityQuery,
  CallAnswer,
  CallList,
  CallQuery,
  DeliveryAnswer,
  DeliveryList,
  EntryParams,
  Summary,
  SummaryQuery,
} from './model.ts';
import type { Recorder } from './recorder.ts';
import { viewCall, viewDelivery } from './view.ts';

export interface ActivityDeps {
  store: Store;
  recorder: Recorder;
  now(): number;
}

const STEPS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** What happened, in both directions. Every answer includes what happened just now. */
export function activityRoutes({ store, recorder, now }: ActivityDeps) {
  return new Elysia({ prefix: '/activity', tags: ['Activity'] })
    .use(api)
    .get(
      '/inbound',
      async ({ query }) => {
        await recorder.flush();
        return { data: (await store.listDeliveries(readQuery(query))).map(viewDelivery) };
      },
      {
        query: ActivityQuery,
        response: { 200: DeliveryList, ...errorResponses(401, 422) },
        detail: {
          summary: 'List deliveries from Segment',
          description: 'The last 1,000 deliveries: what came, what became of it and what to do.',
        },
      },
    )
    .get(
      '/inbound/:id',
      async ({ params }) => {
        await recorder.flush();
        return { data: viewDelivery((await store.getDelivery(idOf(params))) ?? gone()) };
      },
      {
        params: EntryParams,
        response: { 200: DeliveryAnswer, ...errorResponses(401, 404) },
        detail: { summary: 'Show a delivery', description: 'One of the last 1,000 deliveries.' },
      },
    )
    .get(
      '/outbound',
      async ({ query }) => {
        await recorder.flush();
        return { data: (await store.listCalls(readQuery(query))).map(viewCall) };
      },
      {
        query: CallQuery,
        response: { 200: CallList, ...errorResponses(401, 422) },
        detail: {
          summary: 'List calls of Segment',
          description: 'The last 1,000 calls and how Segment answered.',
        },
      },
    )
    .get(
      '/outbound/:id',
      async ({ params }) => {
        await recorder.flush();
        return { data: viewCall((await store.getCall(idOf(params))) ?? gone()) };
      },
      {
        params: EntryParams,
        response: { 200: CallAnswer, ...errorResponses(401, 404) },
        detail: { summary: 'Show a call', description: 'One of the last 1,000 calls.' },
      },
    )
    .get(
      '/summary',
      async ({ query: { hours = 24, step = 'hour' } }) => {
        await recorder.flush();
        const to = now();
        const counters = await store.activityCounters(to - hours * STEPS.hour, to, STEPS[step]);
        const totals = { inbound: {}, outbound: {} } as Counts;
        const steps = new Map<number, Counts>();
        for (const { minute, direction, outcome, count } of counters) {
          const at = steps.get(minute) ?? { inbound: {}, outbound: {} };
          steps.set(minute, at);
          for (const counts of [totals, at]) {
            const side = counts[direction === 'in' ? 'inbound' : 'outbound'];
            side[outcome] = (side[outcome] ?? 0) + count;
          }
        }
        const [[lastDelivery], [lastCall]] = await Promise.all([
          store.listDeliveries({ limit: 1 }),
          store.listCalls({ limit: 1 }),
        ]);
        return {
          data: {
            ...totals,
            steps: [...steps].map(([at, counts]) => ({ at: new Date(at).toISOString(), ...counts })),
            lastDelivery: lastDelivery === undefined ? null : viewDelivery(lastDelivery),
            lastCall: lastCall === undefined ? null : viewCall(lastCall),
          },
        };
      },
      {
        query: SummaryQuery,
        response: { 200: Summary, ...errorResponses(401, 422) },
        detail: {
          summary: 'Sum up what happened',
          description: 'Counts by reason and outcome, for up to 30 days.',
        },
      },
    );
}

interface Counts {
  inbound: Record<string, number>;
  outbound: Record<string, number>;
}

const idOf = ({ id }: { id: string }): number => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : gone());

function gone(): never {
  throw new DomainError(
    404,
    'not_found',
    `There is no such entry; the last ${KEPT_ENTRIES.toLocaleString('en')} of each direction are kept`,
  );
}

function readQuery({ limit = 50, from, to, ...rest }: Static<typeof CallQuery>): Calls {
  return {
    ...rest,
    limit,
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
  };
}
