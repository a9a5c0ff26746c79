import { type Static, Type } from '@sinclair/typebox';
import { t } from 'elysia';
import { oneOf, time } from '../http/api.ts';
import { UNPADDED, UNSPACED } from '../text-forms.ts';

export const SharedSecretView = t.Object({
  id: t.String(),
  hint: t.String({ description: 'The last four characters', examples: ['…3f9c'] }),
  createdAt: time('When it was set'),
  expiresAt: t.Nullable(time('When it stops being accepted; null for the current one')),
});

export const SegmentSettingsView = t.Object({
  webhookUrl: t.String({
    description: "The address to enter in Segment's Webhook destination",
    examples: ['https://segment.example.com/api/integrations/segment/webhook'],
  }),
  inbound: t.Object({
    enabled: t.Boolean({
      description: 'Whether webhooks are taken; otherwise they answer 503 and Segment retries',
    }),
    sharedSecrets: t.Array(SharedSecretView, { description: 'Accepted secrets, the current one first' }),
    acceptFirstEventSignature: t.Boolean({
      description:
        'Accept batches whose signature covers their first event only: the rest is unauthenticated then',
    }),
    createUsers: t.Boolean({ description: 'Create a user for an identify with an unknown email' }),
    deleteUsers: t.Boolean({ description: "Delete the linked user on Segment's privacy deletion" }),
  }),
  outbound: t.Object({
    enabled: t.Boolean({ description: 'Whether Segment is told about memberships' }),
    writeKey: t.Nullable(t.Object({ hint: t.String({ examples: ['…Qk3b'] }) })),
    region: oneOf(['us', 'eu'], { description: 'Region of the Segment workspace' }),
    userId: oneOf(['email', 'external_id'], {
      description:
        'Who a user is to Segment: the email, or the linked Segment userId (the email where there is none)',
    }),
    eventsPerSecond: t.Nullable(
      Type.Integer({ minimum: 1, maximum: 100_000, description: 'Most events a second; null for no limit' }),
    ),
    status: oneOf(['off', 'idle', 'syncing', 'backing_off', 'paused'], {
      description: 'paused: Segment refused the write key (401 or 403)',
    }),
    pending: t.Integer({ description: 'Traits Segment has not taken yet' }),
    parked: t.Integer({ description: 'Traits Segment refused for good; see retry-parked' }),
    lastSuccessAt: t.Nullable(time('When Segment last took a call, since the service started')),
    lastError: t.Nullable(
      t.Object({
        at: time('When'),
        message: t.String(),
        status: t.Nullable(t.Integer({ description: 'HTTP status' })),
      }),
    ),
  }),
});

export const SegmentSettingsPatch = t.Object(
  {
    inbound: t.Optional(
      t.Partial(
        t.Object({
          enabled: t.Boolean(),
          sharedSecret: t.String({
            minLength: 16,
            maxLength: 512,
            pattern: UNPADDED,
            description:
              'Replaces every shared secret at once; rotate-secret keeps the old one valid for 24 hours',
          }),
          acceptFirstEventSignature: t.Boolean(),
          createUsers: t.Boolean(),
          deleteUsers: t.Boolean(),
        }),
      ),
    ),
    outbound: t.Optional(
      t.Partial(
        t.Object({
          enabled: t.Boolean(),
          writeKey: t.Union(
            [
              t.String({ maxLength: 512, pattern: UNSPACED }),
              t.Object({ hint: t.String() }, { description: 'As it is shown: leaves the key as it is' }),
              t.Null(),
            ],
            { description: 'null removes it' },
          ),
          region: SegmentSettingsView.properties.outbound.properties.region,
          userId: SegmentSettingsView.properties.outbound.properties.userId,
          eventsPerSecond: SegmentSettingsView.properties.outbound.properties.eventsPerSecond,
        }),
      ),
    ),
  },
  {
    examples: [
      {
        inbound: { sharedSecret: 'at-least-16-random-characters' },
        outbound: { enabled: true, writeKey: 'the-write-key-of-a-source' },
      },
    ],
  },
);
export type SegmentSettingsPatch = Static<typeof SegmentSettingsPatch>;

export const SegmentSettingsAnswer = t.Object(
  { data: SegmentSettingsView },
  { description: 'The settings and the state of both directions' },
);
export const RotatedSecretAnswer = t.Object(
  {
    data: t.Object({
      sharedSecret: t.String({
        description: 'The new secret, shown this once',
        examples: ['q7OmjEyYH0_ZQfXj5-Sxr7I28VUY8qIMUNTGRTnQZmc'],
      }),
      sharedSecrets: t.Array(SharedSecretView),
    }),
  },
  { description: 'The new secret' },
);
export const RetriedAnswer = t.Object(
  { data: t.Object({ retried: t.Integer({ description: 'Traits pending again', examples: [3] }) }) },
  { description: 'How much is tried again' },
);
