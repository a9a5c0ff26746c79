import { type CsvError, parse } from 'csv-parse';
import { DomainError } from '../errors.ts';
import { asUtf8, decodeBinary } from './encoding.ts';
import { MAX_ROW_BYTES, NOT_UTF8 } from './rows.ts';

/** A row of a CSV file, its header among them. */
export interface CsvRow {
  /** Where it starts in the file, counted from 1. */
  line: number;
  raw: string;
  cells: string[];
}
/** One whose cells can't be told, and why. */
export interface BrokenRow {
  line: number;
  raw: string;
  problem: string;
}

/** What csv-parse makes of a row; its texts have one character for each byte. */
type Parsed = { record: string[]; raw: string; info: { lines: number } } | { error: CsvError; raw: string };

/** Rows as they stand in the file, in constant memory. Throws a DomainError for a row that does not end. */
export async function* csvRows(
  source: AsyncIterable<Uint8Array>,
  separator: string,
): AsyncGenerator<CsvRow | BrokenRow> {
  const lineOf = lineCounter();
  for await (const parsed of parseBytes(source, separator)) {
    const { text: raw, valid } = decodeBinary(parsed.raw);
    if ('error' in parsed) {
      const { code, lines } = parsed.error;
      const line = lineOf(Number(lines), raw);
      // Where the next row begins can't be told any more, and the parser would drop everything in silence.
      if (code === TOO_LONG) throw rowTooLong(line);
      yield { line, raw, problem: `not valid CSV: ${inWords(code)}` };
    } else {
      const line = lineOf(parsed.info.lines, raw);
      if (valid) yield { line, raw, cells: parsed.record.map((cell) => decodeBinary(cell).text) };
      else yield { line, raw, problem: NOT_UTF8 };
    }
  }
}

/** Every row of the bytes so far is handed out before more are asked for: a source may fail, as an upload does. */
async function* parseBytes(source: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<Parsed> {
  let broken: unknown;
  const parser = parse({
    delimiter,
    // Byte by byte, so that bytes which are no UTF-8 cost their row alone.
    encoding: 'latin1',
    info: true,
    raw: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW_BYTES,
    on_skip: (error, raw = '') => {
      // A row with several stray quotes is reported for each of them; `bytes` is where the row before has ended.
      if (error === undefined || error.bytes === broken) return undefined;
      broken = error.bytes;
      parser.push({ error, raw });
      if (error.code === TOO_LONG) throw error;
      return undefined;
    },
  });
  // The loop over the rest throws it.
  parser.on('error', () => {});
  for await (const chunk of asUtf8(source)) {
    parser.write(chunk);
    for (let row = parser.read(); row !== null; row = parser.read()) yield row;
  }
  parser.end();
  yield* parser;
}

const TOO_LONG = 'CSV_MAX_RECORD_SIZE';

const rowTooLong = (line: number) =>
  new DomainError(
    422,
    'row_too_long',
    `The row that begins in line ${line} is longer than ${MAX_ROW_BYTES} bytes; look for a quote that is never closed`,
  );

const inWords = (code: string) => code.replace(/^CSV_/, '').toLowerCase().replaceAll('_', ' ');

/**
 * The line in which a row begins. csv-parse counts the lines read so far, and a CRLF between quotes as two; the row
 * began as many lines earlier as it has line breaks inside.
 */
function lineCounter() {
  let countedTwice = 0;
  return (lines: number, raw: string): number => {
    countedTwice += raw.match(/\r\n/g)?.length ?? 0;
    return lines - countedTwice - (raw.trim().match(/\r\n|\r|\n/g)?.length ?? 0);
  };
}
