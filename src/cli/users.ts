import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { OperatorError } from '../errors.ts';
import { COLUMN_TYPES } from '../transfer/columns.ts';
import { csvLine, everyUser, exportUsers } from '../transfer/export.ts';
import { type ImportProgress, importUsers } from '../transfer/import.ts';
import { DELIMITERS, type Delimiter, type Format } from '../transfer/rows.ts';
import { withStore, withWriter } from './offline.ts';
import { progressBar } from './progress-bar.ts';

export const formatOption = () => new Option('--format <format>', 'of the file').choices(['csv', 'ndjson']);

interface ImportCommand {
  format?: Format;
  delimiter: Delimiter;
  rejected?: string;
}

/** The exit code of an import that is done, though not with every row. */
const ROWS_REJECTED = 2;
const IMPORT_HELP = `
CSV: a header row names the columns. "email" must be one of them, "name" and "externalId" may be; every other column is
an attribute. Its type is inferred, or declared as "seats:number", one of ${COLUMN_TYPES.join(', ')}.
  email,name,plan,seats:number
  ada@example.com,Ada,pro,5

NDJSON: a JSON object a line; every attribute is under "attributes".
  {"email":"ada@example.com","name":"Ada","externalId":"u1","attributes":{"plan":"pro","seats":5}}

Exit code: 0 when every row was taken, ${ROWS_REJECTED} when rows were rejected (the others are in), 1 when the import failed (rows
before the failure are in). Repeating an import changes nothing.`;

export function addUsers(program: Command) {
  const users = program
    .command('users')
    .description('Import and export users; the service may be running or not');

  users
    .command('import')
    .argument('<file>', 'a CSV or NDJSON file, or - for standard input')
    .description('Import users from a CSV or NDJSON file in UTF-8')
    .addOption(formatOption())
    .addOption(
      new Option('--delimiter <delimiter>', 'what separates the columns of CSV')
        .choices(Object.keys(DELIMITERS))
        .default('comma'),
    )
    .option('--rejected <file>', 'where rejected rows go (default: FILE.rejected.csv)')
    .addHelpText('after', IMPORT_HELP)
    .action(async (file: string, options: ImportCommand) => {
      const format = options.format ?? formatOf(file);
      const size = file === '-' ? null : await sizeOf(file);
      const source = file === '-' ? Bun.stdin.stream() : createReadStream(file);
      const rejected = rejectedFile(options.rejected ?? `${file === '-' ? 'users' : file}.rejected.csv`);
      const bar = progressBar(size);
      const result = await withWriter((writer) =>
        importUsers(writer, source, format, {
          onProgress: (progress) => bar.show(progress.bytes, rowsOf(progress)),
          onRejected: rejected.write,
          delimiter: options.delimiter,
        }),
      );
      bar.end();
      await rejected.close();
      const { created, updated, unchanged } = result;
      console.log(
        `${created} created, ${updated} updated, ${unchanged} unchanged, ${result.rejected} rejected`,
      );
      if (result.rejected === 0) return;
      console.log(`Rejected rows, with line and reason, are in ${rejected.path}`);
      process.exit(ROWS_REJECTED);
    });

  users
    .command('export')
    .description('Write every user to standard output, as a file that an import takes back')
    .addOption(formatOption().default('csv'))
    .action(({ format }: { format: Format }) =>
      withStore(async (store) => {
        for await (const line of exportUsers(() => everyUser(store), format)) await print(line);
      }),
    );
}

/** Writes to standard output, as fast as its reader takes it. */
export async function print(text: string) {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', endOutput);
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Nothing more can be written, and nobody would wait for it any longer. */
function endOutput({ code, message }: NodeJS.ErrnoException): never {
  // The reader, such as `head`, has had enough.
  if (code === 'EPIPE') process.exit(0);
  console.error(`Can't write to standard output: ${message}`);
  process.exit(1);
}

const rowsOf = ({ created, updated, unchanged, rejected }: ImportProgress) =>
  created + updated + unchanged + rejected;

function formatOf(file: string): Format {
  if (/\.csv$/i.test(file)) return 'csv';
  if (/\.(ndjson|jsonl)$/i.test(file)) return 'ndjson';
  throw new OperatorError(
    `Can't tell what kind of file "${file}" is`,
    'Say it with --format csv or --format ndjson',
  );
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isDirectory()) return found.size;
  } catch (cause) {
    throw new OperatorError(`Can't read "${file}"`, 'Check the path and its permissions', { cause });
  }
  throw new OperatorError(`Can't read "${file}": it is a folder`, 'Name a file in it');
}

/** Made with the first rejected row, so that a clean import leaves no file. */
function rejectedFile(path: string) {
  let stream: ReturnType<typeof createWriteStream> | null = null;
  return {
    path,
    async write({ line, reason, raw }: { line: number; reason: string; raw: string }) {
      if (stream === null) {
        stream = await create(path);
        stream.write(csvLine(['line', 'reason', 'row']));
      }
      if (!stream.write(csvLine([String(line), reason, raw]))) await once(stream, 'drain');
    },
    async close() {
      if (stream === null) return;
      stream.end();
      await once(stream, 'close');
    },
  };
}

async function create(path: string) {
  const stream = createWriteStream(path, { mode: 0o600 });
  try {
    await once(stream, 'open');
    return stream;
  } catch (cause) {
    throw new OperatorError(
      `Can't write "${path}", where rejected rows go`,
      'Name another file with --rejected; rows before the first rejected one are imported',
      { cause },
    );
  }
}
