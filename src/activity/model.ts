import { t } from 'elysia';
import { limitParameter, time } from '../http/api.ts';

const entry = {
  id: t.Integer(),
  at: time('When it happened'),
  latencyMs: t.Number({ description: 'Milliseconds from the beginning to the answer' }),
  user: t.Nullable(t.String({ description: 'The email or userId of the event' })),
  messageId: t.Nullable(t.String()),
};

export const DeliveryView = t.Object({
  ...entry,
  reason: t.String({ description: 'Why it ended as it did; "batch" for a batch', examples: ['applied'] }),
  message: t.String({ description: 'The same in words, with what to do' }),
  events: t.Integer(),
  results: t.Nullable(t.Record(t.String(), t.Integer(), { description: 'Of a batch: events by reason' })),
  eventType: t.Nullable(t.String()),
  signature: t.Nullable(t.String({ description: 'X-Signature of a rejected delivery' })),
  body: t.Nullable(t.String({ description: 'Up to 16 KiB of a rejected delivery, while they are kept' })),
});

export const CallView = t.Object({
  ...entry,
  outcome: t.UnionEnum(['taken', 'split', 'parked', 'unauthorised', 'retry'], {
    description:
      'taken: handed over; split: a refused batch is sent again in halves; parked: the event was refused on its own; unauthorised: the write key was refused; retry: will be sent again',
  }),
  path: t.String({ examples: ['/identify'] }),
  events: t.Integer(),
  status: t.Nullable(t.Integer({ description: 'HTTP status; null where no answer came' })),
  error: t.Nullable(t.String()),
  traits: t.Nullable(t.Record(t.String(), t.Boolean(), { description: 'Of a call with one event' })),
  counts: t.Nullable(
    t.Record(t.String(), t.Object({ joined: t.Integer(), left: t.Integer() }), {
      description: 'Of a call with several: how many joined and left, by trait',
    }),
  ),
});

export const ActivityQuery = t.Object({
  limit: limitParameter,
  before: t.Optional(t.Integer({ minimum: 1, description: 'Only entries with a lower id: the next page' })),
  after: t.Optional(
    t.Integer({
      minimum: 0,
      description: 'Only entries with a higher id: what came since, the latest first',
    }),
  ),
  outcome: t.Optional(t.String({ maxLength: 64, description: 'A reason (inbound) or outcome (outbound)' })),
  user: t.Optional(t.String({ maxLength: 320, description: 'Part of the email or userId' })),
  from: t.Optional(t.String({ format: 'date-time' })),
  to: t.Optional(t.String({ format: 'date-time' })),
});

export const CallQuery = t.Composite([
  ActivityQuery,
  t.Object({
    trait: t.Optional(
      t.String({
        maxLength: 256,
        description: "Calls that told of this trait, such as a segment's traitKey",
      }),
    ),
  }),
]);
export const EntryParams = t.Object({
  id: t.String({ description: 'The id of an entry', examples: ['42'] }),
});

export const DeliveryAnswer = t.Object({ data: DeliveryView }, { description: 'The delivery' });
export const CallAnswer = t.Object({ data: CallView }, { description: 'The call' });
export const DeliveryList = t.Object({ data: t.Array(DeliveryView) }, { description: 'The latest first' });
export const CallList = t.Object({ data: t.Array(CallView) }, { description: 'The latest first' });

export const SummaryQuery = t.Object({
  hours: t.Optional(
    t.Integer({ minimum: 1, maximum: 720, default: 24, description: 'How far back, up to 30 days' }),
  ),
  step: t.Optional(t.UnionEnum(['minute', 'hour', 'day'], { default: 'hour' })),
});

const counts = t.Record(t.String(), t.Integer(), { description: 'Events by reason or outcome' });
export const Summary = t.Object(
  {
    data: t.Object({
      inbound: counts,
      outbound: counts,
      steps: t.Array(t.Object({ at: time('Beginning of the step'), inbound: counts, outbound: counts }), {
        description: 'The same by step; steps in which nothing happened are left out',
      }),
      lastDelivery: t.Nullable(DeliveryView),
      lastCall: t.Nullable(CallView),
    }),
  },
  { description: 'What came and what was told, counted' },
);
