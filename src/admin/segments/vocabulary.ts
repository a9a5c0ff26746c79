import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, result } from '../api.ts';
import { attributesQuery } from '../queries.ts';
import { EDITOR } from '../texts/segments.ts';
import type { Operand } from './rules.ts';

/** Operators, built-in fields and limits, as the service checks rules with them. */
export const vocabularyQuery = queryOptions({
  queryKey: ['operators'],
  queryFn: () => result(api.operators.get()).then(({ data }) => data),
  staleTime: Number.POSITIVE_INFINITY,
});
type Offer = NonNullable<Awaited<ReturnType<typeof api.operators.get>>['data']>['data'];
type Operator = Offer['operators'][number];
export type ValueType = Operator['fits'][number]['type'];
export type Value = string | number | boolean;

/** What a condition can be about. */
export interface Field {
  name: string;
  /** `company › employees`. */
  title: string;
  /** Types of its values, the most common first; none where nobody has it. */
  types: ValueType[];
  isSegment: boolean;
  builtIn: boolean;
  description: string;
  /** People who have it; null where that is not counted. */
  users: number | null;
  /** Common values, the most common first. */
  values: { value: Value; users: number }[];
}

export interface Vocabulary {
  limits: Offer['limits'];
  fields: Field[];
  /** Any field, also one that nobody has. */
  field(name: string): Field;
  operandOf(operator: string): Operand | null;
  /** Operators for a field, in words; `current` is among them whatever it is. */
  operatorsFor(field: string, current?: string): { name: string; title: string; description: string }[];
  titleOf(operator: string, field: string): string;
}

const ATTRIBUTE = 'attributes.';
export const attributeTitle = (path: string): string => path.split('.').join(' › ');

type Attributes = NonNullable<Awaited<ReturnType<typeof api.attributes.get>>['data']>['data'];

export function createVocabulary(
  { operators, fields: builtIn, limits }: Offer,
  attributes: Attributes,
): Vocabulary {
  const byName = new Map(operators.map((operator) => [operator.name, operator]));
  const own = new Map(builtIn.map((field) => [field.name, field]));
  const fields: Field[] = [
    ...builtIn.map(({ name, title, description, type }) => ({
      name,
      title,
      types: type === 'segment' ? [] : [type],
      isSegment: type === 'segment',
      builtIn: true,
      description,
      users: null,
      values: [],
    })),
    ...attributes.map(({ path, types, users, values }) => ({
      name: ATTRIBUTE + path,
      title: attributeTitle(path),
      types: commonTypes(types),
      isSegment: false,
      builtIn: false,
      description: '',
      users,
      values,
    })),
  ];
  const fieldByName = new Map(fields.map((field) => [field.name, field]));

  const field = (name: string): Field =>
    fieldByName.get(name) ?? {
      name,
      title: attributeTitle(name.startsWith(ATTRIBUTE) ? name.slice(ATTRIBUTE.length) : name),
      types: [],
      isSegment: false,
      builtIn: false,
      description: EDITOR.nobodyHasIt,
      users: 0,
      values: [],
    };

  function titleOf(name: string, of: string): string {
    const operator = byName.get(name);
    if (operator === undefined) return name;
    const { types } = field(of);
    const fit = types.map((type) => operator.fits.find((one) => one.type === type)).find((one) => one);
    return fit?.title ?? operator.title;
  }

  function isOffered({ name, fits }: Operator, { types, ...of }: Field): boolean {
    const allowed = own.get(of.name)?.operators;
    if (allowed !== undefined && !allowed.includes(name)) return false;
    if (of.isSegment) return true;
    // Nobody has it, or objects alone: then what makes sense for any type, or for one at least.
    if (types.length === 0) return fits.some((fit) => fit.offered);
    return fits.some((fit) => fit.offered && types.includes(fit.type));
  }

  return {
    limits,
    fields,
    field,
    titleOf,
    operandOf: (name) => byName.get(name)?.operand ?? null,
    operatorsFor(name, current = '') {
      const of = field(name);
      return operators
        .filter((operator) => operator.name === current || isOffered(operator, of))
        .map((operator) => ({
          name: operator.name,
          title: titleOf(operator.name, name),
          description: operator.description,
        }));
    },
  };
}

const TYPES: readonly string[] = ['text', 'number', 'boolean', 'date', 'list'];
const commonTypes = (types: Record<string, number>): ValueType[] =>
  Object.entries(types)
    .filter(([type, users]) => users > 0 && TYPES.includes(type))
    .sort(([, a], [, b]) => b - a)
    .map(([type]) => type as ValueType);

/** The words rules are made of; also what is still missing of them, for a page to say. */
export function useVocabulary() {
  const offer = useQuery(vocabularyQuery);
  const attributes = useQuery(attributesQuery);
  const vocabulary = useMemo(
    () =>
      offer.data === undefined || attributes.data === undefined
        ? null
        : createVocabulary(offer.data, attributes.data),
    [offer.data, attributes.data],
  );
  return {
    vocabulary,
    error: offer.error ?? attributes.error,
    retry: () => Promise.all([offer.refetch(), attributes.refetch()]),
  };
}
