import type { JsonObject } from '../users/attributes.ts';
import { type ImportRow, MAX_ROW_BYTES, shorten } from './rows.ts';

/** Rows of a file with one JSON object a line (`{"email", "name"?, "externalId"?, "attributes"?}`), in constant memory. */
export async function* parseNdjson(source: AsyncIterable<Uint8Array>): AsyncGenerator<ImportRow> {
  let number = 0;
  for await (const { text, tooLong } of lines(source)) {
    number++;
    if (tooLong) {
      yield {
        line: number,
        raw: shorten(text),
        result: { reason: `the line is longer than ${MAX_ROW_BYTES} bytes` },
      };
    } else if (text.trim() !== '') {
      yield { line: number, raw: shorten(text), result: readLine(text) };
    }
  }
}

function readLine(text: string): ImportRow['result'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'not valid JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { reason: 'not a JSON object' };
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

const isOptionalText = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === 'string';

const NEWLINE = 0x0a;

/** Splits bytes into lines; of a line beyond the limit only the beginning is kept. */
async function* lines(source: AsyncIterable<Uint8Array>): AsyncGenerator<{ text: string; tooLong: boolean }> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = () => {
    const line = { text: decoder.decode(Buffer.concat(parts)), tooLong: size > MAX_ROW_BYTES };
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
