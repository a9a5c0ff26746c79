import { afterAll, beforeAll, expect, test } from 'bun:test';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Population, userAt } from '../generator/user.ts';
import { checkMultiplied, putEveryone, putSegments, putUsers, settleOutbound } from './dataset.ts';
import { multiply } from './multiply.ts';
import { databaseIn, withStore } from './workspace.ts';

const now = Date.UTC(2026, 0, 15);
const DISTINCT = 40;
const population: Population = { seed: 1, size: 4 * DISTINCT, now, distinct: DISTINCT };
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quackback-segment-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Multiplies a copy, as the benchmarks do, and answers its folder: a closed connection keeps its lock for a while. */
async function multiplied(dataDir: string, copies: number): Promise<string> {
  const copy = `${dataDir}-multiplied`;
  await cp(dataDir, copy, { recursive: true });
  multiply(databaseIn(copy), copies);
  return copy;
}

test('users, their memberships and what is counted of them are multiplied', async () => {
  const dataDir = join(dir, 'segments');
  await withStore(dataDir, async (store) => {
    await putUsers(store, { seed: 1, size: DISTINCT, now });
    await putSegments(store, now);
    await settleOutbound(store);
  });
  const before = await withStore(dataDir, (store) => store.listSegments());
  await withStore(await multiplied(dataDir, 4), async (store) => {
    await checkMultiplied(store, population);
    const after = await store.listSegments();
    expect(after.map(({ memberCount }) => memberCount)).toEqual(
      before.map(({ memberCount }) => 4 * memberCount),
    );
    expect(before.some(({ memberCount }) => memberCount > 0)).toBe(true);
    expect(await store.checkIntegrity()).toEqual([]);
    const { email, externalId, name, attributes } = userAt(population, 3 * DISTINCT + 5);
    const user = await store.findUser(email);
    expect(user?.externalId).toBe(externalId);
    expect(user?.attributes.values).toEqual({ name, ...attributes });
  });
});

test('what is pending is pending for every copy, once', async () => {
  const dataDir = join(dir, 'pending');
  await withStore(dataDir, async (store) => {
    await putUsers(store, { seed: 1, size: DISTINCT, now });
    await putEveryone(store, now);
  });
  await withStore(await multiplied(dataDir, 4), async (store) => {
    expect((await store.outboundBacklog()).pending).toBe(4 * DISTINCT);
    const tellings = await store.exchangeOutbound(
      { taken: [], parked: [] },
      { limit: 1000, identifyAs: 'email' },
    );
    const emails = Array.from({ length: population.size }, (_, index) => userAt(population, index).email);
    expect(tellings.map(({ outboundId }) => outboundId).sort()).toEqual(emails.sort());
  });
});

test('a database that is short of somebody is found out', async () => {
  const dataDir = join(dir, 'short');
  await withStore(dataDir, (store) => putUsers(store, { seed: 1, size: DISTINCT, now }));
  const check = withStore(await multiplied(dataDir, 3), (store) => checkMultiplied(store, population));
  await expect(check).rejects.toThrow('120 users in place of 160');
});
