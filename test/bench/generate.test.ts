import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compileSegments } from '../../src/segments/membership.ts';
import { parseRules } from '../../src/segments/rules.ts';
import { slugFromName } from '../../src/segments/trait-key.ts';
import type { Json } from '../../src/users/attributes.ts';
import { SECRET, startTestService, type TestService } from '../helpers/service.ts';
import { identifies, sign } from './generator/events.ts';
import { segments } from './generator/segments.ts';
import { DAY_MS, type MadeUser, type Population, userAt } from './generator/user.ts';
import { putUsers } from './harness/dataset.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const POPULATION: Population = { seed: 1, size: 5000, now: NOW };
const everybody = (population = POPULATION) =>
  Array.from({ length: population.size }, (_, index) => userAt(population, index));
const events = (count: number, population = POPULATION, start = NOW - DAY_MS) => [
  ...identifies({ population, secret: SECRET, start }).take(count),
];
const share = <T>(list: readonly T[], holds: (one: T) => boolean) => list.filter(holds).length / list.length;

test('the same seed makes the same data, another one other data', () => {
  expect(everybody()).toEqual(everybody());
  expect(events(500)).toEqual(events(500));
  expect(everybody({ ...POPULATION, seed: 2 })).not.toEqual(everybody());
  expect(events(500, { ...POPULATION, seed: 2 })).not.toEqual(events(500));
});

const DISTRIBUTIONS: [what: string, holds: (user: MadeUser) => boolean, least: number, most: number][] = [
  ['free plan', ({ attributes }) => attributes.plan === 'free', 0.5, 0.75],
  ['enterprise plan', ({ attributes }) => attributes.plan === 'enterprise', 0.02, 0.15],
  ['pays', ({ attributes }) => attributes.mrr > 0, 0.25, 0.5],
  ['a single seat', ({ attributes }) => attributes.seats === 1, 0.2, 0.5],
  ['over 50 seats', ({ attributes }) => attributes.seats > 50, 0.01, 0.15],
  ['in the United States', ({ attributes }) => attributes.country === 'US', 0.3, 0.48],
  ['member', ({ attributes }) => attributes.role === 'member', 0.5, 0.65],
  ['no industry', ({ attributes }) => attributes.industry === undefined, 0.08, 0.16],
  ['signed up in 30 days', ({ attributes }) => age(attributes.signedUpAt) < 30, 0.04, 0.12],
  ['active in 7 days', ({ lastSeenAt }) => NOW - lastSeenAt < 7 * DAY_MS, 0.15, 0.4],
  ['some feature', ({ attributes }) => (attributes.features as string[]).length > 0, 0.3, 0.7],
];
const age = (iso: unknown) => (NOW - Date.parse(iso as string)) / DAY_MS;
test.each(DISTRIBUTIONS)('%s is as common as in life', (_what, holds, least, most) => {
  const found = share(everybody(), holds);
  expect(found).toBeGreaterThan(least);
  expect(found).toBeLessThan(most);
});

test('every user is a different one, with dates before the present', () => {
  const users = everybody();
  expect(new Set(users.map(({ email }) => email)).size).toBe(users.length);
  expect(new Set(users.map(({ externalId }) => externalId)).size).toBe(users.length);
  for (const { lastSeenAt, attributes } of users) {
    expect(lastSeenAt).toBeLessThanOrEqual(NOW - DAY_MS);
    expect(Date.parse(attributes.signedUpAt as string)).toBeLessThanOrEqual(lastSeenAt);
  }
});

test('twenty segments, all of them acceptable, two of them moved by time alone', () => {
  const made = segments(NOW);
  const parsed = made.map(({ name, rules }, i) => {
    const result = parseRules(rules);
    expect(result.problems).toBeNull();
    return { id: i + 1, slug: slugFromName(name), rules: result.rules };
  });
  expect(compileSegments(parsed).dynamic).toHaveLength(20);
  const timed = parsed.filter(({ rules }) => JSON.stringify(rules).includes('within_last'));
  expect(timed.map(({ slug }) => slug)).toEqual(['new-users', 'active-this-week']);
});

test('events are signed, distinct, about 700 bytes, ever newer, and one in five has a change', () => {
  const stream = events(5000);
  const traits = new Map<number, string>();
  let last = 0;
  let changes = 0;
  for (const { body, signature, index, changes: marked, changed } of stream) {
    expect(signature).toBe(sign(body, SECRET));
    const event = JSON.parse(body);
    const at = Date.parse(event.timestamp);
    expect(at).toBeGreaterThan(last);
    last = at;
    const { email, name, ...attributes } = userAt(POPULATION, index);
    const before = traits.get(index) ?? JSON.stringify({ email, name, ...attributes.attributes });
    const after = JSON.stringify(event.traits);
    expect(after !== before).toBe(marked);
    const old = JSON.parse(before);
    const differs = ([key, value]: [string, unknown]) => !isDeepStrictEqual(value, old[key]);
    expect(Object.entries(changed)).toEqual(Object.entries<Json>(event.traits).filter(differs));
    if (marked) changes++;
    traits.set(index, after);
  }
  expect(changes / stream.length).toBeGreaterThan(0.17);
  expect(changes / stream.length).toBeLessThan(0.23);
  const mean = stream.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0) / stream.length;
  expect(mean).toBeGreaterThan(650);
  expect(mean).toBeLessThan(750);
  expect(new Set(stream.map(({ body }) => JSON.parse(body).messageId)).size).toBe(stream.length);
  // A fifth of the users is behind four fifths of the events, and of the rest by chance.
  const perUser = Object.values(Object.groupBy(stream, ({ index }) => index)).map((of) => of?.length ?? 0);
  const busiest = perUser.toSorted((a, b) => b - a).slice(0, POPULATION.size / 5);
  expect(busiest.reduce((a, b) => a + b) / stream.length).toBeGreaterThan(0.8);
});

let t: TestService;
beforeAll(async () => {
  t = await startTestService();
});
afterAll(() => t.stop());

test('the running service takes segments and events, and changes exactly what the events change', async () => {
  const now = Date.now();
  const population = { seed: 3, size: 200, now };
  await putUsers(t.service.store, population);
  for (const segment of segments(now)) {
    expect((await t.api('POST', '/api/v1/segments', segment)).status).toBe(201);
  }
  await t.settled();
  const { body: list } = await t.api('GET', '/api/v1/segments');
  const empty = list.data.filter(({ memberCount }: { memberCount: number }) => memberCount === 0);
  expect(empty).toEqual([]);

  const reasons = new Set<string>();
  for (const { body, signature, changes } of events(300, population, now - DAY_MS)) {
    const answer = await t.webhook(body, { signature });
    expect(answer.status).toBe(200);
    reasons.add(`${answer.body.reason}, ${changes ? 'a change' : 'no change'}`);
  }
  expect([...reasons].sort()).toEqual(['applied, a change', 'unchanged, no change']);
});

test('the command prints what the API takes, as NDJSON and as CSV', async () => {
  const options = ['users', '--count', '20', '--seed', '5'];
  const lines = await run(...options);
  for (const line of lines) expect((await t.api('POST', '/api/v1/users/identify', line)).status).toBe(201);
  const emails = lines.map((line) => JSON.parse(line).email);
  const [header, ...rows] = await run(...options, '--format', 'csv');
  expect(header).toStartWith('email,name,externalId,plan,role,company:json,');
  expect(rows.map((row) => row.split(',')[0])).toEqual(emails);
});

test('the command prints signed events', async () => {
  const lines = await run('events', '--count', '50', '--users', '10', '--secret', SECRET);
  expect(lines).toHaveLength(50);
  for (const line of lines) expect(line.slice(0, 41)).toBe(`${sign(line.slice(41), SECRET)} `);
});

const run = async (...args: string[]) => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'generate.ts'), ...args]);
  return (await new Response(child.stdout).text()).trimEnd().split('\n');
};
