import { t } from 'elysia';
import { oneOf } from '../http/api.ts';

export const OutlookQuery = t.Object({
  change: oneOf(['enable', 'resend', 'user_id'], {
    description:
      'enable: outbound sync is switched on; resend: everything is told again, as after a new write key or region; user_id: users are identified in the other way',
  }),
});

export const OutlookAnswer = t.Object(
  {
    data: t.Object({
      updates: t.Integer({ description: 'Traits to be told, retracted ones included', examples: [1234] }),
      retracted: t.Integer({
        description: 'Of those, traits set to false for ids that are given up or gone',
        examples: [0],
      }),
      calls: t.Integer({
        description: 'Identify calls that carry them: one for each user id',
        examples: [987],
      }),
      seconds: t.Nullable(
        t.Integer({
          description: 'How long that takes at eventsPerSecond; null without a limit',
          examples: [1],
        }),
      ),
      segments: t.Array(
        t.Object({
          id: t.String({ examples: ['segment_1'] }),
          slug: t.String({ examples: ['enterprise'] }),
          name: t.String(),
          updates: t.Integer({ description: 'Traits told about it, without those retracted' }),
        }),
        { description: 'Segments that are told about' },
      ),
      complete: t.Boolean({
        description: 'Whether all users were counted within two seconds; otherwise the numbers are estimates',
      }),
      changing: t.Boolean({
        description: 'Whether work over segments is under way that changes the numbers',
      }),
    }),
  },
  { description: 'What Segment would be told' },
);
