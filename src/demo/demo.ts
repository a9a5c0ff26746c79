import { randomUUID } from 'node:crypto';
import { signatureOf } from '../inbound/signature.ts';
import { SETTINGS_PATH, WEBHOOK_PATH } from '../settings/service.ts';
import { drawPlan, type Person, people, SEGMENTS } from './people.ts';
import type { ToldEvent } from './stand-in.ts';

export interface DemoOptions {
  /** Where the service listens. */
  url: string;
  apiKey: string;
  users: number;
  print(line: string): void;
}

const SECRET = `demo-${randomUUID()}`;

/** The loop, live: identify events go in, and what Segment hears comes out. Everything goes over HTTP, as in earnest. */
export function createDemo({ url, apiKey, users, print }: DemoOptions) {
  const crowd = people(users);
  /** Users whose change is on its way, with the moment it was sent. */
  const underWay = new Map<string, { change: string; sentAt: number }>();
  const names = new Map(SEGMENTS.map(({ name }) => [name.toLowerCase().replaceAll(' ', '_'), name]));

  async function call(method: string, path: string, type: string, body: string, headers = {}) {
    const authorization = `Bearer ${apiKey}`;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization, 'content-type': type, ...headers },
      body,
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  }
  const json = (method: string, path: string, body: unknown) =>
    call(method, path, 'application/json', JSON.stringify(body));

  return {
    /** Users, segments and settings, as an administrator would make them. */
    async setUp() {
      const rows = crowd.map(({ email, name, plan, seats }) =>
        JSON.stringify({ email, name, attributes: { plan, seats } }),
      );
      await call('POST', '/api/v1/users/import', 'application/x-ndjson', rows.join('\n'));
      for (const segment of SEGMENTS) await json('POST', '/api/v1/segments', { ...segment, type: 'dynamic' });
      const outbound = { enabled: true, writeKey: 'demo-write-key' };
      await json('PATCH', SETTINGS_PATH, { inbound: { sharedSecret: SECRET }, outbound });
    },

    /** One signed identify: somebody changes plan or seats. */
    async step() {
      const person = crowd[Math.floor(Math.random() * crowd.length)] as Person;
      const before = { ...person };
      Object.assign(person, drawPlan());
      const { email, name, plan, seats } = person;
      const body = JSON.stringify({
        type: 'identify',
        messageId: `demo-${randomUUID()}`,
        timestamp: new Date().toISOString(),
        traits: { email, name, plan, seats },
      });
      const change = `${before.plan} with ${before.seats} seats → ${plan} with ${seats}`;
      underWay.set(email, { change, sentAt: performance.now() });
      const signature = signatureOf(body, SECRET).toString('hex');
      await call('POST', WEBHOOK_PATH, 'application/json', body, { 'x-signature': signature });
    },

    /** What Segment is told. The first memberships of everybody are too many to show. */
    heard({ userId, traits }: ToldEvent) {
      const one = underWay.get(userId);
      if (one === undefined) return;
      underWay.delete(userId);
      const ms = (performance.now() - one.sentAt).toFixed(0);
      const what = Object.entries(traits).map(
        ([key, member]) => `${member ? 'joined' : 'left'} ${names.get(key) ?? key} → ${key}: ${member}`,
      );
      print(`${userId.padEnd(34)} ${one.change.padEnd(48)} ${what.join(', ')}   (${ms} ms)`);
    },
  };
}
