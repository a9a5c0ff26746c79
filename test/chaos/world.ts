import { expect } from 'bun:test';
import { API_KEY, type identify, SETTINGS, sign, WEBHOOK } from '../helpers/service.ts';

export const PLANS = ['free', 'pro', 'enterprise'];
export const USERS = Array.from({ length: 60 }, (_, i) => `u${i}@example.com`);
/** Users whose manual membership and email are changed by hand. */
export const MOVERS = Array.from({ length: 8 }, (_, i) => `mover${i}@example.com`);

export interface User {
  id: string;
  email: string;
  // biome-ignore lint/suspicious/noExplicitAny: attributes are any JSON
  attributes: Record<string, any>;
}

/** Calls the service; null when no answer came or it was told to come back later, so that nothing is known. */
export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${API_KEY}` },
  // biome-ignore lint/suspicious/noExplicitAny: answers are read field by field
): Promise<{ status: number; body: any } | null> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : text,
      // Segment waits this long.
      signal: AbortSignal.timeout(5000),
    });
    const answer = await response.text();
    return response.status === 503
      ? null
      : { status: response.status, body: answer === '' ? null : JSON.parse(answer) };
  } catch (error) {
    expect((error as Error).name).not.toBe('TimeoutError');
    return null;
  }
}

/** The same where there has to be an answer. */
export async function ask(url: string, method: string, path: string, body?: unknown) {
  const answer = await call(url, method, path, body);
  expect(answer?.status).toBeOneOf([200, 201, 204]);
  return answer?.body.data;
}

export async function prepare(url: string, writeKey: string, sharedSecret: string) {
  const outbound = { enabled: true, writeKey, eventsPerSecond: null };
  await ask(url, 'PATCH', SETTINGS, { inbound: { sharedSecret }, outbound });
  for (const email of [...USERS, ...MOVERS]) await ask(url, 'POST', '/api/v1/users/identify', { email });
  for (const plan of PLANS) {
    const rules = { match: 'all', conditions: [{ field: 'attributes.plan', operator: 'eq', value: plan }] };
    await ask(url, 'POST', '/api/v1/segments', { name: `On ${plan}`, type: 'dynamic', rules });
  }
  await ask(url, 'POST', '/api/v1/segments', { name: 'Staff', type: 'manual' });
}

/** Delivers events as Segment does; true when they were acknowledged. */
export async function deliver(url: string, events: ReturnType<typeof identify>[]): Promise<boolean> {
  const body = JSON.stringify(events.length === 1 ? events[0] : events);
  const answer = await call(url, 'POST', WEBHOOK, body, { 'x-signature': sign(body) });
  if (answer === null) return false;
  expect(answer.status).toBe(200);
  const { reason, results = { [reason]: 1 } } = answer.body;
  // "unchanged" is a delivery that is repeated although it had been stored.
  expect((results.applied ?? 0) + (results.unchanged ?? 0)).toBe(events.length);
  return true;
}

export async function allUsers(url: string): Promise<User[]> {
  return ask(url, 'GET', '/api/v1/users?limit=200');
}

/** Every membership as `staff of mover1@example.com`, with the counts checked against the lists. */
export async function memberships(url: string): Promise<string[]> {
  const lines: string[] = [];
  for (const { slug, traitKey, memberCount } of await ask(url, 'GET', '/api/v1/segments')) {
    const members: User[] = await ask(url, 'GET', `/api/v1/segments/${slug}/members?limit=200`);
    expect(`${slug} ${memberCount}`).toBe(`${slug} ${members.length}`);
    for (const { email } of members) lines.push(`${traitKey} of ${email}`);
  }
  return lines.sort();
}

/** What Segment holds as true, in the same form. */
export const heldAsTrue = (profiles: ReadonlyMap<string, Record<string, unknown>>): string[] =>
  [...profiles]
    .flatMap(([id, traits]) =>
      Object.entries(traits).flatMap(([key, value]) => (value === true ? [`${key} of ${id}`] : [])),
    )
    .sort();
