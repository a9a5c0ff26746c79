import { expect, test } from 'bun:test';
import { answerReader } from './answers.ts';

const OK =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"reason":"é"}'.replace(
    '13',
    '15',
  );
const FULL = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length:0\r\nretry-after: 2\r\n\r\n';

test.each([
  ['an answer', OK, [200]],
  ['no body', FULL, [503]],
  ['several at once', OK + FULL + OK, [200, 503, 200]],
  ['one that is not complete', OK + OK.slice(0, -3), [200]],
])('%s, in pieces of any size', (_what, text, expected) => {
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 7, bytes.length]) {
    const statuses: number[] = [];
    const take = answerReader((status) => statuses.push(status));
    for (let from = 0; from < bytes.length; from += size) take(bytes.subarray(from, from + size));
    expect(statuses).toEqual(expected);
  }
});

test.each(['SMTP ready\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'])(
  '%p is refused',
  (text) => {
    expect(() => answerReader(() => {})(new TextEncoder().encode(text))).toThrow(
      'Not an answer with a length',
    );
  },
);
