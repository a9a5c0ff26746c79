import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ManualClock, manualClock } from '../helpers/manual-clock.ts';
import { startTestService, type TestService, turnOfTheLoop } from '../helpers/service.ts';
import { check, problem } from './scenario.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-06-01T12:00:00Z');

let t: TestService;
let clock: ManualClock;
beforeEach(async () => {
  clock = manualClock(START);
  t = await startTestService({ clock });
  await t.api('POST', '/api/v1/segments', { name: 'VIP', type: 'manual' });
});
afterEach(() => t.stop());

const trend = async (query = '') => {
  const { data } = (await t.api('GET', `/api/v1/segments/trends${query}`)).body;
  return data[0].points.map(({ day, members }: { day: string; members: number }) => [
    day.slice(0, 10),
    members,
  ]);
};
async function addMember(email: string) {
  await t.api('POST', '/api/v1/users/identify', { email });
  await t.api('POST', '/api/v1/segments/vip/members', { emails: [email] });
}
/** Moves time and waits until the size of the day it is then has been noted. */
async function advance(ms: number) {
  clock.advance(ms);
  const today = clock.now() - (clock.now() % DAY);
  const { memberCount } = (await t.service.store.listSegments())[0] as { memberCount: number };
  const noted = async () =>
    (await t.service.store.segmentSizes(today)).some(({ members }) => members === memberCount);
  while (!(await noted())) await turnOfTheLoop();
}

describe('the trend of a segment', () => {
  test('has a number for each day, today as it is now', async () => {
    expect(await trend()).toEqual([['2026-06-01', 0]]);
    await addMember('a@example.com');
    expect(await trend()).toEqual([['2026-06-01', 1]]);
    await advance(60_000);
    await advance(DAY);
    await addMember('b@example.com');
    await addMember('c@example.com');
    await advance(60_000);
    await advance(3 * DAY);
    expect(await trend()).toEqual([
      ['2026-06-01', 1],
      ['2026-06-02', 3],
      ['2026-06-05', 3],
    ]);
    expect(await trend('?days=4')).toEqual([
      ['2026-06-02', 3],
      ['2026-06-05', 3],
    ]);
    expect(await trend('?days=1')).toEqual([['2026-06-05', 3]]);
    await t.restart();
    expect(await trend()).toHaveLength(3);
  });

  test.each(['0', '366', 'x'])('of %s days is refused', async (days) => {
    const answer = await t.api('GET', `/api/v1/segments/trends?days=${days}`);
    check(answer, { status: 422, body: problem('query.days', 'must be a whole number from 1 to 365') });
  });

  test('of a segment that is gone is gone', async () => {
    await t.api('DELETE', '/api/v1/segments/vip');
    expect((await t.api('GET', '/api/v1/segments/trends')).body).toEqual({ data: [] });
  });
});
