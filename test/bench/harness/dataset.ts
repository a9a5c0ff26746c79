import { readEvent } from '../../../src/inbound/event.ts';
import { createSegment } from '../../../src/segments/service.ts';
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
export async function putSegments(store: Store, now: number): Promise<void> {
  const writer = { submit: (changes: readonly Change[]) => store.apply(changes, context(now)) };
  const deps = { store, writer, now: () => now, identifyAs: () => 'email' as const };
  for (const segment of segments(now)) await createSegment(deps, segment);
  while (await store.workOnJobs(context(now), CHUNK));
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
