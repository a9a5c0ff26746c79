import { type Delimiter, SIGNS } from './read-start.ts';

export const TARGETS = ['email', 'name', 'externalId', 'attribute', 'skip'] as const;
export type Target = (typeof TARGETS)[number];
export const TYPES = ['auto', 'text', 'number', 'boolean', 'date', 'json'] as const;
export type ColumnType = (typeof TYPES)[number];

/** What becomes of a column of the file. */
export interface Column {
  title: string;
  target: Target;
  /** Of an attribute. */
  key: string;
  type: ColumnType;
}

const OWN: Record<string, Target> = {
  email: 'email',
  'e-mail': 'email',
  email_address: 'email',
  'email address': 'email',
  mail: 'email',
  name: 'name',
  full_name: 'name',
  'full name': 'name',
  externalid: 'externalId',
  external_id: 'externalId',
  userid: 'externalId',
  user_id: 'externalId',
  'user id': 'externalId',
  'external id': 'externalId',
};
/** What an export of this service writes besides. */
const EXPORT_ONLY = ['id', 'createdAt', 'updatedAt', 'lastSeenAt'];

/** What the columns most likely mean, by their titles; one may declare its type as `seats:number`. */
export function guessMapping(header: readonly string[]): Column[] {
  const exported = ['id', 'createdAt'].every((name) => header.includes(name));
  const used = new Set<Target>();
  return header.map((raw) => {
    const title = raw.trim();
    const column: Column = { title, target: 'attribute', key: title, type: 'auto' };
    if (title === '' || (exported && EXPORT_ONLY.includes(title))) return { ...column, target: 'skip' };
    const own = OWN[title.toLowerCase()];
    if (own !== undefined && !used.has(own)) {
      used.add(own);
      return { ...column, target: own };
    }
    const [, key, type] = /^(.+):(text|number|boolean|date|json)$/s.exec(title) ?? [];
    return key === undefined ? column : { ...column, key: readKey(key), type: type as ColumnType };
  });
}

/** An export writes a key that a file would not give back unchanged as JSON. */
function readKey(title: string): string {
  if (!title.startsWith('"')) return title;
  try {
    const key: unknown = JSON.parse(title);
    return typeof key === 'string' ? key : title;
  } catch {
    return title;
  }
}

export type MappingProblem =
  | { kind: 'noEmail' }
  | { kind: 'twice'; target: Target; key: string; column: number }
  | { kind: 'noKey'; column: number };

/** What keeps the columns from being imported. */
export function checkMapping(columns: readonly Column[]): MappingProblem[] {
  const problems: MappingProblem[] = [];
  const meanings = new Set<string>();
  for (const [i, { target, key }] of columns.entries()) {
    if (target === 'skip') continue;
    if (target === 'attribute' && key.trim() === '') {
      problems.push({ kind: 'noKey', column: i });
      continue;
    }
    const meaning = target === 'attribute' ? `attribute ${key}` : target;
    if (meanings.has(meaning)) problems.push({ kind: 'twice', target, key, column: i });
    meanings.add(meaning);
  }
  if (!meanings.has('email')) problems.push({ kind: 'noEmail' });
  return problems;
}

/** The line of column names that makes the service read the columns as they are mapped: one without a name is skipped. */
export function headerLine(columns: readonly Column[], delimiter: Delimiter): string {
  const sign = SIGNS[delimiter];
  const quoted = (title: string) =>
    /["\r\n]|^\s|\s$/.test(title) || title.includes(sign) ? `"${title.replaceAll('"', '""')}"` : title;
  return `${columns.map((column) => quoted(titleOf(column))).join(sign)}\n`;
}

function titleOf({ target, key, type }: Column): string {
  if (target === 'skip') return '';
  if (target !== 'attribute') return target;
  // As an export writes it: a name that a file would not give back unchanged is JSON.
  const plain = key === key.trim() && !key.startsWith('"') && key.isWellFormed();
  const title = plain ? key : JSON.stringify(key);
  if (type !== 'auto') return `${title}:${type}`;
  // Left alone, such a name would mean something else.
  const misread =
    OWN_NAMES.test(key) || EXPORT_ONLY.includes(key) || /:(text|number|boolean|date|json)$/.test(key);
  return plain && !misread ? title : `${title}:text`;
}
const OWN_NAMES = /^(email|name|external_?id|user_?id)$/i;
