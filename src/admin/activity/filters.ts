import { useAddressFilters } from '../address.ts';
import { OUTCOMES, REASONS } from '../texts/reasons.ts';

const NAMES = ['direction', 'outcome', 'user', 'segment', 'from', 'to'] as const;
/** What the address says is to be shown; "" where it says nothing. */
export type Filters = Record<(typeof NAMES)[number], string>;

/** The filters of the address, and how to change some of them. The open row stays open. */
export const useFilters = () => useAddressFilters(NAMES);

/** Which of the two lists can hold what is asked for: an outcome is of one of them, and only calls tell of a segment. */
export function directionsOf({ direction, outcome, segment }: Filters): { in: boolean; out: boolean } {
  const fits = (outcomes: object) => outcome === '' || Object.hasOwn(outcomes, outcome);
  return {
    in: direction !== 'out' && segment === '' && (fits(REASONS) || !fits(OUTCOMES)),
    out: direction !== 'in' && (fits(OUTCOMES) || !fits(REASONS)),
  };
}
