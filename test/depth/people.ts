import { expect } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { identify, startTestService, type TestService, turnOfTheLoop } from '../helpers/service.ts';

/** What the tests of this folder do again and again, all of it through the API. */

export const SEGMENTS = '/api/v1/segments';
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Timed {
  t: TestService;
  clock: ManualClock;
}

/** A service whose time stands still until the test moves it. */
export async function startTimed(env: Record<string, string> = {}): Promise<Timed> {
  const clock = manualClock();
  return { t: await startTestService({ clock, env }), clock };
}

/** Calls the API and expects it to do as asked; answers `data`. */
// biome-ignore lint/suspicious/noExplicitAny: answers are asserted on field by field
export async function done(t: TestService, method: string, path: string, body?: unknown): Promise<any> {
  const answer = await t.api(method, path, body);
  expect({ path, status: answer.status < 300 ? 'done' : answer }).toEqual({ path, status: 'done' });
  return answer.body?.data;
}

/** Creates or updates a user over the API; answers its id. */
export const person = async (t: TestService, email: string, attributes: unknown = {}): Promise<string> =>
  (await done(t, 'POST', '/api/v1/users/identify', { email, attributes })).id;

export const all = (...conditions: unknown[]) => ({ match: 'all', conditions });
export const any = (...conditions: unknown[]) => ({ match: 'any', conditions });
export const is = (field: string, operator: string, value?: unknown) =>
  value === undefined ? { field, operator } : { field, operator, value };

/** Creates a dynamic segment and waits for its evaluation; answers it. */
export async function dynamic(t: TestService, name: string, rules: unknown, rest: object = {}) {
  const segment = await done(t, 'POST', SEGMENTS, { name, type: 'dynamic', rules, ...rest });
  await t.settled();
  return segment;
}

/** Emails of the members of a segment, by id. */
export const membersOf = async (t: TestService, slug: string): Promise<string[]> =>
  (await done(t, 'GET', `${SEGMENTS}/${slug}/members?limit=200`)).map(
    ({ email }: { email: string }) => email,
  );

/** An identify event from now. */
export const event = ({ t, clock }: Timed, email: string, traits: Record<string, unknown> = {}) =>
  t.webhook(identify(email, traits, { timestamp: new Date(clock.now()).toISOString() }));

/** Resolves when a condition holds that the background loops bring about by themselves, without time passing. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await turnOfTheLoop();
}

/** Lets time pass, a tenth of a second at a time, until the condition holds; fails when that takes over a second. */
export async function withinASecond({ clock }: Timed, condition: () => Promise<boolean>): Promise<void> {
  for (let passed = 0; passed <= 1000; passed += 100) {
    // Background loops run between the calls of the API that the condition makes.
    for (let look = 0; look < 10; look++) if (await condition()) return;
    clock.advance(100);
  }
  throw new Error('It did not come true within a second');
}

/** Stops the service, lets time pass without it, and starts it again. */
export async function downFor({ t, clock }: Timed, ms: number): Promise<void> {
  const { service } = t;
  const stop = service.stop;
  service.stop = async () => {
    await stop();
    clock.advance(ms);
  };
  await t.restart();
}
