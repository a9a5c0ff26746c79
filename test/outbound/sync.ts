import { expect } from 'bun:test';
import type { ReceivedEvent } from '../helpers/segment-stub.ts';
import { identify, SETTINGS, type TestService } from '../helpers/service.ts';

/** What the tests of the outbound sync do again and again, all of it through the API. */

export interface OutboundView {
  enabled: boolean;
  status: 'off' | 'idle' | 'syncing' | 'backing_off' | 'paused';
  pending: number;
  parked: number;
  lastSuccessAt: string | null;
  lastError: { at: string; message: string; status: number | null } | null;
}

export const outbound = async (t: TestService): Promise<OutboundView> =>
  (await t.api('GET', SETTINGS)).body.data.outbound;

export async function setOutbound(t: TestService, part: Record<string, unknown>) {
  expect((await t.api('PATCH', SETTINGS, { outbound: part })).status).toBe(200);
}

/** Asks the API until the state of the outbound sync is as described; answers it. */
export async function outboundIs(t: TestService, part: Partial<OutboundView>): Promise<OutboundView> {
  const entries = Object.entries(part) as [keyof OutboundView, unknown][];
  for (;;) {
    const view = await outbound(t);
    if (entries.every(([key, value]) => view[key] === value)) return view;
  }
}

/** Resolves when no background work is queued and Segment has taken everything that can be told. */
export async function allTold(t: TestService): Promise<void> {
  do {
    await t.settled();
    await outboundIs(t, { pending: 0 });
  } while ((await t.service.store.listJobs()).length > 0);
}

/** Creates users in as few requests as can be; answers their emails. */
export async function addUsers(t: TestService, emails: string[], rest: Record<string, unknown> = {}) {
  await t.api('PATCH', SETTINGS, { inbound: { createUsers: true } });
  for (let from = 0; from < emails.length; from += 4000) {
    const batch = emails.slice(from, from + 4000).map((email) => identify(email, {}, rest));
    expect((await t.webhook(batch)).status).toBe(200);
  }
  return emails;
}

/** A number of users `u0@example.com`, `u1@example.com` … */
export const addCrowd = (t: TestService, size: number) =>
  addUsers(
    t,
    Array.from({ length: size }, (_, i) => `u${i}@example.com`),
  );

export async function userId(t: TestService, email: string): Promise<string> {
  return (await t.api('GET', `/api/v1/users?search=${encodeURIComponent(email)}`)).body.data[0].id;
}

/** Creates a manual segment with members; answers its slug. */
export async function manualSegment(
  t: TestService,
  name: string,
  emails: string[] = [],
  rest: Record<string, unknown> = {},
): Promise<string> {
  const { body } = await t.api('POST', '/api/v1/segments', { name, type: 'manual', ...rest });
  await join(t, body.data.slug, ...emails);
  return body.data.slug;
}

const members = async (t: TestService, method: 'POST' | 'DELETE', slug: string, emails: string[]) => {
  for (let from = 0; from < emails.length; from += 1000) {
    const part = emails.slice(from, from + 1000);
    const { body } = await t.api(method, `/api/v1/segments/${slug}/members`, { emails: part });
    expect(body.data).toMatchObject({ failed: [] });
  }
};
export const join = (t: TestService, slug: string, ...emails: string[]) => members(t, 'POST', slug, emails);
export const leave = (t: TestService, slug: string, ...emails: string[]) =>
  members(t, 'DELETE', slug, emails);

/** Who was told what, in order, as `ada@example.com vip=true`; events without loss of order within one user. */
export const told = (events: ReceivedEvent[]): string[] =>
  events.flatMap(({ userId, traits }) =>
    Object.entries(traits).map(([key, value]) => `${userId} ${key}=${value}`),
  );

/**
 * Sends something on purpose and waits for it. Levels arrive in order and one call at a time, so whatever else was
 * sent has arrived then; answers everything but the something.
 */
export async function afterSentinel(t: TestService): Promise<ReceivedEvent[]> {
  const email = `sentinel-${crypto.randomUUID()}@example.com`;
  await addUsers(t, [email]);
  const name = `Sentinel ${email.slice(9, 17)}`;
  await manualSegment(t, name, [email]);
  await t.stub.waitFor((stub) => stub.accepted().some(({ userId }) => userId === email));
  await allTold(t);
  return t.stub.accepted().filter(({ userId }) => !userId.startsWith('sentinel-'));
}
