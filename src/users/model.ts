import { t } from 'elysia';
import { AttributesSchema, cursorParameter, limitParameter, oneOf, Pagination, time } from '../http/api.ts';

export const User = t.Object(
  {
    id: t.String({ examples: ['user_1'] }),
    email: t.String({ description: 'Unique, lower case', examples: ['user@example.com'] }),
    name: t.Nullable(t.String({ examples: ['Ada'] })),
    externalId: t.Nullable(t.String({ description: "The user's id in your product: Segment's userId" })),
    attributes: AttributesSchema('Every attribute that is set, with its plain JSON value'),
    createdAt: time('When the user was created here'),
    updatedAt: time('When something about the user last changed'),
    lastSeenAt: t.Nullable(time('The latest time of an identify event')),
  },
  { description: 'A user' },
);

const patchable = {
  name: t.Optional(t.Nullable(t.String({ maxLength: 256, description: 'Display name; null removes it' }))),
  externalId: t.Optional(
    t.Nullable(
      t.String({ minLength: 1, maxLength: 255, description: "Segment's userId; null removes the link" }),
    ),
  ),
  attributes: t.Optional(AttributesSchema('Merged into what the user has; null unsets an attribute')),
};

export const IdentifyBody = t.Object(
  { email: t.String({ maxLength: 320, examples: ['user@example.com'] }), ...patchable },
  { examples: [{ email: 'user@example.com', name: 'Ada', attributes: { plan: 'enterprise' } }] },
);
export const PatchBody = t.Object(
  { email: t.Optional(t.String({ maxLength: 320 })), ...patchable },
  { examples: [{ name: 'Ada Lovelace', attributes: { plan: null } }] },
);

export const ListQuery = t.Object({
  search: t.Optional(
    t.String({ maxLength: 200, pattern: '^[^\\u0000]*$', description: 'Part of the email or name' }),
  ),
  segment: t.Optional(t.String({ maxLength: 255, description: 'Id or slug of a segment: only its members' })),
  rules: t.Optional(
    t.String({
      maxLength: 8000,
      description: 'Only users who match these rules: JSON as in the rules of a segment',
      examples: [
        '{"match":"all","conditions":[{"field":"attributes.plan","operator":"eq","value":"enterprise"}]}',
      ],
    }),
  ),
  sort: t.Optional(
    oneOf(['createdAt', '-createdAt', 'email', '-email', 'name', '-name'], {
      default: '-createdAt',
      description: 'A minus sorts downwards',
    }),
  ),
  limit: limitParameter,
  cursor: cursorParameter,
});

export const UserAnswer = t.Object({ data: User }, { description: 'The user' });
export const UserList = t.Object(
  {
    data: t.Array(User),
    meta: t.Object({
      pagination: Pagination,
      partial: t.Optional(
        t.Object(
          {
            looked: t.Integer({ description: 'Users looked at so far' }),
            users: t.Integer({ description: 'Users there are' }),
          },
          {
            description:
              'Only where not all users were looked at: `total` is then the least there are, and a page may be short',
          },
        ),
      ),
    }),
  },
  { description: 'A page of users' },
);
export const UserParams = t.Object({
  id: t.String({ description: 'The id of a user', examples: ['user_1'] }),
});

export const UserAttributesAnswer = t.Object(
  {
    data: t.Array(
      t.Object({
        key: t.String({ examples: ['plan'] }),
        value: t.Any({ description: 'The plain JSON value', examples: ['enterprise'] }),
        type: oneOf(['text', 'number', 'boolean', 'date', 'list', 'object']),
        setAt: time('When it was set: the timestamp of the event, or the time of the edit or import'),
        event: t.Nullable(
          t.Object({
            id: t.Integer({ description: 'Of the delivery, as in the list of deliveries' }),
            messageId: t.Nullable(t.String()),
          }),
          {
            description:
              'The delivery that brought it. Null where none of the last 1,000 did, or it came in a batch.',
          },
        ),
      }),
    ),
  },
  { description: 'The attributes of the user, by key' },
);

export const AttributesAnswer = t.Object(
  {
    data: t.Array(
      t.Object({
        path: t.String({
          description: 'As in the rule field `attributes.<path>`',
          examples: ['company.plan'],
        }),
        users: t.Integer({ description: 'Users who have it' }),
        types: t.Record(t.String(), t.Integer(), {
          description: 'Users by type: text, number, boolean, date, list, object',
        }),
        firstSeenAt: time('When it was first seen'),
        lastSeenAt: time('When a value last changed, to the minute'),
        values: t.Array(
          t.Object({ value: t.Union([t.String(), t.Number(), t.Boolean()]), users: t.Integer() }),
          { description: 'The 20 most common values' },
        ),
        valuesCapped: t.Boolean({
          description: 'There are more than 500 values, so the counts of rarer ones are not exact',
        }),
      }),
    ),
  },
  { description: 'Every attribute ever seen' },
);
