import { t } from 'elysia';
import { describeErrors, oneOf, time } from '../http/api.ts';

const counts = {
  created: t.Integer(),
  updated: t.Integer(),
  unchanged: t.Integer({ description: 'Rows that say what is known already' }),
  rejected: t.Integer(),
};

export const ImportAnswer = t.Object(
  {
    data: t.Object({
      id: t.String({ description: 'Of the import, for the list of all rejected rows' }),
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
        name: t.Nullable(t.String({ description: 'What the file is called' })),
        status: t.UnionEnum(['running', 'done', 'failed']),
        problem: t.Nullable(t.String({ description: 'Why it failed, and what to do' })),
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

export const ImportQuery = t.Object({
  name: t.Optional(
    t.String({ maxLength: 255, description: 'What the file is called, for the list of imports' }),
  ),
  delimiter: t.Optional(
    oneOf(['comma', 'semicolon', 'tab'], {
      default: 'comma',
      description: 'What separates the columns of CSV',
    }),
  ),
});
export const ImportParams = t.Object({
  id: t.String({ description: 'The id of an import', examples: ['import_1'] }),
});

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

export const RejectedAnswer = {
  ...describeErrors(401, 404),
  200: {
    description: 'The rejected rows',
    content: { 'text/csv': file('line,reason,row\r\n7,there is no email,",Ada"\r\n') },
  },
};
