import type { JsonObject } from '../../../src/users/attributes.ts';
import { type Random, random } from './random.ts';

/** A made-up population: the same three numbers give the same users, each of which can be made alone. */
export interface Population {
  seed: number;
  size: number;
  /** The present, Unix milliseconds: everybody signed up and was last active at least a day before. */
  now: number;
  /** How many people differ in more than their address; those after them are the same again. Everybody, unless given. */
  distinct?: number;
}

export const PLANS = ['free', 'starter', 'pro', 'enterprise'] as const;
export type Plan = (typeof PLANS)[number];

export interface MadeUser {
  email: string;
  name: string;
  externalId: string;
  /** Unix milliseconds. */
  lastSeenAt: number;
  attributes: JsonObject & { plan: Plan; seats: number; mrr: number; company: JsonObject };
}

export const DAY_MS = 86_400_000;
/** A fifth of the users is behind most of the events, and has been active lately. */
const BUSY_USERS = 0.2;
/** How long the product has been there. */
const AGE_DAYS = 1500;

// What draws of different kinds are seeded with, so that they are independent of each other.
const USER = 1;
const COMPANY = 2;

const FIRST_NAMES =
  'Emma Liam Olivia Noah Ava Lucas Mia Ethan Sofia Leo Zoë José Anaïs Jürgen Chloé Mateo Aisha Omar Priya Arjun Yuki Haruto Mei Wei Nina Felix Hannah Jonas Clara Hugo Inès Søren Astrid Łukasz Zofia Pedro Beatriz Tom Grace Jack'.split(
    ' ',
  );
const LAST_NAMES =
  'Smith Jones Müller Schmidt García Fernández Silva Santos Dubois Lefèvre Rossi Nowak Kowalski Jansen de-Vries Johansson Nielsen Patel Sharma Kumar Tanaka Sato Kim Park Chen Wang Brown Taylor Wilson Davies Martin Lee Walker Hall Young King Wright Hill Green Baker'.split(
    ' ',
  );
const COMPANY_STEMS =
  'Acme Initech Globex Umbra Northwind Contoso Vandelay Hooli Soylent Stark Wayne Cyberdyne Tyrell Aperture Oscorp Pied Massive Bluth Dunder Gringotts Monarch Virtucon Zorg Nakatomi'.split(
    ' ',
  );
const COMPANY_TAILS = ['Labs', 'Systems', 'Group', 'Health', 'Logistics', 'Media', 'Bank', 'Studio', 'GmbH'];
const MAIL_HOSTS = ['gmail.com', 'outlook.com', 'icloud.com', 'proton.me'];
const INDUSTRIES = [
  ['software', 31],
  ['services', 17],
  ['retail', 13],
  ['finance', 11],
  ['healthcare', 9],
  ['education', 8],
  ['manufacturing', 7],
  ['public sector', 4],
] as const;
const COUNTRIES = [
  ['US', 38],
  ['GB', 10],
  ['DE', 9],
  ['IN', 8],
  ['FR', 7],
  ['BR', 6],
  ['CA', 6],
  ['ES', 4],
  ['NL', 4],
  ['JP', 3],
  ['SE', 3],
  ['PL', 2],
] as const;
const LANGUAGES: Record<string, string> = {
  US: 'en-US',
  GB: 'en-GB',
  DE: 'de-DE',
  IN: 'en-IN',
  FR: 'fr-FR',
  BR: 'pt-BR',
  CA: 'en-CA',
  ES: 'es-ES',
  NL: 'nl-NL',
  JP: 'ja-JP',
  SE: 'sv-SE',
  PL: 'pl-PL',
};
const ROLES = [
  ['member', 57],
  ['admin', 17],
  ['viewer', 14],
  ['owner', 8],
  ['billing', 4],
] as const;
/** Weights of the plans in their order: larger companies buy larger plans. */
const PLAN_WEIGHTS: readonly [below: number, weights: readonly number[]][] = [
  [50, [72, 19, 8, 1]],
  [500, [57, 18, 21, 4]],
  [Number.POSITIVE_INFINITY, [41, 10, 24, 25]],
];
const SEATS: Record<Plan, number> = { free: 1.5, starter: 4, pro: 16, enterprise: 120 };
const SEAT_PRICE: Record<Plan, number> = { free: 0, starter: 12, pro: 29, enterprise: 59 };
/** Share of the users of each plan for whom a feature is switched on. */
const FEATURES: readonly [name: string, share: Record<Plan, number>][] = [
  ['api', { free: 0.1, starter: 0.3, pro: 0.7, enterprise: 0.9 }],
  ['beta', { free: 0.15, starter: 0.15, pro: 0.2, enterprise: 0.05 }],
  ['export', { free: 0, starter: 0.5, pro: 0.8, enterprise: 0.9 }],
  ['sso', { free: 0, starter: 0, pro: 0.15, enterprise: 0.8 }],
];

/** Whether the user with this number is one of the few who come every day. */
export const isBusy = ({ seed, size, distinct = size }: Population, index: number): boolean =>
  random(seed, index % distinct, USER).chance(BUSY_USERS);

/** The user with this number, from 0 to `size` - 1. */
export function userAt({ seed, size, now, distinct = size }: Population, index: number): MadeUser {
  const user = distinctUser({ seed, size: distinct, now }, index % distinct);
  const copy = Math.floor(index / distinct);
  return copy === 0 ? user : { ...user, ...copiedIds(user, copy) };
}

/** What tells the copies of a user apart; the same is done in SQL where a whole database is multiplied. */
const copiedIds = ({ email, externalId }: MadeUser, copy: number) => ({
  email: `c${copy}.${email}`,
  externalId: `${externalId}_${copy}`,
});

function distinctUser({ seed, size, now }: Population, index: number): MadeUser {
  const draw = random(seed, index, USER);
  const busy = draw.chance(BUSY_USERS);
  const first = draw.pick(FIRST_NAMES);
  const last = draw.pick(LAST_NAMES).replace('-', ' ');
  // A few companies have very many users: the square makes low numbers likely.
  const company = companyAt(seed, Math.floor((size / 6) * draw.next() ** 2));
  const { plan, employees } = company;
  const country = draw.chance(0.7) ? company.country : draw.weighted(COUNTRIES);
  const host = plan === 'free' && draw.chance(0.6) ? draw.pick(MAIL_HOSTS) : company.host;
  const seats = Math.max(1, Math.round(draw.logNormal(SEATS[plan], 0.8)));
  // A growing product: more sign-ups the nearer the present.
  const signedUpAt = Math.floor(now - DAY_MS - AGE_DAYS * DAY_MS * draw.next() ** 1.5);
  const idleMs = draw.exponential((busy ? 1 : 30) * DAY_MS);
  const attributes: MadeUser['attributes'] = {
    plan,
    role: draw.weighted(ROLES),
    company: { id: company.id, name: company.name, employees, plan },
    country,
    language: LANGUAGES[country] as string,
    seats,
    mrr: monthlyRevenue(plan, seats),
    signedUpAt: new Date(signedUpAt).toISOString(),
    features: FEATURES.filter(([, share]) => draw.chance(share[plan])).map(([name]) => name),
    marketingOptIn: draw.chance(0.6),
  };
  // Not everybody fills in every field of the form.
  if (draw.chance(0.88)) attributes.industry = company.industry;
  return {
    email: `${mailbox(first)}.${mailbox(last)}.${index.toString(36)}@${host}`,
    name: `${first} ${last}`,
    externalId: `usr_${index.toString(36).padStart(6, '0')}${draw.hex(10)}`,
    lastSeenAt: Math.floor(Math.max(signedUpAt, now - DAY_MS - idleMs)),
    attributes,
  };
}

/** What a customer pays a month. */
export const monthlyRevenue = (plan: Plan, seats: number): number => SEAT_PRICE[plan] * seats;

function companyAt(seed: number, index: number) {
  const draw: Random = random(seed, index, COMPANY);
  const employees = Math.min(200_000, Math.max(1, Math.round(draw.logNormal(60, 1.9))));
  const weights = PLAN_WEIGHTS.find(([below]) => employees < below)?.[1] ?? [];
  const name = `${draw.pick(COMPANY_STEMS)} ${draw.pick(COMPANY_TAILS)}`;
  return {
    id: `cmp_${index.toString(36)}`,
    name,
    host: `${mailbox(name)}-${index.toString(36)}.example`,
    employees,
    plan: draw.weighted(PLANS.map((plan, i) => [plan, weights[i] ?? 0] as const)),
    country: draw.weighted(COUNTRIES),
    industry: draw.weighted(INDUSTRIES),
  };
}

/** Letters a mailbox can have: accents dropped, everything else left out. */
const mailbox = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');
