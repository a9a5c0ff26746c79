import { pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { DomainError } from '../errors.ts';
import { type JsonObject, put } from '../users/attributes.ts';
import { type Column, readCell, readHeader } from './columns.ts';
import { type ImportRow, MAX_ROW_BYTES, type RowInput, shorten } from './rows.ts';

interface CsvRecord {
  record: string[];
  raw: string;
  info: { lines: number };
}

/** Rows by which the types of undeclared columns are inferred. */
const SAMPLE_ROWS = 200;

/** Rows of a CSV file with a header, in constant memory. */
export async function* parseCsv(
  source: AsyncIterable<Uint8Array>,
  delimiter = ',',
): AsyncGenerator<ImportRow> {
  const broken: ImportRow[] = [];
  const lineOf = lineCounter();
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    raw: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW_BYTES,
    on_skip: (error, raw = '') => {
      if (error === undefined) return undefined;
      const row = brokenRow(error, lineOf(Number(error.lines), raw), raw);
      // Where the next row begins can't be told any more, and the parser would drop everything in silence.
      if (error.code === 'CSV_MAX_RECORD_SIZE') throw rowTooLong(row.line);
      if (error.records === 0) throw brokenHeader(row);
      // A row with several stray quotes is reported for each of them.
      if (broken.at(-1)?.line !== row.line) broken.push(row);
      return undefined;
    },
  });
  // A source that fails, as an upload that is broken off does, fails the parser and so the loop below.
  pipeline(Readable.from(source), parser, () => {});
  let header: string[] | null = null;
  let columns: Column[] | null = null;
  let sample: CsvRecord[] = [];

  function* flushSample(titles: string[]): Generator<ImportRow> {
    columns = readHeader(
      titles,
      sample.map(({ record }) => record),
    );
    if (!columns.some(({ kind }) => kind === 'email')) throw noEmailColumn();
    for (const one of sample) yield readRecord(one, columns, lineOf);
    sample = [];
  }

  for await (const record of parser as AsyncIterable<CsvRecord>) {
    yield* broken.splice(0);
    if (header === null) header = record.record;
    else if (columns !== null) yield readRecord(record, columns, lineOf);
    else {
      sample.push(record);
      if (sample.length === SAMPLE_ROWS) yield* flushSample(header);
    }
  }
  if (header === null) throw noEmailColumn();
  if (columns === null) yield* flushSample(header);
  yield* broken.splice(0);
}

const noEmailColumn = () =>
  new DomainError(
    422,
    'no_email_column',
    'The first line must name the columns, separated by commas, and one of them must be "email"',
  );

const rowTooLong = (line: number) =>
  new DomainError(
    422,
    'row_too_long',
    `The row that begins in line ${line} is longer than ${MAX_ROW_BYTES} bytes; look for a quote that is never closed`,
  );

const brokenHeader = ({ line, result }: BrokenRow) =>
  new DomainError(422, 'broken_header', `The names of the columns in line ${line} are ${result.reason}`);

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

function readRecord(
  { record, raw, info }: CsvRecord,
  columns: readonly Column[],
  lineOf: ReturnType<typeof lineCounter>,
): ImportRow {
  const place = { line: lineOf(info.lines, raw), raw: shorten(raw) };
  if (record.length !== columns.length) {
    return {
      ...place,
      result: { reason: `the row has ${record.length} columns, the header ${columns.length}` },
    };
  }
  const attributes: JsonObject = {};
  const input: RowInput = { email: undefined, attributes };
  try {
    columns.forEach((column, i) => {
      const cell = record[i] ?? '';
      if (column.kind === 'attribute') {
        const value = readCell(cell, column);
        if (value !== undefined) put(attributes, column.key, value);
      } else if (column.kind !== 'ignored' && cell.trim() !== '') {
        input[column.kind] = cell;
      }
    });
  } catch (error) {
    return { ...place, result: { reason: (error as Error).message } };
  }
  return { ...place, result: input };
}

type BrokenRow = ImportRow & { result: { reason: string } };

function brokenRow({ code }: CsvError, line: number, raw: string): BrokenRow {
  const problem = code.replace(/^CSV_/, '').toLowerCase().replaceAll('_', ' ');
  return { line, raw: shorten(raw), result: { reason: `not valid CSV: ${problem}` } };
}
