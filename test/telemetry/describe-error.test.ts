import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/bun-sqlite';
import { DomainError, OperatorError } from '../../src/errors.ts';
import { describeError, type ErrorDescription } from '../../src/telemetry/describe-error.ts';

const CANARY = 'canary-value';

/** What a piece of work throws. */
function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
const db = () => drizzle({ client: new Database(':memory:') });

const NAMELESS: [what: string, work: () => unknown, described: Partial<ErrorDescription>][] = [
  ['a parser', () => JSON.parse(`{"plan": ${CANARY}}`), { name: 'SyntaxError' }],
  ['a pattern', () => new RegExp(`(${CANARY}`), { name: 'SyntaxError' }],
  ['an address', () => new URL(CANARY), { name: 'TypeError', code: 'ERR_INVALID_URL' }],
  ['an argument', () => Buffer.from(Object.create(null, { [CANARY]: { value: 1 } })), { name: 'TypeError' }],
  [
    'a query',
    () => db().run(sql`SELECT ${CANARY} FROM nowhere`),
    { cause: { name: 'SQLiteError', message: 'no such table: nowhere', at: expect.any(Array) as never } },
  ],
  [
    'a cause',
    () => {
      throw new Error(CANARY, { cause: new SyntaxError(CANARY) });
    },
    { name: 'Error', cause: { name: 'SyntaxError', at: expect.any(Array) as never } },
  ],
  [
    'something thrown that is no error',
    () => {
      throw CANARY;
    },
    { name: 'string' },
  ],
];
test.each(NAMELESS)('what %s fell over is not told', (_what, work, described) => {
  const found = describeError(thrown(work));
  expect(found).toMatchObject(described);
  expect(JSON.stringify(found)).not.toContain(CANARY);
});

const TELLING: [what: string, work: () => unknown, described: Partial<ErrorDescription>][] = [
  [
    'the system',
    () => readFileSync('/nothing/here'),
    { code: 'ENOENT', message: expect.stringContaining('/nothing/here') as never },
  ],
  [
    'the database',
    () => new Database('/nothing/here'),
    { name: 'SQLiteError', message: 'unable to open database file' },
  ],
  [
    'a mistake of ours',
    () => (undefined as unknown as { nothing(): void }).nothing(),
    { name: 'TypeError', message: expect.stringContaining('undefined') as never },
  ],
  [
    'ourselves, to the operator',
    () => {
      throw new OperatorError('Nothing works', 'Mend it');
    },
    { message: 'Nothing works' },
  ],
  [
    'ourselves, to the caller',
    () => {
      throw new DomainError(409, 'taken', 'It is taken');
    },
    { message: 'It is taken' },
  ],
];
test.each(TELLING)('what %s says is told, and where', (_what, work, described) => {
  const found = describeError(thrown(work));
  expect(found).toMatchObject(described);
  expect(found.at?.join('\n')).toContain('describe-error.test.ts');
});

test('causes that go in a circle come to an end', () => {
  const one = new Error('one');
  one.cause = new Error('two', { cause: one });
  expect(JSON.stringify(describeError(one)).match(/cause/g)).toHaveLength(4);
});
