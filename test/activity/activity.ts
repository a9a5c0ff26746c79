import { expect } from 'bun:test';
import type { TestService } from '../helpers/service.ts';

/** What the tests of the activity do again and again, all of it through the API. */

export interface Delivery {
  id: number;
  at: string;
  reason: string;
  message: string;
  events: number;
  results: Record<string, number> | null;
  eventType: string | null;
  messageId: string | null;
  user: string | null;
  latencyMs: number;
  signature: string | null;
  body: string | null;
}
export interface Call {
  id: number;
  at: string;
  outcome: string;
  path: string;
  events: number;
  status: number | null;
  error: string | null;
  messageId: string | null;
  user: string | null;
  traits: Record<string, boolean> | null;
  counts: Record<string, { joined: number; left: number }> | null;
  latencyMs: number;
}
export interface Summary {
  inbound: Record<string, number>;
  outbound: Record<string, number>;
  steps: { at: string; inbound: Record<string, number>; outbound: Record<string, number> }[];
  lastDelivery: Delivery | null;
  lastCall: Call | null;
}

async function get(t: TestService, path: string) {
  const { status, body } = await t.api('GET', `/api/v1/activity/${path}`);
  expect({ status, body }).toEqual({ status: 200, body: expect.anything() });
  return body.data;
}
export const deliveries = (t: TestService, query = ''): Promise<Delivery[]> => get(t, `inbound?${query}`);
export const calls = (t: TestService, query = ''): Promise<Call[]> => get(t, `outbound?${query}`);
export const summary = (t: TestService, query = ''): Promise<Summary> => get(t, `summary?${query}`);

/** Asks the API until the last entries are as described. */
export async function callsAre(t: TestService, outcomes: string[]): Promise<Call[]> {
  for (;;) {
    const found = await calls(t, 'limit=200');
    if (found.length >= outcomes.length) {
      expect(found.map(({ outcome }) => outcome).reverse()).toEqual(outcomes);
      return found.reverse();
    }
  }
}
