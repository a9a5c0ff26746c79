import { DomainError } from '../errors.ts';
import { asNumber, asTime } from '../segments/operands.ts';
import type { Json } from '../users/attributes.ts';

/** What the cells of a CSV column become. */
export const COLUMN_TYPES = ['text', 'number', 'boolean', 'date', 'json'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** What a column of a CSV file is for. */
export type Column =
  | { kind: 'email' | 'name' | 'externalId' }
  | ({ kind: 'attribute' } & AttributeColumn)
  | { kind: 'others' }
  | { kind: 'ignored' };
export interface AttributeColumn {
  key: string;
  type: ColumnType;
  declared: boolean;
}

/** The title of a column that holds any attributes as a JSON object: those no other column of an export could take. */
export const OTHER_ATTRIBUTES = 'other:attributes';

const OWN_COLUMNS = new Map<string, 'email' | 'name' | 'externalId'>([
  ['email', 'email'],
  ['name', 'name'],
  ['externalid', 'externalId'],
  ['external_id', 'externalId'],
  ['userid', 'externalId'],
  ['user_id', 'externalId'],
]);
/** What an export writes besides, and an import must not take for attributes. */
const EXPORT_ONLY = ['id', 'createdat', 'updatedat', 'lastseenat'];
/** What people write for a type that has another name here, and hardly anybody at the end of a key. */
const MISSPELT: Record<ColumnType, readonly string[]> = {
  text: ['string', 'str', 'char', 'varchar'],
  number: ['int', 'integer', 'float', 'double', 'decimal', 'numeric', 'num'],
  boolean: ['bool'],
  date: ['datetime', 'timestamp'],
  json: ['object', 'array'],
};

/** Reads a header; a column may declare its type as `seats:number`. A column without one is typed by its first cells. */
export function readHeader(header: readonly string[], samples: readonly (readonly string[])[]): Column[] {
  const exported = ['id', 'createdAt'].every((name) => header.includes(name));
  const columns = header.map((title, i): Column => {
    const name = title.trim();
    const own = OWN_COLUMNS.get(name.toLowerCase());
    if (own !== undefined) return { kind: own };
    if (name === '' || (exported && EXPORT_ONLY.includes(name.toLowerCase()))) return { kind: 'ignored' };
    if (name === OTHER_ATTRIBUTES) return { kind: 'others' };
    const colon = name.lastIndexOf(':');
    if (colon > 0) {
      const [key, word] = [name.slice(0, colon), name.slice(colon + 1)];
      const declared = COLUMN_TYPES.find((type) => type === word);
      if (declared !== undefined) {
        return { kind: 'attribute', key: readKey(key), type: declared, declared: true };
      }
      refuseMisspelt(key, word);
    }
    const type = inferType(samples.map((row) => row[i] ?? ''));
    return { kind: 'attribute', key: readKey(name), type, declared: false };
  });
  refuseDuplicates(columns, header);
  return columns;
}

/** Any other word after a colon belongs to the key (`utm:source`). */
function refuseMisspelt(key: string, word: string) {
  const plain = word.trim().toLowerCase();
  const meant = COLUMN_TYPES.find((type) => type === plain || MISSPELT[type].includes(plain));
  if (meant === undefined) return;
  throw new DomainError(
    422,
    'unknown_type',
    `"${key}:${word}" declares no type that is known: write "${key}:${meant}" (the types are ${COLUMN_TYPES.join(', ')}), or "${key}:${word}:text" if the attribute is called so`,
  );
}

/** Which of two columns a row means can't be told, and taking one of them would lose the other in silence. */
function refuseDuplicates(columns: readonly Column[], header: readonly string[]) {
  const titles = new Map<string, string>();
  columns.forEach((column, i) => {
    if (column.kind === 'ignored') return;
    const title = (header[i] ?? '').trim();
    const meaning = column.kind === 'attribute' ? `attribute ${column.key}` : column.kind;
    const other = titles.get(meaning);
    if (other !== undefined) {
      throw new DomainError(
        422,
        'duplicate_column',
        `The columns "${other}" and "${title}" mean the same; remove or rename one`,
      );
    }
    titles.set(meaning, title);
  });
}

/** An attribute key as the title of a column: as it is, or as JSON where a file would not give it back unchanged. */
export const titleOfKey = (key: string): string =>
  key !== '' && key === key.trim() && key.isWellFormed() && !key.startsWith('"') ? key : JSON.stringify(key);

function readKey(title: string): string {
  if (!title.startsWith('"')) return title;
  try {
    const key: unknown = JSON.parse(title);
    return typeof key === 'string' ? key : title;
  } catch {
    return title;
  }
}

/** The narrowest type that fits every cell that is not empty; text where a number would lose something ("007"). */
function inferType(cells: readonly string[]): ColumnType {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  if (filled.length === 0) return 'text';
  if (filled.every((cell) => /^(true|false)$/i.test(cell))) return 'boolean';
  if (filled.every(isPlainNumber)) return 'number';
  return 'text';
}

/** A number that reads back as it was written: no leading zeros, no plus, not more digits than a number can hold. */
const isPlainNumber = (cell: string) =>
  /^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell) && cell.replace(/\D/g, '').length <= 15;

/** The value of a cell; undefined for one that says nothing. Throws a sentence where a declared type does not fit. */
export function readCell(cell: string, { key, type, declared }: AttributeColumn): Json | undefined {
  const text = cell.trim();
  if (text === '') return undefined;
  switch (type) {
    case 'number': {
      const number = declared || isPlainNumber(text) ? asNumber(text) : null;
      if (number !== null) return number;
      break;
    }
    case 'boolean':
      if (/^true$/i.test(text)) return true;
      if (/^false$/i.test(text)) return false;
      break;
    case 'date':
      if (asTime(text) !== null) return text;
      break;
    case 'json':
      try {
        return JSON.parse(text) as Json;
      } catch {
        break;
      }
    case 'text':
      return cell;
  }
  if (!declared) return cell;
  throw new Error(`"${key}" is not ${type === 'json' ? 'JSON' : `a ${type}`}`);
}
