import { expect, test } from 'bun:test';
import type { ActivityBatch, Call } from '../../src/activity/activity.ts';
import { createRecorder } from '../../src/activity/recorder.ts';

const call = (n: number): Call => ({
  at: n,
  outcome: 'taken',
  path: '/v1/identify',
  events: 1,
  status: 200,
  error: null,
  messageId: `message-${n}`,
  user: null,
  traits: null,
  counts: null,
  latencyMs: 1,
});

test('what the store did not take is written the next time, and nothing twice', async () => {
  const taken: ActivityBatch[] = [];
  let room = 1;
  const recorder = createRecorder({
    recordActivity: async (batch) => {
      if (room-- <= 0) throw new Error('The disk is full');
      taken.push(batch);
    },
  });
  // More than are written at once.
  const calls = Array.from({ length: 300 }, (_, n) => call(n));
  for (const one of calls) recorder.called(one);
  await expect(recorder.flush()).rejects.toThrow('full');
  room = 9;
  // The counters went with the first piece; what is left are calls alone.
  expect(await recorder.flush()).toBe(true);
  expect(taken.flatMap((batch) => batch.calls)).toEqual(calls);
  expect(taken.flatMap(({ counters }) => counters)).toEqual([
    { minute: 0, direction: 'out', outcome: 'taken', count: 300 },
  ]);
  expect(await recorder.flush()).toBe(false);
});
