import type { JsonObject } from '../users/attributes.ts';
import type { UserView } from '../users/user.ts';
import { asUtf8, decodeUtf8 } from './encoding.ts';
import { type ImportRow, MAX_ROW_BYTES, NOT_UTF8, shorten } from './rows.ts';

/** Rows of a file with one JSON object a line (`{"email", "name"?, "externalId"?, "attributes"?}`), in constant memory. */
export async function* parseNdjson(source: AsyncIterable<Uint8Array>): AsyncGenerator<ImportRow> {
  let number = 0;
  for await (const { bytes, tooLong } of lines(asUtf8(source))) {
    number++;
    const { text, valid } = decodeUtf8(bytes);
    const place = { line: number, raw: shorten(text) };
    if (tooLong) yield { ...place, result: { reason: `the line is longer than ${MAX_ROW_BYTES} bytes` } };
    else if (!valid) yield { ...place, result: { reason: NOT_UTF8 } };
    else if (text.trim() !== '') yield { ...place, result: readLine(text) };
  }
}

function readLine(text: string): ImportRow['result'] {
  let value: unknown;
  try {
    // Files put together may have byte order marks inside.
    value = JSON.parse(text.trim());
  } catch {
    return { reason: 'not valid JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { reason: 'not a JSON object' };
  const unknown = Object.keys(value).filter((key) => !KNOWN.includes(key));
  if (unknown.length > 0) {
    return { reason: `unknown ${list(unknown)}; ${SHAPE}, everything else goes under "attributes"` };
  }
  const { email, name, externalId, attributes = {} } = value as Record<string, unknown>;
  if (!isOptionalText(name)) return { reason: '"name" is not text' };
  if (!isOptionalText(externalId)) return { reason: '"externalId" is not text' };
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    return { reason: '"attributes" is not an object' };
  }
  return {
    email,
    ...(name === undefined ? {} : { name }),
    ...(externalId === undefined ? {} : { externalId }),
    attributes: attributes as JsonObject,
  };
}

const SHAPE = 'a row has "email", "name", "externalId" and "attributes"';
/** All that an export writes, of which an import leaves some alone. */
const KNOWN: readonly string[] = [
  'id',
  'email',
  'name',
  'externalId',
  'attributes',
  'createdAt',
  'updatedAt',
  'lastSeenAt',
] satisfies (keyof UserView)[];

/** The first few of the keys, shortened: a row may have any number of any length. */
function list(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).map((key) => `"${key.length <= 50 ? key : `${key.slice(0, 50)}…`}"`);
  return shown.join(', ') + (keys.length > 5 ? ` and ${keys.length - 5} more` : '');
}

const isOptionalText = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === 'string';

const NEWLINE = 0x0a;

/** Splits bytes into lines; of a line beyond the limit only the beginning is kept. */
async function* lines(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ bytes: Uint8Array; tooLong: boolean }> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = () => {
    const line = { bytes: Buffer.concat(parts), tooLong: size > MAX_ROW_BYTES };
    parts = [];
    size = 0;
    return line;
  };
  const add = (part: Uint8Array) => {
    if (size <= MAX_ROW_BYTES) parts.push(part);
    size += part.byteLength;
  };
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, at));
      from = at + 1;
      yield take();
    }
    add(chunk.slice(from));
  }
  if (size > 0) yield take();
}
