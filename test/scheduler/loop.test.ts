import { describe, expect, test } from 'bun:test';
import pino from 'pino';
import { systemClock } from '../../src/scheduler/clock.ts';
import { createLoop } from '../../src/scheduler/loop.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { turnOfTheLoop } from '../helpers/service.ts';

type Run = (signal: AbortSignal) => Promise<number | null>;

/** A loop on the manual clock, whose runs and sleeps can be waited for. */
function start(...script: Run[]) {
  const clock = manualClock();
  const sleeps: number[] = [];
  const log: { msg: string; task: string; err: { message: string } }[] = [];
  let runs = 0;
  let waiting: (() => void)[] = [];
  const announce = () => {
    for (const wake of waiting) wake();
    waiting = [];
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const loop = createLoop({
    name: 'a task',
    async runOnce(signal) {
      const run = script[runs++] ?? nothing;
      announce();
      return run(signal);
    },
    clock: {
      now: clock.now,
      async sleep(ms, signal) {
        const over = clock.sleep(ms, signal);
        sleeps.push(ms);
        announce();
        await over;
      },
    },
    log: pino({ base: null }, { write: (line: string) => log.push(JSON.parse(line)) }),
  });
  return {
    ...loop,
    clock,
    sleeps,
    log,
    runs: () => runs,
    ran: (count: number) => until(() => runs >= count),
    asleep: (times: number) => until(() => sleeps.length >= times),
  };
}

const nothing: Run = async () => null;
const again: Run = async () => 0;
const after =
  (ms: number): Run =>
  async () =>
    ms;
const fails: Run = async () => {
  throw new Error('the database is locked');
};
/** A run that goes on until the test ends it. */
function open(wait: number | null = null) {
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const signals: AbortSignal[] = [];
  const run: Run = async (signal) => {
    signals.push(signal);
    await over;
    return wait;
  };
  return { run, end: () => end(), signals };
}

describe('sleeping', () => {
  test.each<[string, Run, number]>([
    ['a second where nothing is to be done', nothing, 1000],
    ['as long as the work says', after(250), 250],
    ['longer than a second, where the work says so', after(60_000), 60_000],
    ['five seconds after an error', fails, 5000],
  ])('%s, not a moment less', async (_what, run, ms) => {
    const loop = start(run);
    loop.start();
    await loop.asleep(1);
    expect(loop.sleeps).toEqual([ms]);
    loop.clock.advance(ms - 1);
    await turnOfTheLoop();
    expect(loop.runs()).toBe(1);
    loop.clock.advance(1);
    await loop.ran(2);
    await loop.stop();
  });

  test('not at all while there is more, yet everything else gets its turn', async () => {
    const loop = start(again, again, again);
    let turns = 0;
    let ticking = true;
    const tick = () => {
      turns++;
      if (ticking) setImmediate(tick);
    };
    setImmediate(tick);
    loop.start();
    await loop.asleep(1);
    ticking = false;
    expect(loop.runs()).toBe(4);
    expect(loop.sleeps).toEqual([1000]);
    expect(turns).toBeGreaterThanOrEqual(3);
    await loop.stop();
  });
});

describe('waking', () => {
  test('ends the sleep', async () => {
    const loop = start(nothing, after(60_000));
    loop.start();
    await loop.asleep(1);
    loop.wake();
    await loop.asleep(2);
    expect(loop.runs()).toBe(2);
    loop.wake();
    await loop.ran(3);
    await loop.stop();
  });

  test('during the work makes it run once more: it may have looked too early', async () => {
    const first = open(60_000);
    const loop = start(first.run);
    loop.start();
    await loop.ran(1);
    for (let i = 0; i < 5; i++) loop.wake();
    first.end();
    await loop.asleep(1);
    expect(loop.runs()).toBe(2);
    expect(loop.sleeps).toEqual([1000]);
    await loop.stop();
  });

  test('many times at once is waking once', async () => {
    const loop = start();
    loop.start();
    await loop.asleep(1);
    for (let i = 0; i < 5; i++) loop.wake();
    await loop.asleep(2);
    await turnOfTheLoop();
    expect(loop.runs()).toBe(2);
    await loop.stop();
  });

  test('before the start changes nothing', async () => {
    const loop = start();
    loop.wake();
    await turnOfTheLoop();
    expect(loop.runs()).toBe(0);
    loop.start();
    await loop.asleep(1);
    expect(loop.runs()).toBe(1);
    await loop.stop();
  });
});

describe('errors', () => {
  test('are logged with the name of the task, and the loop goes on', async () => {
    const loop = start(fails, fails, nothing);
    loop.start();
    await loop.asleep(1);
    loop.clock.advance(5000);
    await loop.asleep(2);
    loop.clock.advance(5000);
    await loop.asleep(3);
    expect(loop.sleeps).toEqual([5000, 5000, 1000]);
    expect(loop.log).toHaveLength(2);
    expect(loop.log[0]).toMatchObject({ task: 'a task', err: { message: 'the database is locked' } });
    await loop.stop();
  });

  test('thrown before the first await are no different', async () => {
    const loop = start(() => {
      throw new Error('at once');
    });
    loop.start();
    await loop.asleep(1);
    expect(loop.log[0]?.err.message).toBe('at once');
    await loop.stop();
  });
});

describe('stopping', () => {
  test('a sleeping loop is over at once and never runs again', async () => {
    const loop = start();
    loop.start();
    await loop.asleep(1);
    await loop.stop();
    loop.clock.advance(60_000);
    loop.wake();
    await turnOfTheLoop();
    expect(loop.runs()).toBe(1);
  });

  test('a working loop is told to end, and waited for', async () => {
    const work = open(0);
    const loop = start(work.run);
    loop.start();
    await loop.ran(1);
    expect(work.signals[0]?.aborted).toBe(false);
    let stopped = false;
    const stop = loop.stop().then(() => {
      stopped = true;
    });
    expect(work.signals[0]?.aborted).toBe(true);
    await turnOfTheLoop();
    expect(stopped).toBe(false);
    work.end();
    await stop;
    expect(loop.runs()).toBe(1);
    expect(loop.sleeps).toEqual([]);
  });

  test('a loop that was never started is nothing to wait for, and it stays so', async () => {
    const loop = start();
    await loop.stop();
    loop.start();
    await turnOfTheLoop();
    expect(loop.runs()).toBe(0);
  });

  test('twice is as good as once, also after an error', async () => {
    const loop = start(fails);
    loop.start();
    await loop.asleep(1);
    await Promise.all([loop.stop(), loop.stop()]);
    await loop.stop();
    expect(loop.runs()).toBe(1);
  });
});

describe('the real clock', () => {
  test('sleeps until its time has come', async () => {
    const before = performance.now();
    await systemClock.sleep(20, new AbortController().signal);
    expect(performance.now() - before).toBeGreaterThanOrEqual(19);
  });

  test('sleeps no longer than until it is interrupted, and not at all after that', async () => {
    const controller = new AbortController();
    const asleep = systemClock.sleep(60_000, controller.signal);
    controller.abort();
    await asleep;
    await systemClock.sleep(60_000, controller.signal);
  });

  test('tells the time', () => {
    const before = Date.now();
    expect(systemClock.now()).toBeWithin(before, before + 1000);
  });
});
