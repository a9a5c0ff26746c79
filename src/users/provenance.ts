import { clockOf, type Json } from './attributes.ts';
import { type ObservedType, typeOf } from './observe.ts';
import { getUser, type UserDeps } from './service.ts';
import { normaliseEmail } from './user.ts';

export interface UserAttribute {
  key: string;
  value: Json;
  type: ObservedType;
  /** ISO 8601. */
  setAt: string;
  event: { id: number; messageId: string | null } | null;
}

/** What arrives is stored so many milliseconds later at most. */
const STORED_WITHIN_MS = 10_000;
const TAKEN = new Set(['applied', 'created', 'unchanged']);
const MOST_DELIVERIES = 1000;

/** The attributes of a user by key, with when each was set and by which delivery, as far as that is still known. */
export async function attributesOfUser(deps: UserDeps, id: string): Promise<UserAttribute[]> {
  const { attributes, email, externalId } = await getUser(deps, id);
  const found = await Promise.all(
    [email, externalId]
      .filter((user) => user !== null)
      .map((user) => deps.store.listDeliveries({ limit: MOST_DELIVERIES, user })),
  );
  const isOwn = (id: string | null) => id !== null && (id === email || id === externalId);
  // Part of the user is enough for the list; the address is as it was sent, and a batch names nobody.
  const deliveries = found
    .flat()
    .filter(({ entry: { user, reason } }) => TAKEN.has(reason) && [normaliseEmail(user), user].some(isOwn))
    .sort((a, b) => a.id - b.id);
  return Object.entries(attributes.values)
    .filter((entry): entry is [string, Exclude<Json, null>] => entry[1] !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      const setAt = clockOf(attributes, key);
      const source = deliveries.find(({ entry: { at, eventAt } }) =>
        eventAt === null ? setAt >= at && setAt - at <= STORED_WITHIN_MS : setAt === eventAt,
      );
      return {
        key,
        value,
        type: typeOf(value),
        setAt: new Date(setAt).toISOString(),
        event: source === undefined ? null : { id: source.id, messageId: source.entry.messageId },
      };
    });
}
