import { type Latencies, openLoad, startOpenLoad } from '../harness/open-loop.ts';
import { api, type ServerProcess, startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { evaluated } from './reevaluation.ts';

const RATE = 2000;
/** Long enough for what the service puts off for 15 s to be in it: an evaluation mostly has some of that as well. */
const SECONDS = 20;
/** An evaluation that takes longer is not worth waiting for. */
const MOST_SECONDS = 90;

interface Turn {
  /** Of the evaluation. */
  seconds: number;
  /** Of the webhook. */
  latencies: Latencies | null;
}

/** All twenty segments over all users, with and without events coming in; and those with and without the evaluation. */
export const evaluationUnderLoad: Scenario = {
  name: 'evaluation-under-load',
  title: `Full re-evaluation of 20 segments, idle and with ${RATE.toLocaleString('en')} events a second`,
  async run({ size, workspace, executable, profileDir, progress }: BenchContext): Promise<Measure[]> {
    const users = { quick: 20_000, normal: 1_000_000, full: 1_000_000 }[size];
    const dataDir = await workspace.dataDir(users, 'segments');
    const events = workspace.events(users);
    const service = await startService({ dataDir, executable, profileDir });
    const load = { server: service, rate: RATE, warmUp: 1, events, file: workspace.file('requests') };
    const turns = {
      idle: async () => ({ seconds: await evaluateAll(service), latencies: null }),
      events: async () => ({
        seconds: 0,
        latencies: await openLoad({ ...load, seconds: size === 'quick' ? 2 : SECONDS }),
      }),
      both: async () => {
        const { finish } = await startOpenLoad({ ...load, seconds: size === 'quick' ? 20 : MOST_SECONDS });
        await Bun.sleep(1000);
        const seconds = await evaluateAll(service);
        return { seconds, latencies: await finish() };
      },
    } satisfies Record<string, () => Promise<Turn>>;
    try {
      const rounds = await takeTurns<keyof typeof turns, Turn>(
        ['idle', 'events', 'both'],
        (name) => turns[name](),
        progress,
        { warmUp: false },
      );
      const p99 = (turn: Turn) => turn.latencies?.p99 ?? Number.NaN;
      const panel = `Full re-evaluation, ${usersText(users)}, 20 segments`;
      const webhook = `Webhook at ${RATE.toLocaleString('en')} a second, p99`;
      return [
        {
          what: `${usersText(users)}, idle`,
          value: summary(rounds.map(({ idle }) => idle.seconds)),
          unit: 's',
          expected: { most: 10 },
          panel,
        },
        {
          what: `${usersText(users)}, with events`,
          value: summary(rounds.map(({ both }) => both.seconds)),
          unit: 's',
          expected: { most: 10 },
          panel,
        },
        {
          what: 'webhook p99, no evaluation',
          value: summary(rounds.map((round) => p99(round.events))),
          unit: 'ms',
          panel: webhook,
        },
        {
          what: 'webhook p99, during an evaluation',
          value: summary(rounds.map(({ both }) => p99(both))),
          unit: 'ms',
          panel: webhook,
        },
        {
          what: 'webhook p99, during to without',
          value: summary(rounds.map(({ both, events }) => p99(both) / p99(events))),
          unit: '×',
          expected: { most: 2 },
        },
        {
          what: 'webhook longest, during an evaluation',
          value: summary(rounds.map(({ both }) => both.latencies?.max ?? Number.NaN)),
          unit: 'ms',
        },
        { what: 'peak memory', value: service.memory().peak / 1e6, unit: 'MB', expected: { most: 300 } },
      ];
    } finally {
      await service.stop();
    }
  },
};

/** Evaluates everything again and answers how many seconds that took. */
async function evaluateAll(service: ServerProcess): Promise<number> {
  const start = performance.now();
  await api(service, 'POST', '/api/v1/segments/evaluate');
  await evaluated(service);
  return (performance.now() - start) / 1000;
}
