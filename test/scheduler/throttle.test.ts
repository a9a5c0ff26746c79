import { expect, test } from 'bun:test';
import { throttled } from '../../src/scheduler/throttle.ts';

test('the first call is made at once, those of the time after it together at its end', async () => {
  let calls = 0;
  let called = () => {};
  const call = throttled(() => {
    calls++;
    called();
  }, 5);
  call();
  expect(calls).toBe(1);
  const again = new Promise<void>((resolve) => {
    called = resolve;
  });
  call();
  call();
  call();
  expect(calls).toBe(1);
  await again;
  expect(calls).toBe(2);
});

test('what is asked for by the call itself is done afterwards', async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    const call = throttled(() => {
      if (++calls === 3) resolve();
      else call();
    }, 1);
    call();
  });
  expect(calls).toBe(3);
});
