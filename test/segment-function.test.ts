import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliveries } from './activity/activity.ts';
import {
  identify,
  SECRET,
  SETTINGS,
  startTestService,
  type TestService,
  WEBHOOK,
} from './helpers/service.ts';
import { addUser, countUsers, showUser } from './inbound/people.ts';
import { startProxy } from './inbound/proxy.ts';

/** What Segment gives a function beside the language: these names, and no module to import. */
class RetryError extends Error {}
class EventNotSupported extends Error {}
interface Settings {
  webhookUrl: string;
  sharedSecret: string;
}
type Event = Record<string, unknown>;
interface SegmentFunction {
  onIdentify(event: Event, settings: Settings): Promise<unknown>;
  onDelete(event: Event, settings: Settings): Promise<unknown>;
  onBatch(events: Event[], settings: Settings): Promise<unknown>;
}

/** The file as it is pasted, run with those globals; the handlers are what Segment would find. */
const FILE = join(import.meta.dir, '../docs/segment-function.js');
const segmentFunction: SegmentFunction = new Function(
  'fetch',
  'crypto',
  'RetryError',
  'EventNotSupported',
  `'use strict';${readFileSync(FILE, 'utf8')}; return { onIdentify, onDelete, onBatch };`,
)(fetch, crypto, RetryError, EventNotSupported);

let t: TestService;
let settings: Settings;
beforeEach(async () => {
  t = await startTestService();
  settings = { webhookUrl: `${t.url}${WEBHOOK}`, sharedSecret: SECRET };
});
afterEach(() => t.stop());

/** The error a handler ends with. */
async function failure(work: Promise<unknown>): Promise<{ retried: boolean; message: string }> {
  const error = await work.then(
    () => null,
    (error: Error) => error,
  );
  expect(error).toBeInstanceOf(Error);
  const message = error?.message ?? '';
  expect(message).not.toContain(SECRET);
  return { retried: error instanceof RetryError, message };
}

describe('one event', () => {
  test('an identify is applied', async () => {
    const id = await addUser(t, 'ada@example.com');
    await segmentFunction.onIdentify(identify('ada@example.com', { plan: 'enterprise' }), settings);
    expect((await showUser(t, id)).attributes).toEqual({ plan: 'enterprise' });
    expect(await deliveries(t)).toMatchObject([{ reason: 'applied' }]);
  });

  test('text of every kind is signed as it is sent', async () => {
    const id = await addUser(t, 'ada@example.com');
    const traits = {
      city: 'Zürich 企業 😀',
      line: 'a\u2028b\n"\\/<&>',
      lone: '\ud800',
      n: 1e21,
      nothing: {},
    };
    await segmentFunction.onIdentify(identify('ada@example.com', traits), settings);
    expect((await showUser(t, id)).attributes).toEqual(traits);
  });

  test('an event that is ignored is no failure', async () => {
    await segmentFunction.onIdentify(identify('nobody@example.com', {}), settings);
    expect(await deliveries(t)).toMatchObject([{ reason: 'no_match' }]);
  });

  test('a privacy deletion is passed on', async () => {
    await t.api('PATCH', SETTINGS, { inbound: { deleteUsers: true } });
    await addUser(t, 'ada@example.com', { externalId: 'u-1' });
    await segmentFunction.onDelete({ type: 'delete', userId: 'u-1' }, settings);
    expect(await countUsers(t)).toBe(0);
  });
});

describe('a batch', () => {
  test('goes in one request signed over all of it, so that every event counts', async () => {
    const ids = [await addUser(t, 'ada@example.com'), await addUser(t, 'grace@example.com')];
    const events = ['ada', 'grace', 'nobody'].map((name, n) => identify(`${name}@example.com`, { n }));
    await segmentFunction.onBatch(events, settings);
    // Accepted with first-event signatures switched off, as they are: the signature covers the whole.
    expect(await deliveries(t)).toMatchObject([
      { reason: 'batch', events: 3, results: { applied: 2, no_match: 1 } },
    ]);
    expect(await Promise.all(ids.map(async (id) => (await showUser(t, id)).attributes.n))).toEqual([0, 1]);
  });

  test('of one event, and of the 400 Segment sends at most', async () => {
    await t.api('PATCH', SETTINGS, { inbound: { createUsers: true } });
    await segmentFunction.onBatch([identify('ada@example.com', {})], settings);
    const crowd = Array.from({ length: 400 }, (_, i) => identify(`u${i}@example.com`, {}));
    await segmentFunction.onBatch(crowd, settings);
    expect(await countUsers(t)).toBe(401);
  });

  test('of events of every kind: those of no use are left out', async () => {
    const kinds = ['track', 'page', 'screen', 'group', 'alias', 'delete'].map((type) => ({ type }));
    await segmentFunction.onBatch([...kinds, identify('ada@example.com', {})], settings);
    expect(await deliveries(t)).toMatchObject([{ events: 2, results: { no_match: 1, not_identify: 1 } }]);
  });

  test('with nothing of use is said to be not supported, and nothing is sent', async () => {
    const work = segmentFunction.onBatch([{ type: 'track' }, { type: 'page' }], settings);
    expect(await work.catch((error) => error)).toBeInstanceOf(EventNotSupported);
    expect(await deliveries(t)).toEqual([]);
  });

  test('is retried as a whole', async () => {
    await t.api('PATCH', SETTINGS, { inbound: { enabled: false } });
    const { retried } = await failure(segmentFunction.onBatch([identify('ada@example.com', {})], settings));
    expect(retried).toBe(true);
  });
});

describe('what the service refuses', () => {
  test('for good: an error with its reason and what to do', async () => {
    const event = identify('ada@example.com', {});
    const { retried, message } = await failure(
      segmentFunction.onIdentify(event, { ...settings, sharedSecret: 'some-other-secret' }),
    );
    expect(retried).toBe(false);
    expect(message).toMatch(/^401 bad_signature: .*same shared secret/);
  });

  test('for now: retried, with its reason and what to do', async () => {
    await t.api('PATCH', SETTINGS, { inbound: { enabled: false } });
    const work = segmentFunction.onIdentify(identify('ada@example.com', {}), settings);
    expect(await failure(work)).toEqual({
      retried: true,
      message: expect.stringMatching(/^503 inbound_off: .*switch it on/),
    });
  });
});

describe('what something in between answers', () => {
  test.each([
    [200, true],
    [204, true],
    [302, true],
    [308, true],
    [400, false],
    [403, false],
    [404, false],
    [413, false],
    [408, true],
    [423, true],
    [429, true],
    [500, true],
    [502, true],
    [504, true],
  ])('%d: retried %p', async (status, retried) => {
    const proxy = await startProxy(
      async () =>
        new Response(status === 204 ? null : '<h1>Hello</h1>', { status, headers: { location: '/' } }),
    );
    const work = segmentFunction.onIdentify(identify('a@b.c', {}), { ...settings, webhookUrl: proxy.url });
    expect(await failure(work)).toEqual({
      retried,
      message: expect.stringMatching(new RegExp(`^${status}, not from quackback-segment: check webhookUrl`)),
    });
    await proxy.stop();
  });

  test('JSON without a reason is not ours either', async () => {
    for (const text of ['{"ok":true}', 'null', '7', '{"reason":7}']) {
      const proxy = await startProxy(async () => new Response(text));
      const work = segmentFunction.onIdentify(identify('a@b.c', {}), { ...settings, webhookUrl: proxy.url });
      expect(await failure(work)).toMatchObject({ retried: true });
      await proxy.stop();
    }
  });

  test('nothing, or a connection that breaks: retried', async () => {
    const proxy = await startProxy(async ({ cut }) => cut());
    for (const webhookUrl of [proxy.url, 'http://127.0.0.1:1/', 'http://nowhere.invalid/']) {
      const work = segmentFunction.onIdentify(identify('a@b.c', {}), { ...settings, webhookUrl });
      const { retried, message } = await failure(work);
      expect({ retried, message }).toEqual({ retried: true, message: expect.any(String) });
      expect(message).toStartWith(`${webhookUrl} could not be reached: `);
    }
    await proxy.stop();
  });
});
