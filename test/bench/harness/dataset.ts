import { isDeepStrictEqual } from 'node:util';
import { readEvent } from '../../../src/inbound/event.ts';
import { createSegment, type SegmentInput } from '../../../src/segments/service.ts';
import type { Settlement, Store } from '../../../src/store/store.ts';
import type { Change, WriteContext } from '../../../src/users/change.ts';
import { identify } from '../generator/events.ts';
import { random } from '../generator/random.ts';
import { segments } from '../generator/segments.ts';
import { type Population, userAt } from '../generator/user.ts';

const context = (now: number): WriteContext => ({
  now,
  identifyAs: 'email',
  maxAttributes: 1000,
  maxUserBytes: 256 * 1024,
});
const CHUNK = 2000;
/** How many users of a multiplied database are looked at. */
const SAMPLES = 30;

/** Stores every user of a population as an identify at the time they were last active would have left them. */
export async function putUsers(store: Store, population: Population): Promise<void> {
  const { seed, size, now } = population;
  const draw = random(seed, 0, 4);
  for (let from = 0; from < size; from += CHUNK) {
    const changes: Change[] = [];
    for (let index = from; index < Math.min(from + CHUNK, size); index++) {
      const user = userAt(population, index);
      const event = identify(user, user.lastSeenAt, draw);
      changes.push(readEvent(event, now, { createUsers: true, deleteUsers: false }) as Change);
    }
    await store.apply(changes, context(now));
  }
}

/** Creates the twenty segments and evaluates them over all users. */
export const putSegments = (store: Store, now: number): Promise<void> => create(store, now, segments(now));

/** Creates one segment that every user is in: a change to be told for each of them. */
export function putEveryone(store: Store, now: number): Promise<void> {
  const rules = { match: 'all', conditions: [{ field: 'email', operator: 'is_set' }] };
  return create(store, now, [{ name: 'Everyone', type: 'dynamic', rules }]);
}

async function create(store: Store, now: number, inputs: readonly SegmentInput[]) {
  const writer = { submit: (changes: readonly Change[]) => store.apply(changes, context(now)) };
  const deps = { store, writer, now: () => now, identifyAs: () => 'email' as const };
  for (const input of inputs) await createSegment(deps, input);
  while (await store.workOnJobs(context(now), CHUNK));
}

/** Makes sure that a multiplied database is what storing each of its users would have given. */
export async function checkMultiplied(store: Store, population: Population): Promise<void> {
  const { size, distinct = size } = population;
  const wrong = (what: string) => new Error(`The multiplied database is not right: ${what}`);
  const { count } = await store.userIdRange();
  if (count !== size) throw wrong(`${count} users in place of ${size}`);
  const plan = (await store.listAttributes()).find(({ path }) => path === 'plan');
  if (plan?.users !== size) throw wrong(`${plan?.users} users seen to have a plan`);

  // The last users were written last, so they are the ones that may stand somewhere else still.
  for (let n = 0; n < SAMPLES; n++) {
    const index = size - 1 - n;
    const made = userAt(population, index);
    const [user, original] = await Promise.all([
      store.findUser(made.email),
      store.findUser(userAt(population, index % distinct).email),
    ]);
    if (user === null || original === null) throw wrong(`there is no user ${index}`);
    if (user.externalId !== made.externalId) throw wrong(`user ${index} is ${user.externalId}`);
    const same = { id: 0, email: '', externalId: '' };
    if (!isDeepStrictEqual({ ...user, ...same }, { ...original, ...same })) {
      throw wrong(`user ${index} is ${JSON.stringify(user)}`);
    }
    const [here, there] = [await store.segmentsOf(user.id), await store.segmentsOf(original.id)];
    if (!isDeepStrictEqual(here, there)) throw wrong(`user ${index} is in ${here}`);
  }
}

/** Marks everything pending as taken by Segment: the state of a service that has been running for a while. */
export async function settleOutbound(store: Store): Promise<void> {
  let settlement: Settlement = { taken: [], parked: [] };
  for (;;) {
    const tellings = await store.exchangeOutbound(settlement, { limit: CHUNK, identifyAs: 'email' });
    if (tellings.length === 0) return;
    settlement = { taken: tellings.flatMap(({ levels }) => levels), parked: [] };
  }
}
