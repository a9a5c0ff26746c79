const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF16_MARK = Buffer.from([0xff, 0xfe]);

/**
 * The bytes of a file without its byte order mark. UTF-16 that begins with one, as spreadsheets save "Unicode text",
 * becomes UTF-8; anything else stays as it is.
 */
export async function* asUtf8(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  /** The first bytes, until a mark could be told. */
  let start: Uint8Array | null = new Uint8Array();
  let utf16: TextDecoder | null = null;
  const encoder = new TextEncoder();
  for await (const chunk of source) {
    let bytes = chunk;
    if (start !== null) {
      start = Buffer.concat([start, chunk]);
      if (start.length < UTF8_MARK.length) continue;
      if (beginsWith(start, UTF16_MARK)) utf16 = new TextDecoder('utf-16le');
      bytes = beginsWith(start, UTF8_MARK) ? start.subarray(UTF8_MARK.length) : start;
      start = null;
    }
    yield utf16 === null ? bytes : encoder.encode(utf16.decode(bytes, { stream: true }));
  }
  if (start !== null) yield start;
}

const beginsWith = (bytes: Uint8Array, mark: Uint8Array) => mark.every((byte, i) => bytes[i] === byte);

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of UTF-8, and whether it was that; of other bytes it is what can be shown of them. */
export function decodeUtf8(bytes: Uint8Array): { text: string; valid: boolean } {
  try {
    return { text: strict.decode(bytes), valid: true };
  } catch {
    return { text: lenient.decode(bytes), valid: false };
  }
}

/** The same of bytes that are at hand as text of one character each. */
export const decodeBinary = (binary: string): ReturnType<typeof decodeUtf8> =>
  /[\x80-\xff]/.test(binary) ? decodeUtf8(Buffer.from(binary, 'latin1')) : { text: binary, valid: true };
