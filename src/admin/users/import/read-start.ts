export type Delimiter = 'comma' | 'semicolon' | 'tab';
export const SIGNS: Record<Delimiter, string> = { comma: ',', semicolon: ';', tab: '\t' };

/** The beginning of a CSV file. */
export interface CsvStart {
  delimiter: Delimiter;
  header: string[];
  /** Where the first row begins; bytes. */
  rowsAt: number;
  /** The first rows that are there as a whole. */
  rows: string[][];
  /** Whether some bytes are no UTF-8. */
  garbled: boolean;
}

export type StartProblem = 'empty' | 'workbook' | 'noHeader' | 'binary';
const [QUOTE, LF, CR] = [0x22, 0x0a, 0x0d];
const BOM = [0xef, 0xbb, 0xbf];

/** Reads the names of the columns and the first rows out of the first bytes of a file; `whole` when those are all of it. */
export function readCsvStart(bytes: Uint8Array, whole: boolean, mostRows = 20): CsvStart | StartProblem {
  if (bytes.length === 0) return 'empty';
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return 'workbook';
  if (bytes.subarray(0, 4096).includes(0)) return 'binary';
  const begin = BOM.every((byte, i) => bytes[i] === byte) ? BOM.length : 0;
  const delimiter = guessDelimiter(bytes, begin);
  const records = readRecords(bytes, begin, SIGNS[delimiter].charCodeAt(0), whole, mostRows + 1);
  const [first, ...rest] = records;
  if (first === undefined) return whole ? 'empty' : 'noHeader';
  return {
    delimiter,
    header: first.cells,
    rowsAt: first.end,
    rows: rest.map(({ cells }) => cells),
    garbled: records.some(({ cells }) => cells.some((cell) => cell.includes('\ufffd'))),
  };
}

/** Whether a file is one JSON object a line. */
export const isNdjson = (name: string, bytes: Uint8Array): boolean =>
  /\.(ndjson|jsonl)$/i.test(name) || /^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 100)));

function guessDelimiter(bytes: Uint8Array, begin: number): Delimiter {
  const counts = new Map<number, number>();
  let quoted = false;
  for (let at = begin; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) quoted = !quoted;
    else if (!quoted && (byte === LF || byte === CR)) break;
    else if (!quoted) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  const count = (delimiter: Delimiter) => counts.get(SIGNS[delimiter].charCodeAt(0)) ?? 0;
  const others: Delimiter[] = ['semicolon', 'tab'];
  return others.reduce<Delimiter>((best, one) => (count(one) > count(best) ? one : best), 'comma');
}

interface CsvRecord {
  cells: string[];
  end: number;
}

/** All signs that matter are single bytes, which UTF-8 uses for nothing else: so cells are cut before they are decoded. */
function readRecords(
  bytes: Uint8Array,
  begin: number,
  sign: number,
  whole: boolean,
  most: number,
): CsvRecord[] {
  const records: CsvRecord[] = [];
  const decoder = new TextDecoder();
  let cells: string[] = [];
  let cellAt = begin;
  let quoted = false;
  const take = (end: number) => cells.push(unquoted(decoder.decode(bytes.subarray(cellAt, end))));
  const finish = (end: number) => {
    // Empty lines are no rows.
    if (cells.length > 1 || cells[0] !== '') records.push({ cells, end });
    cells = [];
    cellAt = end;
  };
  for (let at = begin; at < bytes.length && records.length < most; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (byte === sign) {
      take(at);
      cellAt = at + 1;
    } else if (byte === LF || byte === CR) {
      take(at);
      const pair = byte === CR && bytes[at + 1] === LF;
      finish(at + (pair ? 2 : 1));
      if (pair) at++;
    }
  }
  if (whole && records.length < most && cellAt < bytes.length) {
    take(bytes.length);
    finish(bytes.length);
  }
  return records;
}

function unquoted(cell: string): string {
  const quoted = /^"([\s\S]*)"$/.exec(cell);
  return quoted === null ? cell : (quoted[1] as string).replaceAll('""', '"');
}
