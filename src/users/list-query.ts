import type { Static } from '@sinclair/typebox';
import { DomainError } from '../errors.ts';
import { parseRules, type Rules } from '../segments/rules.ts';
import { pick, RULES_REFUSED } from '../segments/service.ts';
import type { Store } from '../store/store.ts';
import type { ListInput } from './list.ts';
import type { ListQuery } from './model.ts';

/** What a list is asked for, with the segment and rules it is about. */
export async function readListQuery(
  { store }: { store: Store },
  { segment, rules, sort = '-createdAt', limit = 50, ...rest }: Static<typeof ListQuery>,
): Promise<ListInput> {
  const segments = segment === undefined && rules === undefined ? [] : await store.listSegments();
  return {
    ...rest,
    sort,
    limit,
    ...(segment !== undefined && { segment: pick(segments, segment) }),
    ...(rules !== undefined && { rules: readRules(rules) }),
  };
}

function readRules(text: string): Rules {
  const { rules, problems } = parseRules(parseJson(text));
  if (problems === null) return rules;
  throw new DomainError(422, 'invalid_rules', RULES_REFUSED, problems);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError(422, 'invalid', 'The request has values that are not acceptable; see details', [
      { path: 'query.rules', message: 'must be JSON' },
    ]);
  }
}
