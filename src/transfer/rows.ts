import type { JsonObject } from '../users/attributes.ts';

/** One row of an import: what it says of a user, or why it can't be taken. */
export interface ImportRow {
  /** Where the row starts in the file, counted from 1. */
  line: number;
  /** The row as it stands in the file, shortened, for the list of rejected rows. */
  raw: string;
  result: RowInput | { reason: string };
}
export interface RowInput {
  email: unknown;
  name?: string | null;
  externalId?: string | null;
  attributes: JsonObject;
}

export type Format = 'csv' | 'ndjson';

/** What separates the columns of a CSV file, by the name that the API and the command line have for it. */
export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' } as const;
export type Delimiter = keyof typeof DELIMITERS;

/** Why a row of another encoding is not taken. */
export const NOT_UTF8 = 'not UTF-8; save the file as UTF-8';

/** Longest row, bytes: far above the limit of a user's attributes, and it bounds the memory of an import. */
export const MAX_ROW_BYTES = 4 * 1024 * 1024;

export const shorten = (raw: string): string => {
  const text = raw.replace(/^[\r\n]+|[\r\n]+$/g, '');
  return text.length <= 1000 ? text : `${text.slice(0, 1000)}…`;
};
