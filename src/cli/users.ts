import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { OperatorError } from '../errors.ts';
import { csvLine, everyUser, exportUsers } from '../transfer/export.ts';
import { type ImportProgress, importUsers } from '../transfer/import.ts';
import type { Format } from '../transfer/rows.ts';
import { withStore, withWriter } from './offline.ts';
import { progressBar } from './progress-bar.ts';

export const formatOption = () => new Option('--format <format>', 'of the file').choices(['csv', 'ndjson']);

export function addUsers(program: Command) {
  const users = program
    .command('users')
    .description('Import and export users; the service may be running or not');

  users
    .command('import')
    .argument('<file>', 'a CSV or NDJSON file, or - for standard input')
    .description(
      'Import users: a header row with "email" and any other columns (CSV), or one JSON object a line (NDJSON). Column types are inferred, or declared as "seats:number" (text, number, boolean, date, json)',
    )
    .addOption(formatOption())
    .option('--rejected <file>', 'where rejected rows go (default: FILE.rejected.csv)')
    .action(async (file: string, options: { format?: Format; rejected?: string }) => {
      const format = options.format ?? formatOf(file);
      const size = file === '-' ? null : await sizeOf(file);
      const source = file === '-' ? Bun.stdin.stream() : createReadStream(file);
      const rejected = rejectedFile(options.rejected ?? `${file === '-' ? 'users' : file}.rejected.csv`);
      const bar = progressBar(size);
      const result = await withWriter((writer) =>
        importUsers(writer, source, format, {
          onProgress: (progress) => bar.show(progress.bytes, rowsOf(progress)),
          onRejected: rejected.write,
        }),
      );
      bar.end();
      await rejected.close();
      const { created, updated, unchanged } = result;
      console.log(
        `${created} created, ${updated} updated, ${unchanged} unchanged, ${result.rejected} rejected`,
      );
      if (result.rejected > 0) console.log(`Rejected rows, with line and reason, are in ${rejected.path}`);
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
