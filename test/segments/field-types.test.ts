import { expect, test } from 'bun:test';
import { isoDate } from '../../src/segments/operands.ts';
import { parseRules } from '../../src/segments/rules.ts';
import { noAttributes } from '../../src/users/attributes.ts';
import { patchUser } from '../../src/users/patch.ts';
import { emptyUser } from '../../src/users/user.ts';

const problemsOf = (field: string, operator: string, value: unknown) =>
  parseRules({ match: 'all', conditions: [{ field, operator, value }] }).problems?.map(({ path }) => path) ??
  [];

test.each([
  ['createdAt', 'contains', '17', ['rules.conditions[0].operator']],
  ['createdAt', 'is_true', undefined, ['rules.conditions[0].operator']],
  ['createdAt', 'eq', 'abc', ['rules.conditions[0].value']],
  ['lastSeenAt', 'gt', 1_700_000_000, ['rules.conditions[0].value']],
  ['lastSeenAt', 'in', ['2026-01-31', 'yesterday'], ['rules.conditions[0].value']],
  ['email', 'gt', 5, ['rules.conditions[0].operator']],
  ['name', 'within_last', { days: 3 }, ['rules.conditions[0].operator']],
  ['createdAt', 'gte', '2026-01-31', []],
  ['createdAt', 'between', ['2026-01-01', '2026-01-31'], []],
  ['lastSeenAt', 'within_last', { days: 30 }, []],
  ['lastSeenAt', 'is_not_set', undefined, []],
  ['email', 'ends_with', '@example.com', []],
  ['externalId', 'not_in', ['u1', 'u2'], []],
])('%s %s %p', (field, operator, value, problems) => {
  expect(problemsOf(field, operator, value)).toEqual(problems);
});

test.each([
  ['2026-02-28', true],
  ['2026-02-29', false],
  ['2028-02-29', true],
  ['2026-04-31T00:00:00Z', false],
  ['2026-12-31', true],
])('%s is a date: %p', (text, is) => {
  expect(isoDate(text) !== null).toBe(is);
});

test('a limit keeps attributes from growing in number, never from being changed or unset', () => {
  const limits = { maxAttributes: 2, maxUserBytes: 10_000 };
  const user = {
    ...emptyUser('ada@example.com', 1),
    attributes: { ...noAttributes(), values: { a: 1, b: 2, c: 3, gone: null }, clock: 1 },
  };
  const refusedBy = (attributes: Record<string, number | null>) =>
    patchUser(user, { at: 5, attributes }, 10, limits).refused;
  expect(refusedBy({ a: 9 })).toBeNull();
  expect(refusedBy({ a: null, gone: 1 })).toBeNull();
  expect(refusedBy({ d: 4 })).toBe('too_many_attributes');
});
