import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { inChunks, readList, withLines } from '../../src/admin/segments/pasted-list.ts';

const texts = (pasted: string) => readList(pasted).entries.map(({ text, line }) => `${line}:${text}`);

describe('a pasted list', () => {
  test.each<[string, string[], number]>([
    ['', [], 0],
    [' \n\n,;\t', [], 0],
    ['a@x.io', ['1:a@x.io'], 0],
    ['a@x.io\r\nb@x.io\rc@x.io\n', ['1:a@x.io', '2:b@x.io', '3:c@x.io'], 0],
    ['a@x.io, b@x.io; c@x.io\td@x.io', ['1:a@x.io', '1:b@x.io', '1:c@x.io', '1:d@x.io'], 0],
    ['"a@x.io",\n<b@x.io>', ['1:a@x.io', '2:b@x.io'], 0],
    ['a@x.io\n\nA@X.io\na@x.io', ['1:a@x.io'], 2],
    ['user_7\nno address', ['1:user_7', '2:no address'], 0],
  ])('%j', (pasted, expected, repeated) => {
    expect(texts(pasted)).toEqual(expected);
    expect(readList(pasted).repeated).toBe(repeated);
  });

  test('is sent whole, in parts of at most 1,000, ids and addresses apart', () => {
    const entry = fc.oneof(
      fc.nat(5000).map((n) => `u${n}@x.io`),
      fc.integer({ min: 1, max: 5000 }).map((n) => `user_${n}`),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4000, size: 'max' }), (list) => {
        const { entries, repeated } = readList(list.join('\n'));
        expect(entries.length + repeated).toBe(list.length);
        const chunks = inChunks(entries);
        for (const { kind, entries: part } of chunks) {
          expect(part.length).toBeWithin(1, 1001);
          expect(part.every(({ text }) => text.includes('@') === (kind === 'emails'))).toBe(true);
        }
        expect(new Set(chunks.flatMap((chunk) => chunk.entries))).toEqual(new Set(entries));
      }),
      { numRuns: 20 },
    );
  });

  test('names the lines that failed', () => {
    const [chunk] = inChunks(readList('a@x.io\nnobody@x.io').entries);
    if (chunk === undefined) throw new Error('There is one chunk');
    expect(withLines(chunk, [{ user: 'nobody@x.io', reason: 'no_match' }])).toEqual([
      { text: 'nobody@x.io', line: 2, reason: 'no_match' },
    ]);
  });
});
