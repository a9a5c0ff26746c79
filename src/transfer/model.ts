import { t } from 'elysia';
import { describeErrors, time } from '../http/api.ts';

const counts = {
  created: t.Integer(),
  updated: t.Integer(),
  unchanged: t.Integer({ description: 'Rows that say what is known already' }),
  rejected: t.Integer(),
};

export const ImportAnswer = t.Object(
  {
    data: t.Object({
      ...counts,
      errors: t.Array(
        t.Object({
          line: t.Integer({ examples: [7] }),
          reason: t.String({ examples: ['The email is missing'] }),
        }),
        {
          description: 'The first 100 rejected rows',
        },
      ),
    }),
  },
  { description: 'What the import came to' },
);

export const ImportsAnswer = t.Object(
  {
    data: t.Array(
      t.Object({
        id: t.String({ examples: ['import_1'] }),
        status: t.UnionEnum(['running', 'done', 'failed']),
        bytes: t.Integer({ description: 'Bytes read so far' }),
        totalBytes: t.Nullable(t.Integer()),
        ...counts,
        startedAt: time('When it began'),
        finishedAt: t.Nullable(time('When it ended')),
      }),
    ),
  },
  { description: 'The last 20 imports since the service started, the latest first' },
);

export const ExportQuery = t.Object({
  format: t.Optional(t.UnionEnum(['csv', 'ndjson'], { default: 'csv' })),
});

/** The body of an import in OpenAPI; it is streamed, so no schema checks it. */
export const ImportBody = {
  required: true,
  content: {
    'text/csv': {
      schema: { type: 'string' as const },
      example: 'email,name,plan,seats:number\nada@example.com,Ada,enterprise,42\n',
    },
    'application/x-ndjson': {
      schema: { type: 'string' as const },
      example: '{"email":"ada@example.com","name":"Ada","attributes":{"plan":"enterprise"}}\n',
    },
  },
};

const file = (example: string) => ({ schema: { type: 'string' as const }, example });
export const ExportAnswer = {
  ...describeErrors(401, 404, 422),
  200: {
    description: 'The file',
    content: {
      'text/csv': file('id,email,name,…\r\nuser_1,ada@example.com,Ada,…\r\n'),
      'application/x-ndjson': file('{"id":"user_1","email":"ada@example.com",…}\n'),
    },
  },
};
