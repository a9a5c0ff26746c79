import { type Message, messagesFor } from '../../../src/outbound/message.ts';
import type { Store, Telling } from '../../../src/store/store.ts';
import type { IdentifyAs } from '../../../src/users/user.ts';
import { claim } from './fixture.ts';

/** How a call ends: taken with or without its answer coming back, never arrived, or refused for good. */
export type Ending = 'taken' | 'answer lost' | 'not arrived' | 'refused';

/**
 * A sender and a receiver in one: sends what a store hands out as the service does, message by message and never two
 * at a time, to a Segment that drops messages it knows and keeps the last value of each trait.
 */
export function createStandIn() {
  const seen = new Set<string>();
  const profiles = new Map<string, Map<string, boolean>>();
  let hand: Message[] = [];

  function receive(json: string) {
    const { userId, traits, messageId } = JSON.parse(json);
    if (seen.has(messageId)) return;
    seen.add(messageId);
    const profile = profiles.get(userId) ?? new Map<string, boolean>();
    for (const [key, value] of Object.entries<boolean>(traits)) profile.set(key, value);
    profiles.set(userId, profile);
  }

  const standIn = {
    /** Asks the store what to send next; what is still in hand is forgotten, as when a call has failed. */
    async claim(store: Store, limit: number, identifyAs: IdentifyAs): Promise<Telling[]> {
      const tellings = await claim(store, limit, identifyAs);
      hand = tellings.flatMap((telling) => messagesFor(telling, { instance: 'test', version: '1' }));
      return tellings;
    },

    /** Sends the next message in hand and settles it. */
    async send(store: Store, ending: Ending) {
      const message = hand.shift();
      if (message === undefined) return;
      if (ending === 'taken' || ending === 'answer lost') receive(message.json);
      const { levels } = message;
      if (ending === 'taken') await store.exchangeOutbound({ taken: levels, parked: [] }, null);
      if (ending === 'refused') {
        const parked = levels.map((level) => ({ level, error: 'Segment answered 400' }));
        await store.exchangeOutbound({ taken: [], parked }, null);
      }
    },

    /** Sends everything there is to send, all of it taken. */
    async drain(store: Store, identifyAs: IdentifyAs) {
      for (let rounds = 0; (await standIn.claim(store, 3, identifyAs)).length > 0; rounds++) {
        if (rounds === 1000) throw new Error('There is no end of what to tell');
        while (hand.length > 0) await standIn.send(store, 'taken');
      }
    },

    /** Forgets what is in hand: the process has died. */
    crash() {
      hand = [];
    },

    /** `id trait` of every trait that is true. */
    truths: (): string[] =>
      [...profiles]
        .flatMap(([id, traits]) => [...traits].filter(([, value]) => value).map(([key]) => `${id} ${key}`))
        .sort(),
  };
  return standIn;
}
