import type { Field, Value } from './vocabulary.ts';

/**
 * What a typed text means for an attribute: the value it stood for before, one that people have, or a number where the
 * attribute holds numbers; else the text itself.
 */
export function readScalar(
  text: string,
  { types, values }: Pick<Field, 'types' | 'values'>,
  before: unknown,
): Value {
  if (typeof before === 'number' || typeof before === 'boolean') {
    if (String(before) === text) return before;
  }
  const known = values.find(({ value }) => String(value) === text);
  if (known !== undefined) return known.value;
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
  return types[0] === 'number' && isNumber ? Number(text) : text;
}
