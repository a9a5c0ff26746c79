import { type Json, nestsDeeper } from '../users/attributes.ts';

/** What can happen to a body between the one who signs it and us. */
export type BodyChange =
  | 'line_ending_changed'
  | 'byte_order_mark'
  | 'white_space_changed'
  | 'characters_escaped'
  | 'reserialised'
  | 'text_encoding_changed';

/** A body that may have been signed in place of the one that came. */
export interface SignedForm {
  body: string | Uint8Array;
  /** What has to have happened to it; takes a while with a large body. */
  change(): BodyChange;
}

/** Levels beyond which a body is not written again: out of stack, that would take seconds before it fails. */
const MAX_LEVELS = 1000;
const MARK = '\ufeff';

/** The bodies that proxies, frameworks and hand-made signers turn into this one, the likely ones first. */
export function* signedForms(bytes: Uint8Array): Generator<SignedForm> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  yield { body: otherMark(text), change: () => 'byte_order_mark' };
  for (const body of otherLineEndings(text)) yield { body, change: () => 'line_ending_changed' };
  yield { body: text.trim(), change: () => 'white_space_changed' };
  for (const body of otherJson(text)) yield { body, change: () => changeBetween(text, body) };
  for (const body of otherEncodings(bytes, text)) yield { body, change: () => 'text_encoding_changed' };
}

const otherMark = (text: string) => (text.startsWith(MARK) ? text.slice(1) : MARK + text);

function otherLineEndings(text: string): string[] {
  const unix = text.replaceAll('\r\n', '\n');
  const dos = unix.replaceAll('\n', '\r\n');
  const bare = [text, unix, dos].map(withoutLastLineEnd);
  return [unix, dos, ...bare, ...bare.flatMap((one) => [`${one}\n`, `${one}\r\n`])];
}

/** A regular expression would take quadratic time with many line ends in the middle. */
function withoutLastLineEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end--;
  return text.slice(0, end);
}

/** The same JSON as the common libraries write it. */
function otherJson(text: string): string[] {
  const value = parse(text);
  if (value === undefined || nestsDeeper(value, MAX_LEVELS)) return [];
  const compact = JSON.stringify(value);
  const spaced = compact.replace(
    /("[^"\\]*(?:\\.[^"\\]*)*")|[,:]/g,
    (part, literal) => literal ?? `${part} `,
  );
  const pretty = [2, 4, '\t'].map((indent) => JSON.stringify(value, null, indent));
  return [
    compact,
    ...[ascii, slashes, html].map((style) => style(compact)),
    ascii(slashes(compact)),
    ascii(compact).replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
    spaced,
    ascii(spaced),
    ...pretty,
    ...[compact, ...pretty].map((form) => `${form}\n`),
    withoutSpace(text),
  ];
}

/** Text of UTF-8 taken for Latin-1 and encoded once more, and the reverse. */
const otherEncodings = (bytes: Uint8Array, text: string): Uint8Array[] => [
  Buffer.from(text, 'latin1'),
  Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8'),
];

const unicode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
/** Python's json.dumps and PHP's json_encode. */
const ascii = (json: string) => json.replace(/[\u007f-\uffff]/g, unicode);
/** PHP's json_encode. */
const slashes = (json: string) => json.replaceAll('/', '\\/');
/** Go's encoding/json. */
const html = (json: string) => json.replace(/[<>&\u2028\u2029]/g, unicode);

const withoutSpace = (json: string) =>
  json.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_, literal) => literal ?? '');
const withoutEscapes = (json: string) =>
  json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, (literal) => JSON.stringify(parse(literal)));

/** What has to happen to one JSON text to become the other. */
function changeBetween(arrived: string, signed: string): BodyChange {
  const [a, b] = [withoutSpace(arrived), withoutSpace(signed)];
  if (a === b) return 'white_space_changed';
  return withoutEscapes(a) === withoutEscapes(b) ? 'characters_escaped' : 'reserialised';
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
