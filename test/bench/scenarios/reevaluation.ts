import { segments } from '../generator/segments.ts';
import { until } from '../harness/children.ts';
import { api, type ServerProcess, startService } from '../harness/processes.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { withStore } from '../harness/workspace.ts';

/** A million users joining twenty segments takes a while on a busy machine. */
const PATIENCE_MS = 600_000;

interface Run {
  seconds: number;
  cpuSeconds: number;
  peakBytes: number;
}

/** How long it takes until segments hold for all users: new ones, and ones that hold already. */
export const reevaluation: Scenario = {
  name: 'reevaluation',
  title: 'Full evaluation of segments over all users',
  async run(context: BenchContext): Promise<Measure[]> {
    const { size, progress } = context;
    const measures: Measure[] = [];
    const sizes = { quick: [10_000], normal: [10_000, 100_000], full: [10_000, 100_000, 1_000_000] };
    for (const users of sizes[size]) {
      const kinds: [string, () => Promise<Run>][] = [
        ['1 new segment', () => evaluateNew(context, users, 1)],
        ['20 new segments', () => evaluateNew(context, users, 20)],
        ['20 segments again', () => evaluateAgain(context, users)],
      ];
      for (const [kind, run] of kinds) {
        const runs: Run[] = [];
        for (let n = users < 1_000_000 ? 3 : 1; n > 0; n--) {
          progress(`${kind}, ${usersText(users)}`);
          runs.push(await run());
        }
        measures.push(...describe(`${usersText(users)}, ${kind}`, users, runs));
      }
    }
    return measures;
  },
};

async function evaluateNew(
  { workspace, executable }: BenchContext,
  users: number,
  count: number,
): Promise<Run> {
  const service = await startService({ dataDir: await workspace.dataDir(users, 'users'), executable });
  try {
    const start = now(service);
    for (const segment of segments(workspace.population(users).now).slice(0, count)) {
      await api(service, 'POST', '/api/v1/segments', segment);
    }
    return await measured(service, start);
  } finally {
    await service.stop();
  }
}

/** The work is queued while nothing runs, so that it begins with the service. */
async function evaluateAgain(
  { workspace, executable, profileDir }: BenchContext,
  users: number,
): Promise<Run> {
  const dataDir = await workspace.dataDir(users, 'segments');
  await withStore(dataDir, async (store) => {
    const ids = (await store.listSegments()).map(({ id }) => id);
    await store.queueJobs(ids, 'evaluate', Date.now());
  });
  const service = await startService({ dataDir, executable, profileDir });
  const start = now(service);
  try {
    return await measured(service, start);
  } finally {
    await service.stop();
  }
}

const now = (service: ServerProcess) => ({ wall: performance.now(), cpu: service.cpuSeconds() });

async function measured(service: ServerProcess, start: ReturnType<typeof now>): Promise<Run> {
  await evaluated(service);
  const { wall, cpu } = now(service);
  return {
    seconds: (wall - start.wall) / 1000,
    cpuSeconds: cpu - start.cpu,
    peakBytes: service.memory().peak,
  };
}

/** Resolves when no evaluation is under way. */
export const evaluated = (service: ServerProcess): Promise<void> =>
  until(
    'evaluation of all segments',
    async () => {
      const { data } = await api(service, 'GET', '/api/v1/segments');
      return data.every(({ evaluating }: { evaluating: unknown }) => evaluating === null);
    },
    PATIENCE_MS,
    50,
  );

function describe(what: string, users: number, runs: Run[]): Measure[] {
  return [
    { what, value: summary(runs.map(({ seconds }) => seconds)), unit: 's' },
    { what: `${what}, rate`, value: summary(runs.map(({ seconds }) => users / seconds)), unit: 'users/s' },
    {
      what: `${what}, processor time`,
      value: summary(runs.map(({ cpuSeconds }) => (cpuSeconds * 1e6) / users)),
      unit: 'µs a user',
    },
    {
      what: `${what}, peak memory`,
      value: summary(runs.map(({ peakBytes }) => peakBytes / 1e6)),
      unit: 'MB',
    },
  ];
}
