import { DomainError } from '../errors.ts';
import { isObject, type Json, type JsonObject, put } from '../users/attributes.ts';
import { type Column, OTHER_ATTRIBUTES, readCell, readHeader } from './columns.ts';
import { type BrokenRow, type CsvRow, csvRows } from './csv-rows.ts';
import { DELIMITERS, type Delimiter, type ImportRow, NOT_UTF8, type RowInput, shorten } from './rows.ts';

/** Rows by which the types of undeclared columns are inferred. */
const SAMPLE_ROWS = 200;

/** Rows of a CSV file with a header, in constant memory. Throws a DomainError for a file that can't be read as one. */
export async function* parseCsv(
  source: AsyncIterable<Uint8Array>,
  delimiter: Delimiter = 'comma',
): AsyncGenerator<ImportRow> {
  let header: string[] | null = null;
  let columns: Column[] | null = null;
  let sample: CsvRow[] = [];

  function* flushSample(titles: string[]): Generator<ImportRow> {
    columns = readHeader(
      titles,
      sample.map(({ cells }) => cells),
    );
    if (!columns.some(({ kind }) => kind === 'email')) throw noEmailColumn(delimiter, titles);
    for (const row of sample) yield readRow(row, columns);
    sample = [];
  }

  for await (const row of csvRows(source, DELIMITERS[delimiter])) {
    if ('problem' in row) {
      if (header === null) throw brokenHeader(delimiter, row);
      yield { line: row.line, raw: shorten(row.raw), result: { reason: row.problem } };
    } else if (header === null) header = row.cells;
    else if (columns !== null) yield readRow(row, columns);
    else {
      sample.push(row);
      if (sample.length === SAMPLE_ROWS) yield* flushSample(header);
    }
  }
  if (header === null) throw noEmailColumn(delimiter, []);
  if (columns === null) yield* flushSample(header);
}

const noEmailColumn = (delimiter: Delimiter, titles: readonly string[]) =>
  new DomainError(
    422,
    'no_email_column',
    `The first line must name the columns, separated by ${PLURALS[delimiter]}, and one of them must be "email"${hint(delimiter, titles)}`,
  );

const brokenHeader = (delimiter: Delimiter, { line, problem }: BrokenRow) =>
  new DomainError(
    422,
    'broken_header',
    `The names of the columns in line ${line} are ${problem}${problem === NOT_UTF8 ? '' : `; if anything else than ${PLURALS[delimiter]} separates them, ${sayIt('…')}`}`,
  );

const PLURALS: Record<Delimiter, string> = { comma: 'commas', semicolon: 'semicolons', tab: 'tabs' };

/** What to do about a first line in which "email" stands between other separators. */
function hint(given: Delimiter, titles: readonly string[]): string {
  const isEmail = (title: string) => title.replaceAll('"', '').trim().toLowerCase() === 'email';
  const likely = (Object.keys(DELIMITERS) as Delimiter[]).find(
    (one) => one !== given && titles.some((title) => title.split(DELIMITERS[one]).some(isEmail)),
  );
  return likely === undefined ? '' : `; ${PLURALS[likely]} seem to separate them: ${sayIt(likely)}`;
}

const sayIt = (delimiter: string) =>
  `say so with --delimiter ${delimiter} on the command line, ?delimiter=${delimiter} in the API`;

function readRow({ line, raw, cells }: CsvRow, columns: readonly Column[]): ImportRow {
  const place = { line, raw: shorten(raw) };
  if (cells.length !== columns.length) {
    return {
      ...place,
      result: { reason: `the row has ${cells.length} columns, the header ${columns.length}` },
    };
  }
  try {
    return { ...place, result: readCells(cells, columns) };
  } catch (error) {
    return { ...place, result: { reason: (error as Error).message } };
  }
}

/** Throws a sentence where a cell is not what its column says. */
function readCells(cells: readonly string[], columns: readonly Column[]): RowInput {
  const attributes: JsonObject = {};
  const input: RowInput = { email: undefined, attributes };
  const say = (key: string, value: Json) => {
    if (Object.hasOwn(attributes, key)) throw new Error(`"${key}" is in two columns`);
    put(attributes, key, value);
  };
  columns.forEach((column, i) => {
    const cell = cells[i] ?? '';
    if (column.kind === 'attribute') {
      const value = readCell(cell, column);
      if (value !== undefined) say(column.key, value);
    } else if (cell.trim() === '' || column.kind === 'ignored') return;
    else if (column.kind === 'others') {
      for (const [key, value] of Object.entries(readObject(cell))) say(key, value);
    } else input[column.kind] = cell;
  });
  return input;
}

function readObject(cell: string): JsonObject {
  const value = readCell(cell, { key: OTHER_ATTRIBUTES, type: 'json', declared: true });
  if (!isObject(value)) throw new Error(`"${OTHER_ATTRIBUTES}" is not a JSON object`);
  return value as JsonObject;
}
