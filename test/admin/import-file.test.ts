import { describe, expect, test } from 'bun:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import {
  type Column,
  checkMapping,
  guessMapping,
  headerLine,
  TYPES,
} from '../../src/admin/users/import/mapping.ts';
import { readCsvStart, SIGNS } from '../../src/admin/users/import/read-start.ts';
import { readHeader, titleOfKey } from '../../src/transfer/columns.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const delimiters = fc.constantFrom('comma', 'semicolon', 'tab');
const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\0', ''));

describe('the beginning of a CSV file', () => {
  test('is read as the service reads it', () => {
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        table,
        delimiters,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        (rows, delimiter, end, bom) => {
          const sign = SIGNS[delimiter];
          const text = rows.map((row) => row.map(quote).join(sign)).join(end);
          const file = bytes(`${bom ? '\ufeff' : ''}${text}`);
          const start = readCsvStart(file, true);
          if (typeof start === 'string') throw new Error(start);
          const expected: string[][] = parse(text, {
            delimiter: sign,
            relax_column_count: true,
            record_delimiter: end,
          });
          // Where the first line has no separator nobody can tell which it is.
          expect(start.delimiter).toBe(rows[0] && rows[0].length > 1 ? delimiter : 'comma');
          expect([start.header, ...start.rows]).toEqual(expected);
          const rest = new TextDecoder().decode(file.subarray(start.rowsAt));
          expect(rest).toBe(
            rows
              .slice(1)
              .map((row) => row.map(quote).join(sign))
              .join(end),
          );
        },
      ),
    );
  });

  test.each([
    ['email\n', true, ['email'], 6],
    ['\n\nemail\na@x.io', true, ['email'], 8],
    ['email,name', true, ['email', 'name'], 10],
    ['email,"na\nme"\r\n', true, ['email', 'na\nme'], 15],
  ] as const)('%j', (text, whole, header, rowsAt) => {
    expect(readCsvStart(bytes(text), whole)).toMatchObject({ header, rowsAt });
  });

  test('a row that is cut off is not shown', () => {
    expect(readCsvStart(bytes('email,n\na@x.io,1\nb@x.io,'), false)).toMatchObject({
      rows: [['a@x.io', '1']],
    });
    expect(readCsvStart(bytes('email,na'), false)).toBe('noHeader');
  });
});

describe('a mapping', () => {
  const column: fc.Arbitrary<Column> = fc.record({
    title: cell,
    target: fc.constantFrom('attribute', 'skip'),
    key: fc.oneof(
      cell,
      fc.constantFrom('email', 'Name', 'user_id', 'id', 'createdAt', 'a:number', '"a"', 'a,b;c\td', ' x '),
    ),
    type: fc.constantFrom(...TYPES),
  });

  test('means to the service what it says', () => {
    fc.assert(
      fc.property(fc.array(column, { maxLength: 6 }), delimiters, (others, delimiter) => {
        const columns: Column[] = [{ title: 'x', target: 'email', key: '', type: 'auto' }, ...others];
        fc.pre(checkMapping(columns).length === 0);
        const line = headerLine(columns, delimiter);
        const [header = []]: string[][] = parse(line, {
          delimiter: SIGNS[delimiter],
          relax_column_count: true,
        });
        expect(header).toHaveLength(columns.length);
        const read = readHeader(header, []);
        expect(read.map((one) => ('key' in one ? one.key : one.kind))).toEqual(
          columns.map(({ target, key }) =>
            target === 'attribute' ? key : target === 'skip' ? 'ignored' : target,
          ),
        );
        columns.forEach(({ target, type }, i) => {
          if (target !== 'attribute' || type === 'auto') return;
          expect(read[i]).toMatchObject({ type, declared: true });
        });
      }),
    );
  });

  test('of an export is the one that gives everything back', () => {
    const keys = ['plan', 'a:number', ' x', '"q"', 'id2', ''];
    const header = ['id', 'email', 'name', 'externalId', 'createdAt', 'updatedAt', 'lastSeenAt'];
    const guessed = guessMapping([...header, ...keys.map((key) => `${titleOfKey(key)}:json`)]);
    expect(guessed.map(({ target }) => target)).toEqual([
      'skip',
      'email',
      'name',
      'externalId',
      'skip',
      'skip',
      'skip',
      ...keys.map(() => 'attribute' as const),
    ]);
    expect(guessed.slice(header.length).map(({ key, type }) => [key, type])).toEqual(
      keys.map((key) => [key, 'json']),
    );
  });

  test.each([
    [
      ['Email', 'Name', 'User ID'],
      ['email', 'name', 'externalId'],
    ],
    [
      ['email address', 'E-Mail', 'userId'],
      ['email', 'attribute', 'externalId'],
    ],
    [
      ['id', 'mail', ''],
      ['attribute', 'email', 'skip'],
    ],
  ])('%j is guessed to be %j', (header, targets) => {
    expect(guessMapping(header).map(({ target }) => target)).toEqual(targets as never);
  });
});
