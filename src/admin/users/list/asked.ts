import { useMemo } from 'react';
import { useAddressParams } from '../../address.ts';
import { type Condition, isGroup, type Rules } from '../../segments/rules.ts';

export const SORTS = ['-createdAt', 'createdAt', 'email', '-email', 'name', '-name'] as const;
export type Sort = (typeof SORTS)[number];

/** What the list is asked for; all of it stands in the address. */
export interface Asked {
  search: string;
  segment: string;
  /** JSON as the API takes it; "" for none. */
  rules: string;
  sort: Sort;
}

export function useAsked(): Asked {
  const [params] = useAddressParams();
  const [search, segment, rules, sort] = ['search', 'segment', 'rules', 'sort'].map(
    (name) => params.get(name) ?? '',
  );
  return useMemo(
    () => ({
      search: search?.trim() ?? '',
      segment: segment ?? '',
      rules: rules ?? '',
      sort: SORTS.find((one) => one === sort) ?? '-createdAt',
    }),
    [search, segment, rules, sort],
  );
}

export const isFiltered = ({ search, segment, rules }: Asked): boolean =>
  search !== '' || segment !== '' || rules !== '';

/** The rules of the address; null where they are no rules at all. */
export function readRules(text: string): Rules | null {
  if (text === '') return { match: 'all', conditions: [] };
  try {
    const rules = JSON.parse(text) as Rules;
    const { match, conditions } = rules;
    const readable =
      (match === 'all' || match === 'any') && Array.isArray(conditions) && conditions.every(isNode);
    return readable ? rules : null;
  } catch {
    return null;
  }
}
const isNode = (node: unknown) =>
  typeof node === 'object' && node !== null && ('conditions' in node || 'field' in node);

export const writeRules = (rules: Rules): string =>
  rules.conditions.length === 0 ? '' : JSON.stringify(rules);

/** One more condition that must hold as well. */
export function withCondition(rules: Rules, condition: Condition): Rules {
  const both = rules.match === 'all' || rules.conditions.length < 2;
  return { match: 'all', conditions: [...(both ? rules.conditions : [rules]), condition] };
}

/** The conditions that can be taken away one by one; null where the rules only make sense as a whole. */
export function separateConditions(rules: Rules): Condition[] | null {
  const flat = rules.conditions.filter((node): node is Condition => !isGroup(node));
  const apart = flat.length === rules.conditions.length && (rules.match === 'all' || flat.length < 2);
  return apart ? flat : null;
}
