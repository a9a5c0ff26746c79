import { Readable } from 'node:stream';
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
export async function* parseCsv(source: AsyncIterable<Uint8Array>): AsyncGenerator<ImportRow> {
  const broken: ImportRow[] = [];
  const parser = Readable.from(source).pipe(
    parse({
      bom: true,
      info: true,
      raw: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: MAX_ROW_BYTES,
      on_skip: (error, raw) => {
        if (error !== undefined) broken.push(brokenRow(error, raw));
        return undefined;
      },
    }),
  );
  let header: string[] | null = null;
  let columns: Column[] | null = null;
  let sample: CsvRecord[] = [];

  function* flushSample(titles: string[]): Generator<ImportRow> {
    columns = readHeader(
      titles,
      sample.map(({ record }) => record),
    );
    if (!columns.some(({ kind }) => kind === 'email')) throw noEmailColumn();
    for (const one of sample) yield readRecord(one, columns);
    sample = [];
  }

  for await (const record of parser as AsyncIterable<CsvRecord>) {
    yield* broken.splice(0);
    if (header === null) header = record.record;
    else if (columns !== null) yield readRecord(record, columns);
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
    'The first line must name the columns, and one of them must be "email"',
  );

function readRecord({ record, raw, info }: CsvRecord, columns: readonly Column[]): ImportRow {
  // csv-parse counts the lines read so far; the row began as many lines earlier as it has line breaks inside.
  const line = info.lines - (raw.trimEnd().match(/\n/g)?.length ?? 0);
  const place = { line, raw: shorten(raw) };
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

function brokenRow(error: CsvError, raw: string | undefined): ImportRow {
  const line = typeof error.lines === 'number' ? error.lines : 0;
  return {
    line,
    raw: shorten(raw ?? ''),
    result: { reason: `not valid CSV: ${error.code.toLowerCase().replaceAll('_', ' ')}` },
  };
}
