import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/users/attributes.ts';
import { identify, SETTINGS, startTestService, type TestService } from '../helpers/service.ts';
import { type Count, recount } from './recount.ts';

/**
 * Whatever happens to users, and in whatever order: the statistics of attributes, kept with every change, are those
 * that a count of all users comes to. Few keys and values, so that they meet; dots in keys, so that paths do.
 */
const scalar = fc.constantFrom<Json>(
  'pro',
  'free',
  '',
  '1',
  1,
  2.5,
  true,
  false,
  '2026-01-31',
  'x'.repeat(101),
);
const list = fc.array(fc.oneof(scalar, fc.constantFrom<Json>(null, [], { a: 1 })), { maxLength: 3 });
const object = (values: fc.Arbitrary<Json>, ...keys: string[]): fc.Arbitrary<JsonObject> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...keys), values), { selector: ([key]) => key, maxLength: 3 })
    .map((entries) =>
      JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`),
    );
const leaf = fc.oneof(scalar, scalar, list, fc.constant(null));
const nested = object(fc.oneof(leaf, object(leaf, 'c', 'plan', '')), 'b', 'c', 'b.c', '__proto__');
const attributes = object(
  fc.oneof(leaf, leaf, nested),
  'plan',
  'a',
  'a.b',
  'a.b.c',
  '',
  '__proto__',
  '\ud800',
  'k'.repeat(257),
);

const email = fc.constantFrom('a@x.io', 'b@x.io', 'c@x.io');
const clock = fc.integer({ min: 1, max: 5 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('identify' as const), email, attributes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('event' as const), email, attributes, clock }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      users: fc.array(fc.tuple(email, attributes), { maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), email }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refused' as const), email, attributes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function act(t: TestService, one: Step) {
  switch (one.do) {
    case 'identify':
      await t.api('POST', '/api/v1/users/identify', { email: one.email, attributes: one.attributes });
      break;
    case 'event':
      await t.webhook(identify(one.email, one.attributes, { timestamp: `2026-01-0${one.clock}T00:00:00Z` }));
      break;
    case 'import': {
      const lines = one.users.map(([address, values]) =>
        JSON.stringify({ email: address, attributes: values }),
      );
      await t.api('POST', '/api/v1/users/import', lines.join('\n'), {
        'content-type': 'application/x-ndjson',
      });
      break;
    }
    case 'delete': {
      const { body } = await t.api('GET', `/api/v1/users?search=${one.email}`);
      for (const { id } of body.data) await t.api('DELETE', `/api/v1/users/${id}`);
      break;
    }
    case 'refused':
      // Larger than MAX_USER_BYTES: nothing of it counts.
      await t.api('POST', '/api/v1/users/identify', {
        email: one.email,
        attributes: { ...one.attributes, large: 'x'.repeat(20_000) },
      });
      break;
    case 'restart':
      await t.restart();
  }
}

test('the statistics of attributes are what a count of all users comes to', async () => {
  const t = await startTestService({ env: { MAX_USER_BYTES: '16384' } });
  await t.api('PATCH', SETTINGS, { inbound: { createUsers: true } });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        for (const one of steps) await act(t, one);
        const { body } = await t.api('GET', '/api/v1/users?limit=200');
        const users = body.data as { id: string; attributes: JsonObject }[];
        expect(await observed(t)).toEqual(sorted(recount(users.map((user) => user.attributes))));
        for (const { id } of users) await t.api('DELETE', `/api/v1/users/${id}`);
        expect(await observed(t)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  } finally {
    await t.stop();
  }
}, 120_000);

async function observed(t: TestService): Promise<Count[]> {
  const { body } = await t.api('GET', '/api/v1/attributes');
  return sorted(body.data.map(({ path, users, types, values }: Count) => ({ path, users, types, values })));
}

function sorted(counts: Count[]): Count[] {
  const order = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return counts.map((count) => ({ ...count, values: [...count.values].sort(order) })).sort(order);
}
