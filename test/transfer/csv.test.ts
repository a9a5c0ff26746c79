import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startTestService, type TestService } from '../helpers/service.ts';
import { CSV, type ImportResult, importFile, plainUsers, upload } from './files.ts';

/** What a file makes of an empty directory. Every user is told as `email`, then what else is known of them. */
interface Case {
  it: string;
  file: string | Uint8Array<ArrayBuffer>;
  /** Users afterwards by email: attributes, and the name where there is one. */
  users: Record<string, { attributes?: unknown; name?: string; externalId?: string }>;
  rejected?: ImportResult['errors'];
}

const ada = (attributes: unknown) => ({ 'ada@x.io': { attributes } });
/** One cell in a column of its own, with a title that may declare a type. */
const cell = (it: string, title: string, text: string, value: unknown): Case => ({
  it,
  file: `email,${title}\nada@x.io,${text}\n`,
  users: ada(value === undefined ? {} : { [title.replace(/:.*/, '')]: value }),
});
const refused = (it: string, title: string, text: string, reason: string): Case => ({
  it,
  file: `email,${title}\nada@x.io,${text}\n`,
  users: {},
  rejected: [{ line: 2, reason }],
});
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));

const CASES: Record<string, Case[]> = {
  'the shape of the file': [
    { it: 'one row', file: 'email,plan\nada@x.io,pro\n', users: ada({ plan: 'pro' }) },
    { it: 'no line break at the end', file: 'email,plan\nada@x.io,pro', users: ada({ plan: 'pro' }) },
    { it: 'CRLF', file: 'email,plan\r\nada@x.io,pro\r\n', users: ada({ plan: 'pro' }) },
    { it: 'CR alone', file: 'email,plan\rada@x.io,pro\r', users: ada({ plan: 'pro' }) },
    {
      it: 'a header with CRLF, rows with LF',
      file: 'email,plan\r\nada@x.io,pro\nbob@x.io,free\n',
      users: { 'ada@x.io': { attributes: { plan: 'pro' } }, 'bob@x.io': { attributes: { plan: 'free' } } },
    },
    {
      it: 'a header with LF, rows with CRLF',
      file: 'email,plan\nada@x.io,pro\r\nbob@x.io,free\r\n',
      users: { 'ada@x.io': { attributes: { plan: 'pro' } }, 'bob@x.io': { attributes: { plan: 'free' } } },
    },
    { it: 'a byte order mark', file: '\ufeffemail,plan\nada@x.io,pro\n', users: ada({ plan: 'pro' }) },
    {
      it: 'a byte order mark before quotes',
      file: '\ufeff"email","plan"\r\n"ada@x.io","pro"\r\n',
      users: ada({ plan: 'pro' }),
    },
    { it: 'UTF-16', file: utf16('email,plan\nada@x.io,größe\n'), users: ada({ plan: 'größe' }) },
    {
      it: 'rows that are not UTF-8 cost those rows alone',
      file: latin1('email,note\nada@x.io,ok\njo@x.io,"a\nÜber"\nbo@x.io,5" ü\njürgen@x.io,x\neve@x.io,7\n'),
      users: { 'ada@x.io': { attributes: { note: 'ok' } }, 'eve@x.io': { attributes: { note: '7' } } },
      rejected: [
        { line: 3, reason: 'not UTF-8; save the file as UTF-8' },
        { line: 5, reason: 'not valid CSV: invalid opening quote' },
        { line: 6, reason: 'not UTF-8; save the file as UTF-8' },
      ],
    },
    {
      it: 'replacement and other odd characters that are in the file itself',
      file: 'email,note\nada@x.io,\ufffd\ufeff\u00a0\u0085\n,\n',
      users: ada({ note: '\ufffd\ufeff\u00a0\u0085' }),
      rejected: [{ line: 3, reason: 'there is no email' }],
    },
    { it: 'a header alone', file: 'email,plan\n', users: {} },
    { it: 'a header alone, without a line break', file: 'email', users: {} },
    { it: 'empty lines', file: '\n\nemail,plan\n\nada@x.io,pro\n\n', users: ada({ plan: 'pro' }) },
    {
      it: 'letters of every script',
      file: 'email,город,🔥\nada@x.io,Köln 企業,é\n',
      users: ada({ город: 'Köln 企業', '🔥': 'é' }),
    },
  ],

  quotes: [
    {
      it: 'commas, quotes and line breaks in cells',
      file: 'email,note\nada@x.io,"a, ""b""\nand c"\n',
      users: ada({ note: 'a, "b"\nand c' }),
    },
    {
      it: 'white space around the text stays',
      file: 'email,note\nada@x.io,"  a "\n',
      users: ada({ note: '  a ' }),
    },
    { it: 'an empty quoted cell says nothing', file: 'email,note\nada@x.io,""\n', users: ada({}) },
    {
      it: 'a stray quote costs its row alone, and is told once',
      file: 'email,note\nada@x.io,5" by 3"\nbob@x.io,"a "b" c"\neve@x.io,ok\n',
      users: { 'eve@x.io': { attributes: { note: 'ok' } } },
      rejected: [
        { line: 2, reason: 'not valid CSV: invalid opening quote' },
        { line: 3, reason: 'not valid CSV: invalid closing quote' },
      ],
    },
    {
      it: 'a quote that is never closed is told where it begins',
      file: 'email,note\nada@x.io,ok\nbob@x.io,"oh\neve@x.io,no\nfay@x.io,no\n',
      users: ada({ note: 'ok' }),
      rejected: [{ line: 3, reason: 'not valid CSV: quote not closed' }],
    },
  ],

  'line numbers': [
    {
      it: 'after cells of several lines',
      file: 'email,note\nada@x.io,"1\n2\n3"\n,x\nbob@x.io,"1\n2",3\n,x\n',
      users: ada({ note: '1\n2\n3' }),
      rejected: [
        { line: 5, reason: 'there is no email' },
        { line: 6, reason: 'the row has 3 columns, the header 2' },
        { line: 8, reason: 'there is no email' },
      ],
    },
    {
      it: 'after cells of several lines with CRLF',
      file: 'email,note\r\nada@x.io,"1\r\n2\r\n3"\r\n,x\r\nbob@x.io,"1\r\n2",3\r\n,x\r\n',
      users: ada({ note: '1\r\n2\r\n3' }),
      rejected: [
        { line: 5, reason: 'there is no email' },
        { line: 6, reason: 'the row has 3 columns, the header 2' },
        { line: 8, reason: 'there is no email' },
      ],
    },
    {
      it: 'of what is no CSV after cells of several lines with CRLF',
      file: 'email,note\r\nada@x.io,"1\r\n2\r\n3"\r\nbob@x.io,5" by 3"\r\n,x\r\n',
      users: ada({ note: '1\r\n2\r\n3' }),
      rejected: [
        { line: 5, reason: 'not valid CSV: invalid opening quote' },
        { line: 6, reason: 'there is no email' },
      ],
    },
    {
      it: 'after empty lines',
      file: '\nemail,note\n\n\n,x\n\n,y\n',
      users: {},
      rejected: [
        { line: 5, reason: 'there is no email' },
        { line: 7, reason: 'there is no email' },
      ],
    },
  ],

  columns: [
    {
      it: 'email, name and externalId are no attributes',
      file: 'Email,NAME,externalId,plan\n ADA@x.io ,Ada L,u1,pro\n',
      users: { 'ada@x.io': { name: 'Ada L', externalId: 'u1', attributes: { plan: 'pro' } } },
    },
    ...['externalid', 'external_id', 'userId', 'user_id', 'User_ID'].map(
      (title): Case => ({
        it: `${title} is the externalId`,
        file: `${title},email\nu1,ada@x.io\n`,
        users: { 'ada@x.io': { externalId: 'u1', attributes: {} } },
      }),
    ),
    {
      it: 'a column without a name is left out',
      file: 'email,,plan\nada@x.io,x,pro\n',
      users: ada({ plan: 'pro' }),
    },
    {
      it: 'id and createdAt of a file that is no export are attributes',
      file: 'email,id,updatedAt\nada@x.io,x1,2026\n',
      users: ada({ id: 'x1', updatedAt: 2026 }),
    },
    {
      it: 'keys of every object are ordinary ones',
      file: 'email,__proto__,constructor,toString:json,hasOwnProperty\nada@x.io,a,b,"{""__proto__"":1}",c\n',
      users: ada(
        JSON.parse('{"__proto__":"a","constructor":"b","toString":{"__proto__":1},"hasOwnProperty":"c"}'),
      ),
    },
    {
      it: 'a colon that declares no type belongs to the name',
      file: 'email,utm:source,:number\nada@x.io,x,1\n',
      users: ada({ 'utm:source': 'x', ':number': 1 }),
    },
    {
      it: 'a key that ends like a type, with its type',
      file: 'email,seats:int:number,Number\nada@x.io,4,5\n',
      users: ada({ 'seats:int': 4, Number: 5 }),
    },
    {
      it: 'other attributes of an export',
      file: 'email,n:number,other:attributes\nada@x.io,,"{""n"":""many"",""__proto__"":[1]}"\nbob@x.io,1,\n',
      users: {
        'ada@x.io': { attributes: JSON.parse('{"n":"many","__proto__":[1]}') },
        'bob@x.io': { attributes: { n: 1 } },
      },
    },
    {
      it: 'other attributes that can not be taken',
      file: 'email,n,other:attributes\nada@x.io,1,[1]\nada@x.io,1,x\nada@x.io,1,"{""n"":2}"\n',
      users: {},
      rejected: [
        { line: 2, reason: '"other:attributes" is not a JSON object' },
        { line: 3, reason: '"other:attributes" is not JSON' },
        { line: 4, reason: '"n" is in two columns' },
      ],
    },
    {
      it: 'too few and too many cells',
      file: 'email,plan\nada@x.io\nbob@x.io,pro,7\neve@x.io,pro\n',
      users: { 'eve@x.io': { attributes: { plan: 'pro' } } },
      rejected: [
        { line: 2, reason: 'the row has 1 columns, the header 2' },
        { line: 3, reason: 'the row has 3 columns, the header 2' },
      ],
    },
  ],

  emails: [
    {
      it: 'missing, blank, and no address',
      file: 'email,n\n,1\n   ,1\nada,1\na b@x.io,1\nada@x.io,1\n',
      users: ada({ n: 1 }),
      rejected: [
        { line: 2, reason: 'there is no email' },
        { line: 3, reason: 'there is no email' },
        { line: 4, reason: 'the email is not an address' },
        { line: 5, reason: 'the email is not an address' },
      ],
    },
    {
      it: 'the same user twice: the second row adds',
      file: 'email,plan,n\nada@x.io,pro,\nADA@x.io,,1\nada@x.io,free,\n',
      users: ada({ plan: 'free', n: 1 }),
    },
  ],

  'declared types': [
    cell('a number', 'n:number', '4.20', 4.2),
    cell('a number in any spelling', 'n:number', ' +1e3 ', 1000),
    refused('no number', 'n:number', 'many', '"n" is not a number'),
    refused('no finite number', 'n:number', '1e999', '"n" is not a number'),
    cell('a boolean', 'b:boolean', 'TRUE', true),
    refused('no boolean', 'b:boolean', 'yes', '"b" is not a boolean'),
    cell('a date', 'd:date', '2026-01-31', '2026-01-31'),
    cell('a date in Unix seconds', 'd:date', '1769817600', '1769817600'),
    refused('no date that rules could read', 'd:date', 'Jan 31 2026', '"d" is not a date'),
    cell('JSON', 'j:json', '"{""a"":[1,null]}"', { a: [1, null] }),
    cell('JSON null unsets', 'j:json', 'null', undefined),
    refused('no JSON', 'j:json', '{a}', '"j" is not JSON'),
    cell('text stays text', 't:text', '007', '007'),
    cell('an empty cell says nothing', 'n:number', '', undefined),
  ],

  'inferred types': [
    cell('whole numbers', 'n', '42', 42),
    cell('negative and broken numbers', 'n', '-1.5', -1.5),
    cell('zero', 'n', '0', 0),
    cell('leading zeros are text', 'n', '007', '007'),
    cell('a plus is text', 'n', '+49', '+49'),
    cell('an exponent is text', 'n', '1e5', '1e5'),
    cell('hexadecimal is text', 'n', '0x1f', '0x1f'),
    cell('fifteen digits are a number', 'n', '123456789012345', 123456789012345),
    cell('more digits than a number can hold are text', 'n', '1234567890123456', '1234567890123456'),
    cell('booleans', 'b', 'True', true),
    cell('dates are text that rules read as dates', 'd', '2026-01-31T00:00:00Z', '2026-01-31T00:00:00Z'),
    cell('JSON is text unless declared', 'j', '[1]', '[1]'),
    {
      it: 'by all cells of the column',
      file: 'email,n,b,z\nada@x.io,1,true,1\nbob@x.io,x,1,01\n',
      users: {
        'ada@x.io': { attributes: { n: '1', b: 'true', z: '1' } },
        'bob@x.io': { attributes: { n: 'x', b: '1', z: '01' } },
      },
    },
    {
      it: 'what does not fit after the first 200 rows stays as it is written',
      file: `email,n\n${Array.from({ length: 200 }, (_, i) => `,${i}\n`).join('')}a@x.io,007\nb@x.io,1e5\nc@x.io,x\nd@x.io,8\n`,
      users: {
        'a@x.io': { attributes: { n: '007' } },
        'b@x.io': { attributes: { n: '1e5' } },
        'c@x.io': { attributes: { n: 'x' } },
        'd@x.io': { attributes: { n: 8 } },
      },
      rejected: Array.from({ length: 100 }, (_, i) => ({ line: i + 2, reason: 'there is no email' })),
    },
  ],
};

let t: TestService;
beforeAll(async () => {
  t = await startTestService();
});
afterAll(() => t.stop());

async function emptyDirectory() {
  const { body } = await t.api('GET', '/api/v1/users?limit=200');
  for (const { id } of body.data) await t.api('DELETE', `/api/v1/users/${id}`);
}

for (const [topic, cases] of Object.entries(CASES)) {
  describe(topic, () => {
    test.each(cases.map((one): [string, Case] => [one.it, one]))(
      '%s',
      async (_it, { file, users, rejected = [] }) => {
        await emptyDirectory();
        const result = await importFile(t, CSV, file);
        expect(result.errors).toEqual(rejected);
        expect(result.created).toBe(Object.keys(users).length);
        const expected = Object.entries(users).map(([email, user]) => ({
          email,
          name: null,
          externalId: null,
          attributes: {},
          ...user,
        }));
        expect(await plainUsers(t)).toEqual(expected);
      },
    );
  });
}

describe('a file that is refused as a whole', () => {
  const long = `"${'x'.repeat(4 * 1024 * 1024)}"`;
  test.each([
    ['an empty file', '', 'no_email_column', ''],
    ['blank lines alone', '\n\r\n\n', 'no_email_column', ''],
    ['no email column', 'mail,plan\nada@x.io,pro\n', 'no_email_column', 'email'],
    ['columns between semicolons', 'email;plan\nada@x.io;pro\n', 'no_email_column', '--delimiter semicolon'],
    ['columns between tabs', 'plan\tEmail\n', 'no_email_column', '?delimiter=tab'],
    ['quoted columns between semicolons', '"plan";"email"\n', 'broken_header', '?delimiter='],
    ['an unknown type', 'email,seats:int\n', 'unknown_type', 'text, number, boolean, date, json'],
    ['an unknown type, and how to keep the name', 'email,a:b:String\n', 'unknown_type', '"a:b:String:text"'],
    ['a type in another case', 'email,seats: Number\n', 'unknown_type', 'write "seats:number"'],
    ['a header that is not UTF-8', latin1('email,größe\n'), 'broken_header', 'save the file as UTF-8'],
    ['a column twice', 'email,plan,n,plan\nada@x.io,a,1,b\n', 'duplicate_column', '"plan" and "plan"'],
    [
      'a column twice by its meaning',
      'email,a,a:number\nada@x.io,1,2\n',
      'duplicate_column',
      '"a" and "a:number"',
    ],
    [
      'two externalIds',
      'email,user_id,externalId\nada@x.io,1,2\n',
      'duplicate_column',
      '"user_id" and "externalId"',
    ],
    ['two emails', 'email,Email\nada@x.io,b@x.io\n', 'duplicate_column', '"email" and "Email"'],
    ['a broken header', 'email,my "plan"\nemail,plan\n', 'broken_header', 'line 1'],
    ['a row without end', `email,note\nada@x.io,x\nbob@x.io,${long}\n`, 'row_too_long', 'line 3'],
  ])('%s', async (_it, file, code, message) => {
    await emptyDirectory();
    const { status, body } = await upload(t, CSV, file);
    expect({ status, code: body.error?.code }).toEqual({ status: 422, code });
    expect(body.error.message).toContain(message);
  });

  test('rows before a row without end stay in', async () => {
    await emptyDirectory();
    const crowd = Array.from({ length: 300 }, (_, i) => `u${i}@x.io,x\n`).join('');
    const { status } = await upload(t, CSV, `email,note\n${crowd}bob@x.io,${long}\neve@x.io,x\n`);
    expect(status).toBe(422);
    const { body } = await t.api('GET', '/api/v1/users?limit=1');
    expect(body.meta.pagination.total).toBe(300);
  });
});
