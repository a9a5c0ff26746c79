import { DomainError } from '../errors.ts';
import { turnOfTheLoop } from '../scheduler/clock.ts';
import { compileRules, evaluate, subjectOf } from '../segments/evaluate.ts';
import type { Rules } from '../segments/rules.ts';
import type { Page, SegmentRecord, Store, UserSort } from '../store/store.ts';
import type { UserRecord } from './user.ts';

export interface ListInput {
  search?: string;
  /** Only members of this segment. */
  segment?: SegmentRecord;
  /** Only users who match. */
  rules?: Rules;
  sort: UserSort;
  limit: number;
  cursor?: string;
}
export interface ListOptions {
  now: number;
  /** Milliseconds after which the list ends with what it has. */
  budgetMs: number;
  /** Milliseconds that pass meanwhile, for the budget alone. */
  elapsed(): number;
}
export interface Listed extends Page<UserRecord> {
  /** Users looked at so far, where the time was not enough for all of them: then `total` is the least there are. */
  looked: number | null;
}

/** So few are sorted and judged one by one, whatever else is asked. */
const FEW = 1000;
/** Users of one step of a search, and of one in which each is judged by rules: some milliseconds. */
const STEPS = 10_000;
const JUDGED = 1000;

/**
 * A page of the users who fit. Everyone, or the members of a segment, are counted already; what has to be looked for is
 * looked for in steps, until the page is full and all are counted, or the time is over.
 */
export async function listUsers(store: Store, input: ListInput, options: ListOptions): Promise<Listed> {
  const { search = '', segment, rules, sort, limit, cursor } = input;
  if (search === '' && segment === undefined && rules === undefined) {
    const page = await store.listUsers({ sort, limit, ...(cursor !== undefined && { cursor }) });
    return { ...page, looked: null };
  }
  const which = { ...(search !== '' && { search }), ...(segment && { segmentId: segment.id }) };
  const before = cursor === undefined ? null : readCursor(cursor);
  const fits = rules === undefined ? null : await matcher(store, rules, options.now);
  const choice = await chooseFrom(store, which, segment, before, options);
  // Who is judged by rules is counted on the way, once.
  const known = before ?? (fits === null ? choice.counted : NOTHING_KNOWN);
  const counting = before === null && known === NOTHING_KNOWN;

  const items: UserRecord[] = [];
  let count = 0;
  let walked = before?.looked ?? 0;
  let place = before?.place ?? null;
  let pageEnd: string | null = null;
  // One more than the page takes says that there is another page.
  while (counting || count <= limit) {
    const steps = fits === null ? STEPS : JUDGED;
    const stretch = await store.walkUsers({
      ...which,
      ...(choice.ids !== null && { ids: choice.ids }),
      sort,
      steps,
      limit: fits === null && choice.ids === null ? limit + 1 - count : FEW,
      ...(place !== null && { cursor: place }),
    });
    for (const user of stretch.items) {
      if (fits !== null && !(await fits(user))) continue;
      count++;
      if (items.length === limit) continue;
      items.push(user);
      pageEnd = stretch.after(user);
    }
    place = stretch.cursor;
    if (choice.ids === null) walked += steps;
    if (place === null || options.elapsed() > options.budgetMs) break;
    await turnOfTheLoop();
  }

  const looked = Math.max(walked, known.looked);
  const seen = (before?.seen ?? 0) + items.length;
  const more = items.length < limit ? place : count > limit || place !== null ? pageEnd : null;
  const reached = (before?.seen ?? 0) + count;
  const exact = known.exact || place === null;
  const total = exact && !known.exact ? reached : Math.max(known.total, reached);
  const progress = { seen, total, exact, looked };
  return {
    items,
    cursor: more === null ? null : writeCursor(more, progress),
    total,
    looked: exact ? null : looked,
  };
}

/** The ids of those to choose from, where they are few; else how many there are, as far as is known. */
async function chooseFrom(
  store: Store,
  which: { search?: string; segmentId?: number },
  segment: SegmentRecord | undefined,
  before: Known | null,
  { budgetMs, elapsed }: ListOptions,
): Promise<{ ids: number[] | null; counted: Known }> {
  if (segment !== undefined && segment.memberCount <= FEW) {
    const ids = await store.membersWithin(segment.id, 0, Number.MAX_SAFE_INTEGER);
    return { ids, counted: NOTHING_KNOWN };
  }
  if (which.search === undefined) {
    const counted = { total: segment?.memberCount ?? 0, exact: true, looked: 0 };
    return { ids: null, counted: segment === undefined ? NOTHING_KNOWN : counted };
  }
  // Earlier pages have found that they are many, or too few to be found in time.
  if (before !== null && !(before.exact && before.total <= FEW)) return { ids: null, counted: before };
  const ids: number[] = [];
  let total = 0;
  let looked = 0;
  let after: string | null = '';
  // Many will soon fill the page, so that counting them must leave some time for that.
  while (after !== null && elapsed() < (ids.length > FEW ? budgetMs / 3 : budgetMs)) {
    const found = await store.searchUsers(which, after, STEPS);
    total += found.ids.length;
    if (ids.length <= FEW) ids.push(...found.ids.slice(0, FEW + 1));
    looked += STEPS;
    after = found.after;
    await turnOfTheLoop();
  }
  if (after === null && ids.length <= FEW) return { ids, counted: NOTHING_KNOWN };
  return { ids: null, counted: { total, exact: after === null, looked } };
}

/** Judges users by rules; those about segments need to know which ones a user is in. */
async function matcher(store: Store, rules: Rules, now: number) {
  const compiled = compileRules(rules);
  if (compiled.segments.size === 0) {
    return (user: UserRecord) => evaluate(compiled, subjectOf(user), now, () => false).matches;
  }
  const slugs = new Map((await store.listSegments()).map(({ id, slug }) => [id, slug]));
  return async (user: UserRecord) => {
    const own = new Set((await store.segmentsOf(user.id)).map((id) => slugs.get(id)));
    return evaluate(compiled, subjectOf(user), now, (slug) => own.has(slug)).matches;
  };
}

/** How many there are, or the least there are. */
interface Known {
  total: number;
  exact: boolean;
  looked: number;
}
const NOTHING_KNOWN: Known = { total: 0, exact: false, looked: 0 };

/** What earlier pages have shown and found out; it travels with the cursor. */
interface Progress extends Known {
  place: string;
  seen: number;
}

const writeCursor = (place: string, { seen, total, exact, looked }: Omit<Progress, 'place'>) =>
  [place, seen, total, exact ? 1 : 0, looked].join('.');

function readCursor(cursor: string): Progress {
  const parts = /^([\w-]+)\.(\d{1,15})\.(\d{1,15})\.([01])\.(\d{1,15})$/.exec(cursor);
  if (parts === null) {
    throw new DomainError(400, 'bad_cursor', 'The cursor is not from this list; start again without one');
  }
  const [, place = '', seen, total, exact, looked] = parts;
  return { place, seen: Number(seen), total: Number(total), exact: exact === '1', looked: Number(looked) };
}
