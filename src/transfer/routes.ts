import { Elysia } from 'elysia';
import { DomainError, notFound } from '../errors.ts';
import { errorResponses, requireUncompressed, unsupported } from '../http/api.ts';
import { SegmentParams } from '../segments/model.ts';
import { getSegment, type SegmentDeps } from '../segments/service.ts';
import type { UserRecord } from '../users/user.ts';
import { OTHER_ATTRIBUTES } from './columns.ts';
import { everyMember, everyUser, exportUsers } from './export.ts';
import { importUsers } from './import.ts';
import type { ImportJobs } from './jobs.ts';
import {
  ExportAnswer,
  ExportQuery,
  ImportAnswer,
  ImportBody,
  ImportParams,
  ImportQuery,
  ImportsAnswer,
  RejectedAnswer,
} from './model.ts';
import type { Format } from './rows.ts';

export interface TransferDeps extends SegmentDeps {
  imports: ImportJobs;
}

/** Notes what an import has done that did not come to its end. */
export type RecordPartial = (request: Request, counts: { created: number; updated: number }) => Promise<void>;

const MAX_ERRORS = 100;
const FORMATS = new Map<string, Format>([
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'ndjson'],
]);
const MEDIA_TYPES: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

/** Files of users, in and out, streamed: any size, constant memory. */
export function transferRoutes(deps: TransferDeps, recordPartial: RecordPartial) {
  const { store, writer, imports } = deps;

  return new Elysia({ tags: ['Import and export'] })
    .post(
      '/users/import',
      async ({ request, server, query: { name = null, delimiter = 'comma' } }) => {
        const format = formatOf(request);
        // An import may take its time; every other request is cut off when it stands still.
        server?.timeout(request, 0);
        const length = request.headers.get('content-length');
        const job = imports.start(name, length === null ? null : Number(length));
        const errors: { line: number; reason: string }[] = [];
        try {
          const { bytes: _bytes, ...counts } = await importUsers(
            writer,
            request.body ?? emptyBody(),
            format,
            {
              onProgress: (progress) => Object.assign(job, progress),
              onRejected: (row) => {
                const { line, reason } = row;
                if (errors.length < MAX_ERRORS) errors.push({ line, reason });
                return imports.reject(job, row);
              },
              delimiter,
            },
          );
          await imports.finish(job, 'done');
          return { data: { id: job.id, ...counts, errors } };
        } catch (error) {
          const { created, updated } = job;
          const cause = request.signal.aborted ? brokenOff() : error;
          if (created + updated > 0) await recordPartial(request, { created, updated });
          await imports.finish(job, 'failed', cause instanceof DomainError ? cause.message : NOT_STORED);
          throw cause;
        }
      },
      {
        parse: 'none',
        query: ImportQuery,
        response: { 200: ImportAnswer, ...errorResponses(400, 401, 415, 422, 503) },
        detail: {
          summary: 'Import users',
          description:
            'Streams a file of any size, in UTF-8. CSV has a header row: `email` is required, `name` and `externalId` are known, every other column is an attribute, its type inferred or declared as `seats:number`, one of text, number, boolean, date, json. NDJSON has an object a line: `{"email":"ada@example.com","name":"Ada","externalId":"u1","attributes":{"plan":"pro"}}`, with every attribute under `attributes`. Good rows go in, bad ones are counted and explained; repeating an import changes nothing. Rows before a failure stay in.',
          requestBody: ImportBody,
        },
      },
    )
    .get(
      '/users/imports',
      () => ({
        data: imports.list().map((job) => ({
          ...job,
          startedAt: new Date(job.startedAt).toISOString(),
          finishedAt: job.finishedAt === null ? null : new Date(job.finishedAt).toISOString(),
        })),
      }),
      {
        response: { 200: ImportsAnswer, ...errorResponses(401) },
        detail: {
          summary: 'Show imports',
          description: 'Progress and results of the imports through the API.',
        },
      },
    )
    .get(
      '/users/imports/:id/errors',
      async ({ params }) => {
        const rows = await imports.rejectedRows(params.id);
        if (rows === null) throw notFound('import');
        return new Response(rows, {
          headers: {
            'content-type': MEDIA_TYPES.csv,
            'content-disposition': `attachment; filename="${params.id}-errors.csv"`,
          },
        });
      },
      {
        params: ImportParams,
        detail: {
          summary: 'Show the rejected rows of an import',
          description:
            'Every row that was not taken so far, with its line, the reason and the row itself (shortened to 1,000 characters).',
          responses: RejectedAnswer,
        },
      },
    )
    .get(
      '/users/export',
      ({ query, request, server }) => {
        // The first walk over all users, for the columns of a CSV file, sends nothing.
        server?.timeout(request, 0);
        return download(() => everyUser(store), query.format ?? 'csv', 'users');
      },
      {
        query: ExportQuery,
        detail: {
          summary: 'Export users',
          description: exported('user'),
          responses: ExportAnswer,
        },
      },
    )
    .get(
      '/segments/:id/export',
      async ({ params, query, request, server }) => {
        server?.timeout(request, 0);
        const { id, slug } = await getSegment(deps, params.id);
        return download(() => everyMember(store, id), query.format ?? 'csv', slug);
      },
      {
        params: SegmentParams,
        query: ExportQuery,
        detail: {
          summary: 'Export the members of a segment',
          description: exported('member'),
          responses: ExportAnswer,
        },
      },
    );
}

const exported = (what: string) =>
  `Every ${what}, as a file that an import takes back. In CSV the column \`${OTHER_ATTRIBUTES}\` holds, as a JSON object, attributes which appeared or changed their type while the file was written.`;

const NOT_STORED =
  'The rows could not be stored: the database is busy or full, or the log says why. Send the file again; rows that are in stay as they are';

/** Nobody reads it any more, but the log would call anything else an error of ours. */
const brokenOff = () =>
  new DomainError(400, 'incomplete', 'The connection ended before the whole file arrived; send it again');

function formatOf(request: Request): Format {
  requireUncompressed(request);
  const header = request.headers.get('content-type')?.toLowerCase() ?? '';
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim());
  const format = FORMATS.get(type);
  const allowed = [...FORMATS.keys()].join(' or ');
  if (format === undefined) throw unsupported(`Send the file with Content-Type: ${allowed}`);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw unsupported('Send the file in UTF-8, and with no other charset in its Content-Type');
  }
  return format;
}

function download(users: () => AsyncIterable<UserRecord>, format: Format, name: string): Response {
  return new Response(streamed(exportUsers(users, format)), {
    headers: {
      'content-type': MEDIA_TYPES[format],
      'content-disposition': `attachment; filename="${name}.${format}"`,
    },
  });
}

/** Lines in pieces worth sending, made only as fast as they are taken. */
function streamed(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      let text = '';
      while (text.length < 64 * 1024) {
        const { done, value } = await lines.next();
        if (done) {
          if (text !== '') controller.enqueue(encoder.encode(text));
          return controller.close();
        }
        text += value;
      }
      controller.enqueue(encoder.encode(text));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}

const emptyBody = () => new Blob([]).stream();
