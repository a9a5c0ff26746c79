import type { SegmentInput } from '../../../src/segments/service.ts';
import { DAY_MS } from './user.ts';

type Node =
  | { field: string; operator: string; value?: unknown }
  | { match: 'all' | 'any'; conditions: Node[] };

const is = (field: string, operator: string, value?: unknown): Node => ({
  field: field.replace(/^\./, 'attributes.'),
  operator,
  ...(value === undefined ? {} : { value }),
});
const all = (...conditions: Node[]): Node => ({ match: 'all', conditions });
const any = (...conditions: Node[]): Node => ({ match: 'any', conditions });

/**
 * Twenty dynamic segments as a growth team would draw them up, small and large; two depend on the time that passes,
 * the last refers to others. `now` (Unix milliseconds) anchors the fixed dates.
 */
export function segments(now: number): (SegmentInput & { rules: unknown })[] {
  const day = (ago: number) => new Date(now - ago * DAY_MS).toISOString().slice(0, 10);
  const rules: [name: string, rules: Node][] = [
    ['Enterprise', all(is('.plan', 'eq', 'enterprise'))],
    ['Paying', all(is('.plan', 'in', ['starter', 'pro', 'enterprise']))],
    [
      'Free in Europe',
      all(is('.plan', 'eq', 'free'), is('.country', 'in', ['DE', 'FR', 'NL', 'ES', 'SE', 'PL'])),
    ],
    ['Large accounts', any(is('.company.employees', 'gte', 1000), is('.seats', 'gt', 250))],
    ['Mid market', all(is('.company.employees', 'between', [50, 999]))],
    ['New users', all(is('.signedUpAt', 'within_last', { days: 30 }))],
    ['Active this week', all(is('lastSeenAt', 'within_last', { days: 7 }))],
    ['High value', all(is('.mrr', 'gte', 1000))],
    [
      'Ready to expand',
      all(
        is('.plan', 'in', ['starter', 'pro']),
        any(is('.seats', 'gte', 15), all(is('.company.employees', 'gt', 200), is('.role', 'neq', 'viewer'))),
      ),
    ],
    ['Admins and owners', all(is('.role', 'in', ['admin', 'owner']))],
    ['Single sign-on', all(is('.features', 'includes', 'sso'))],
    [
      'Lacks single sign-on',
      all(
        is('.plan', 'neq', 'free'),
        is('.features', 'not_includes', 'sso'),
        is('.company.employees', 'gt', 500),
      ),
    ],
    ['Speaks German', all(is('.language', 'starts_with', 'de'))],
    ['Private mailbox', all(is('email', 'matches', '@(gmail|outlook|icloud|proton)\\.'))],
    ['Newsletter', all(is('.marketingOptIn', 'is_true'), is('email', 'not_contains', '+test'))],
    ['Industry unknown', all(is('.industry', 'is_not_set'))],
    [
      'Regulated',
      any(is('.industry', 'in', ['finance', 'healthcare']), is('.company.name', 'ends_with', 'bank')),
    ],
    ['Old guard', all(is('.signedUpAt', 'before', day(1000)))],
    [
      'Upsell by mail',
      all(
        is('.marketingOptIn', 'is_true'),
        is('.company.plan', 'not_in', ['enterprise']),
        any(is('.seats', 'between', [3, 50]), is('.features', 'includes', 'beta')),
      ),
    ],
    [
      'Champions',
      all(is('segment', 'eq', 'active-this-week'), is('segment', 'in', ['high-value', 'admins-and-owners'])),
    ],
  ];
  return rules.map(([name, rules]) => ({ name, type: 'dynamic', rules }));
}
