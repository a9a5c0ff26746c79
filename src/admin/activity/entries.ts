import { ApiError, api, result } from '../api.ts';
import { ACTIVITY } from '../texts/activity.ts';
import { directionsOf, type Filters } from './filters.ts';

export type Delivery = Awaited<ReturnType<typeof loadDeliveries>>[number];
export type Call = Awaited<ReturnType<typeof loadCalls>>[number];
/** One row; its key stands in the address while it is open. */
export type Entry =
  | { key: string; direction: 'in'; at: string; of: Delivery }
  | { key: string; direction: 'out'; at: string; of: Call };

export const ofDelivery = (of: Delivery): Entry => ({ key: `in-${of.id}`, direction: 'in', at: of.at, of });
export const ofCall = (of: Call): Entry => ({ key: `out-${of.id}`, direction: 'out', at: of.at, of });

const PAGE = 50;
/** Most that the service gives at once. */
export const MOST = 200;

/** From where on each list is read: below an id, from its beginning (undefined), or not any more (null). */
export interface Cursors {
  in: number | null | undefined;
  out: number | null | undefined;
}
export interface EntryPage {
  deliveries: Delivery[];
  calls: Call[];
  next: Cursors;
}

/** The filters as the API takes them; `trait` is what Segment is told of the segment chosen. */
export type Asked = Filters & { trait: string | undefined };

const optional = (name: string, value: string) => (value === '' ? {} : { [name]: value });
const query = ({ outcome, user, from, to }: Filters) => ({
  ...optional('outcome', outcome),
  ...optional('user', user),
  ...optional('from', from),
  ...optional('to', to),
});

interface Span {
  limit: number;
  before?: number;
  after?: number;
}
const loadDeliveries = (filters: Asked, span: Span) =>
  result(api.activity.inbound.get({ query: { ...query(filters), ...span } })).then(({ data }) => data);
const loadCalls = ({ trait, ...filters }: Asked, span: Span) =>
  result(
    api.activity.outbound.get({
      query: { ...query(filters), ...span, ...(trait === undefined ? {} : { trait }) },
    }),
  ).then(({ data }) => data);

/** The next page of both lists. */
export async function loadPage(asked: Asked, cursors: Cursors): Promise<EntryPage> {
  const wanted = directionsOf(asked);
  const load = async <T>(
    want: boolean,
    cursor: number | null | undefined,
    loadList: (asked: Asked, span: Span) => Promise<T[]>,
  ) => {
    if (!want || cursor === null) return [];
    return loadList(asked, { limit: PAGE, ...(cursor === undefined ? {} : { before: cursor }) });
  };
  const [deliveries, calls] = await Promise.all([
    load(wanted.in, cursors.in, loadDeliveries),
    load(wanted.out, cursors.out, loadCalls),
  ]);
  const next = (page: { id: number }[]) => (page.length < PAGE ? null : (page.at(-1)?.id ?? null));
  return { deliveries, calls, next: { in: next(deliveries), out: next(calls) } };
}

/** What came since the ids given; the latest of it where there is more than MOST. */
export async function loadNewer(asked: Asked, top: { in: number; out: number }): Promise<EntryPage> {
  const wanted = directionsOf(asked);
  const [deliveries, calls] = await Promise.all([
    wanted.in ? loadDeliveries(asked, { limit: MOST, after: top.in }) : [],
    wanted.out ? loadCalls(asked, { limit: MOST, after: top.out }) : [],
  ]);
  return { deliveries, calls, next: { in: null, out: null } };
}

/** One entry by its key, for a link to one that the list does not show. */
export async function loadEntry(key: string): Promise<Entry> {
  const [, direction, id] = /^(in|out)-(\d{1,15})$/.exec(key) ?? [];
  if (id === undefined) throw new ApiError(404, 'not_found', ACTIVITY.panel.noEntry);
  if (direction === 'out') {
    return ofCall((await result(api.activity.outbound({ id }).get())).data);
  }
  return ofDelivery((await result(api.activity.inbound({ id }).get())).data);
}

/**
 * Both lists as one, the latest first. What is older than the end of a list that goes on is left for the next page,
 * because something of that list may belong before it.
 */
export function merge(pages: readonly EntryPage[]): Entry[] {
  const deliveries = pages.flatMap((page) => page.deliveries.map(ofDelivery));
  const calls = pages.flatMap((page) => page.calls.map(ofCall));
  const next = pages.at(-1)?.next;
  const ends = [
    typeof next?.in === 'number' ? deliveries.at(-1)?.at : undefined,
    typeof next?.out === 'number' ? calls.at(-1)?.at : undefined,
  ].filter((at) => at !== undefined);
  const until = ends.sort().at(-1) ?? '';
  return [...deliveries, ...calls]
    .filter(({ at }) => at >= until)
    .sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1));
}
