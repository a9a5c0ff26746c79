import { t } from 'elysia';
import { cursorParameter, limitParameter, oneOf, Pagination, time } from '../http/api.ts';
import { ONE_LINE } from '../text-forms.ts';
import { User } from '../users/model.ts';
import { OPERATORS, type Operator, type OperatorName } from './operators.ts';

const operatorTable = (Object.entries(OPERATORS) as [OperatorName, Operator][])
  .map(([name, { description }]) => `\`${name}\`: ${description}`)
  .join('\n');

/** Rules in a request or an answer; checked by `parseRules`, whose errors carry a path. */
export const RulesSchema = t.Any({
  description: `\`{"match": "all"|"any", "conditions": […]}\`; a condition is \`{"field", "operator", "value"}\` (and optionally \`"caseSensitive": true\`) or a nested group, at most 5 deep. Fields: \`email\`, \`name\`, \`externalId\`, \`createdAt\`, \`lastSeenAt\`, \`segment\` (a slug) and \`attributes.<path>\`. Operators:\n\n${operatorTable}`,
  examples: [
    { match: 'all', conditions: [{ field: 'attributes.plan', operator: 'eq', value: 'enterprise' }] },
  ],
});

const traitKey = t.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[A-Za-z0-9_]+$',
  description: 'The trait sent to Segment',
});
const Progress = t.Object({ done: t.Integer(), total: t.Integer() });

export const Segment = t.Object(
  {
    id: t.String({ examples: ['segment_1'] }),
    slug: t.String({ description: 'Stands for the id in every path', examples: ['enterprise'] }),
    name: t.String(),
    description: t.Nullable(t.String()),
    type: oneOf(['manual', 'dynamic']),
    rules: t.Nullable(RulesSchema),
    traitKey,
    sync: t.Boolean({ description: 'Whether Segment is told about this segment' }),
    memberCount: t.Integer(),
    evaluating: t.Nullable(Progress, {
      description: 'Users evaluated so far while new rules are applied; else null',
    }),
    resyncing: t.Nullable(Progress, { description: 'Users looked at so far by a resync; else null' }),
    retracting: t.Nullable(Progress, {
      description: 'Members done while an old trait key is retracted; else null',
    }),
    createdAt: time('When it was created'),
    updatedAt: time('When it was last changed'),
  },
  { description: 'A segment' },
);

const common = {
  description: t.Optional(t.Nullable(t.String({ maxLength: 1000 }))),
  rules: t.Optional(RulesSchema),
  traitKey: t.Optional(traitKey),
  sync: t.Optional(t.Boolean({ description: 'Whether Segment is told about this segment' })),
  allowTraitCollision: t.Optional(
    t.Boolean({ description: 'Accept a trait key that users already have as an attribute' }),
  ),
};
const name = t.String({ minLength: 1, maxLength: 120, pattern: ONE_LINE });

export const CreateBody = t.Object(
  { name, type: oneOf(['manual', 'dynamic']), ...common },
  {
    examples: [
      {
        name: 'Enterprise',
        type: 'dynamic',
        rules: {
          match: 'all',
          conditions: [{ field: 'attributes.plan', operator: 'eq', value: 'enterprise' }],
        },
      },
    ],
  },
);
export const PatchBody = t.Object(
  { name: t.Optional(name), ...common },
  { examples: [{ name: 'Enterprise EU' }] },
);

export const SegmentParams = t.Object({
  id: t.String({ description: 'Id or slug', examples: ['enterprise'] }),
});
export const SegmentAnswer = t.Object({ data: Segment }, { description: 'The segment' });
export const SegmentList = t.Object({ data: t.Array(Segment) }, { description: 'All segments' });

export const MembersBody = t.Object(
  {
    userIds: t.Optional(t.Array(t.String(), { maxItems: 1000 })),
    emails: t.Optional(t.Array(t.String(), { maxItems: 1000 })),
  },
  { description: 'Either userIds or emails, up to 1,000', examples: [{ emails: ['user@example.com'] }] },
);
const failed = t.Array(
  t.Object({
    user: t.String({ description: 'As given', examples: ['nobody@example.com'] }),
    reason: t.String({ description: 'no_match, invalid_id or invalid_email', examples: ['no_match'] }),
  }),
  {
    description: 'Entries that are no user',
  },
);
export const AddedAnswer = t.Object(
  { data: t.Object({ added: t.Integer(), failed }) },
  { description: 'What was done' },
);
export const RemovedAnswer = t.Object(
  { data: t.Object({ removed: t.Integer(), failed }) },
  { description: 'What was done' },
);
export const MemberQuery = t.Object({ limit: limitParameter, cursor: cursorParameter });
export const MemberSearch = t.Object({
  search: t.Optional(
    t.String({ maxLength: 200, pattern: '^[^\\u0000]*$', description: 'Part of the email or name' }),
  ),
  limit: limitParameter,
  cursor: cursorParameter,
});
export const MemberList = t.Object(
  { data: t.Array(User), meta: t.Object({ pagination: Pagination }) },
  { description: 'A page of members' },
);

export const PreviewBody = t.Object(
  {
    rules: RulesSchema,
    segment: t.Optional(
      t.String({ description: 'Id or slug of the segment the rules are meant for: answers `effect`' }),
    ),
  },
  {
    examples: [
      { rules: { match: 'all', conditions: [{ field: 'attributes.plan', operator: 'eq', value: 'pro' }] } },
    ],
  },
);
export const PreviewAnswer = t.Object(
  {
    data: t.Object({
      count: t.Integer({ description: 'Users that match, of those looked at' }),
      complete: t.Boolean({
        description: 'Whether every user was looked at within the second a preview may take',
      }),
      scanned: t.Integer({ description: 'Users looked at' }),
      total: t.Integer({ description: 'Users there are' }),
      sample: t.Array(User, { maxItems: 10 }),
      effect: t.Nullable(t.Object({ join: t.Integer(), leave: t.Integer() }), {
        description: 'Of those looked at, who would join and leave `segment`; null without one',
      }),
      durationMs: t.Number({ description: 'How long it took, milliseconds' }),
    }),
  },
  { description: 'Who matches right now' },
);

export const QueuedAnswer = t.Object(
  { data: t.Object({ queued: t.Integer({ description: 'Segments', examples: [1] }) }) },
  { description: 'What was queued' },
);

export const HistoryAnswer = t.Object(
  {
    data: t.Array(
      t.Object({
        userId: t.String({ examples: ['user_1'] }),
        email: t.Nullable(t.String({ description: 'Of the user; null once it was deleted' })),
        segmentId: t.String({ examples: ['segment_1'] }),
        change: oneOf(['joined', 'left']),
        at: time('When'),
        cause: oneOf(['event', 'api', 'import', 'edit', 'time'], {
          description:
            'event: a webhook; api: a call of this API; import: an import; edit: new rules of the segment; time: a time-relative rule',
        }),
      }),
    ),
    meta: t.Object({ pagination: t.Omit(Pagination, ['total']) }),
  },
  { description: 'A page of joins and leaves' },
);

export const UserSegmentsAnswer = t.Object(
  {
    data: t.Array(
      t.Object({
        id: t.String({ examples: ['segment_1'] }),
        slug: t.String({ examples: ['enterprise'] }),
        name: t.String(),
        type: oneOf(['manual', 'dynamic']),
        member: t.Boolean(),
        explanation: t.Nullable(
          t.Any({
            description:
              'The rules as a tree: for each condition `holds` and the value `seen`, for each group `holds`',
          }),
        ),
      }),
    ),
  },
  { description: 'Segments of the user' },
);
