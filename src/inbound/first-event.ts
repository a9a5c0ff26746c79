/** An event is at most 32 KB when it enters Segment; escapes and Segment's own additions make it somewhat longer. */
const MAX_FIRST_EVENT = 128 * 1024;
/** Traits nest at most 64 levels; out of stack, writing an event again would take seconds before it fails. */
const MAX_LEVELS = 1000;

/** Segment writes none; whoever formats a batch may put some before its first event. */
const MAX_SPACE = 64;
const isSpace = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

/**
 * The first event of a batch as Segment signs it (`JSON.stringify(firstEvent)`), or null where the body does not begin
 * with one. Reads no further than that event: until its signature is verified, the sender may be anybody, and a large
 * body must not cost more than this.
 */
export function firstEventOf(body: Uint8Array): string | null {
  if (body[0] !== OPEN_LIST) return null;
  let start = 1;
  while (start < MAX_SPACE && isSpace(body[start])) start++;
  if (body[start] !== OPEN_OBJECT) return null;
  const end = endOfObject(body, start);
  if (end === null) return null;
  try {
    return JSON.stringify(JSON.parse(new TextDecoder().decode(body.subarray(start, end))));
  } catch {
    return null;
  }
}

function endOfObject(body: Uint8Array, start: number): number | null {
  const limit = Math.min(body.length, start + MAX_FIRST_EVENT);
  let depth = 0;
  let inText = false;
  for (let at = start; at < limit; at++) {
    const byte = body[at];
    if (inText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth++;
      if (depth > MAX_LEVELS) return null;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}
