import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTables } from '../../docs/rules.ts';
import { OPERATORS } from '../../src/segments/operators.ts';
import { FIELDS, parseRules } from '../../src/segments/rules.ts';
import { operationsOf } from '../api/operations.ts';
import { startTestService } from '../helpers/service.ts';

const ROOT = join(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const TEXT = read('docs/rules.md');

test('the tables are those the code has now; else run `bun run docs`', () => {
  expect(TEXT).toBe(withTables(TEXT));
});

test('a document without a place for them is refused', () => {
  expect(() => withTables('# Rules')).toThrow('fields');
});

test('every operator and every field has a row', () => {
  for (const name of [...Object.keys(OPERATORS), ...Object.keys(FIELDS)])
    expect(TEXT).toContain(`\n| \`${name}\` | `);
});

test('every row has as many cells as its table', () => {
  const rows = TEXT.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(Object.keys(OPERATORS).length);
  for (const row of rows) expect([3, 5]).toContain(row.split(/(?<!\\)\|/).length - 2);
});

test('every example is a rule set that is accepted', () => {
  const examples = [...TEXT.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json ?? ''));
  expect(examples.length).toBeGreaterThan(3);
  for (const example of examples) expect(parseRules(example).problems).toBe(null);
});

test('every route it names is there', async () => {
  const t = await startTestService();
  const known = (await operationsOf(t)).map(({ method, path }) => `${method} ${path}`);
  await t.stop();
  const named = [...TEXT.matchAll(/(GET|POST) (\/api\/v1[^?`\s]*)/g)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  expect(named.length).toBeGreaterThan(5);
  for (const route of named) expect(known).toContain(route);
});

test('the README leads to it', () => {
  expect(read('README.md')).toContain('](docs/rules.md)');
});
