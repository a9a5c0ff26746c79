import { createHmac } from 'node:crypto';
import type { JsonObject } from '../../../src/users/attributes.ts';
import { type Random, random } from './random.ts';
import { isBusy, type MadeUser, monthlyRevenue, PLANS, type Plan, type Population, userAt } from './user.ts';

/** An identify as it arrives from Segment. */
export interface SignedEvent {
  /** The exact body. */
  body: string;
  /** X-Signature: the HMAC-SHA1 of the body in hex. */
  signature: string;
  /** Number of the user it is about. */
  index: number;
  /** Whether it changes plan or seats; otherwise all traits are what the user carries already. */
  changes: boolean;
  /** The attributes it changes, with their new values. */
  changed: JsonObject;
}

export interface StreamOptions {
  population: Population;
  secret: string;
  /** Timestamp of the first event, Unix milliseconds; each one is a millisecond after the one before. */
  start: number;
}

const EVENT = 3;
const CHANGE = 0.2;
/** The share of the events that busy users are behind; everybody has a part in the others. */
const BUSY_EVENTS = 0.8;

/** An endless stream of signed identifies in a steady state: known users, one event in five with a change. */
export function* identifies({ population, secret, start }: StreamOptions): Generator<SignedEvent, never> {
  const { seed, size } = population;
  const draw = random(seed, 0, EVENT);
  // What users carry after the events so far; 0 seats: as they were made.
  const plans = new Uint8Array(size);
  const seats = new Uint32Array(size);
  for (let at = start; ; at++) {
    const wantsBusy = draw.chance(BUSY_EVENTS);
    let index = draw.integer(0, size - 1);
    // A tiny population may have nobody who is busy.
    for (let tries = 0; wantsBusy && tries < 50 && !isBusy(population, index); tries++)
      index = draw.integer(0, size - 1);
    const user = userAt(population, index);
    if (seats[index] !== 0) setPlan(user, PLANS[plans[index] as number] as Plan, seats[index] as number);
    const changes = draw.chance(CHANGE);
    const before = user.attributes;
    if (changes) change(user, draw);
    plans[index] = PLANS.indexOf(user.attributes.plan);
    seats[index] = user.attributes.seats;
    const body = JSON.stringify(identify(user, at, draw));
    const changed = changes ? difference(before, user.attributes) : {};
    yield { body, signature: sign(body, secret), index, changes, changed };
  }
}

/** An identify with everything the user carries, laid out as Segment sends it; about 700 bytes. */
export function identify({ email, name, externalId, attributes }: MadeUser, at: number, draw: Random) {
  const iso = new Date(at).toISOString();
  return {
    version: 1,
    type: 'identify',
    userId: externalId,
    anonymousId: `${draw.hex(8)}-${draw.hex(4)}-4${draw.hex(3)}-a${draw.hex(3)}-${draw.hex(12)}`,
    messageId: `ajs-next-${at}-${draw.hex(20)}`,
    timestamp: iso,
    receivedAt: iso,
    context: {
      ip: `${draw.integer(1, 223)}.${draw.integer(0, 255)}.${draw.integer(0, 255)}.${draw.integer(1, 254)}`,
      library: { name: 'analytics.js', version: 'next-1.84.3' },
      locale: attributes.language,
    },
    traits: { email, name, ...attributes },
  };
}

/** Moves the user one plan up or down, or changes the number of seats. */
function change(user: MadeUser, draw: Random) {
  const { plan, seats } = user.attributes;
  if (draw.chance(0.4)) {
    const rank = PLANS.indexOf(plan);
    const up = rank === 0 || (rank < PLANS.length - 1 && draw.chance(0.6));
    setPlan(user, PLANS[up ? rank + 1 : rank - 1] as Plan, seats);
  } else {
    const most = Math.max(1, Math.round(seats * 0.3));
    const by = draw.integer(1, most);
    setPlan(user, plan, seats <= by || draw.chance(0.6) ? seats + by : seats - by);
  }
}

/** Puts the user on a plan with so many seats, and sets what follows from it. */
export function setPlan(user: MadeUser, plan: Plan, seats: number) {
  const { attributes } = user;
  const company = { ...attributes.company, plan };
  user.attributes = { ...attributes, plan, seats, mrr: monthlyRevenue(plan, seats), company };
}

function difference(before: JsonObject, after: JsonObject): JsonObject {
  const differs = ([key, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(before[key]);
  return Object.fromEntries(Object.entries(after).filter(differs));
}

export const sign = (body: string, secret: string): string =>
  createHmac('sha1', secret).update(body).digest('hex');
