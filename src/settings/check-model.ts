import type { Static } from '@sinclair/typebox';
import { t } from 'elysia';
import { oneOf } from '../http/api.ts';
import { DIAGNOSIS_RESULTS } from '../inbound/diagnose.ts';
import { HOPS } from '../inbound/self-test-report.ts';
import { SharedSecretView } from './model.ts';

/** Longest body to diagnose, characters: every form it may have had is hashed, and everything else waits for that. */
const MAX_BODY = 512 * 1024;

export const DiagnoseRequest = t.Object(
  {
    body: t.Optional(t.String({ maxLength: MAX_BODY, description: 'The body, exactly as it came' })),
    signature: t.Optional(
      t.Nullable(t.String({ maxLength: 1024, description: 'X-Signature, exactly as it came' })),
    ),
    deliveryId: t.Optional(
      t.Integer({ minimum: 1, description: 'A rejected delivery of /activity/inbound, in place of both' }),
    ),
  },
  {
    examples: [
      {
        body: '{"type":"identify","traits":{"email":"user@example.com"}}',
        signature: 'd1f2f7a8e1f1c7b0a9c9d0a6d1e2f3a4b5c6d7e8',
      },
    ],
  },
);
export type DiagnoseRequest = Static<typeof DiagnoseRequest>;

const result = oneOf(DIAGNOSIS_RESULTS, {
  description: 'Machine-readable; docs/troubleshooting.md has an entry for each',
});
export const DiagnosisAnswer = t.Object(
  {
    data: t.Object({
      result,
      also: t.Array(result, { description: 'What else there is to say' }),
      accepted: t.Boolean({ description: 'Whether the webhook takes this signature now' }),
      message: t.String({ description: 'In words, with the remedy' }),
      secret: t.Nullable(SharedSecretView),
    }),
  },
  {
    description: 'What the signature is',
    examples: [
      {
        data: {
          result: 'characters_escaped',
          also: [],
          accepted: false,
          message:
            'The signature is right for this JSON with its characters escaped in another way, such as "\\u00e9" for "é" …',
          secret: {
            id: '4f4f3c1e-93a5-4a53-9d5b-6f0b3a0d9f7e',
            hint: '…3f9c',
            createdAt: '2026-03-01T12:00:00.000Z',
            expiresAt: null,
          },
        },
      },
    ],
  },
);

export const TestInboundRequest = t.Optional(
  t.Object(
    {
      email: t.Optional(
        t.String({
          maxLength: 320,
          description: 'Says, too, what an identify for this address would come to',
        }),
      ),
    },
    { examples: [{ email: 'user@example.com' }] },
  ),
);

const messageId = t.String({ examples: ['qbs-self-test-8d3c1d0e-3f43-4a0c-8df2-2a2a4f0e9a11'] });
const latencyMs = t.Number({ description: 'Milliseconds from the beginning to the answer' });

export const TestInboundAnswer = t.Object(
  {
    data: t.Object({
      ok: t.Boolean({ description: 'Whether no hop ended in an error' }),
      url: t.String({ examples: ['https://segment.example.com/api/integrations/segment/webhook'] }),
      via: oneOf(['public_url', 'loopback'], {
        description: 'loopback where PUBLIC_URL is not set: proves nothing about the way from outside',
      }),
      messageId,
      latencyMs,
      hops: t.Array(
        t.Object({
          hop: oneOf(HOPS),
          state: oneOf(['ok', 'warning', 'error', 'skipped']),
          message: t.String({ examples: ['It arrived as it was sent, byte for byte.'] }),
        }),
        { description: 'In the order of the way from Segment to the users' },
      ),
    }),
  },
  { description: 'How every hop went' },
);

export const TestOutboundRequest = t.Object(
  {
    userId: t.String({
      minLength: 1,
      maxLength: 320,
      description: 'Whom to identify: an email or Segment userId, as outbound.userId says',
    }),
  },
  { examples: [{ userId: 'user@example.com' }] },
);

export const TestOutboundAnswer = t.Object(
  {
    data: t.Object({
      handedOver: t.Boolean({
        description: 'Whether Segment took the call, which does not say that it accepts the event',
      }),
      status: t.Nullable(
        t.Integer({ description: 'HTTP status; null where no answer came', examples: [200] }),
      ),
      latencyMs,
      region: oneOf(['us', 'eu']),
      host: t.String({ examples: ['api.segment.io'] }),
      messageId,
      message: t.String({ description: 'What it means, what to do and where to look' }),
    }),
  },
  { description: "Segment's answer" },
);
