import { spawnService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';

/** From the start of the executable to its first 200, with an empty database and a large one. */
export const coldStart: Scenario = {
  name: 'cold-start',
  title: 'Cold start: from the start of the executable to its first 200',
  async run({ size, workspace, build, progress }: BenchContext): Promise<Measure[]> {
    const users = size === 'quick' ? 10_000 : 1_000_000;
    const executable = await build();
    const dataDir = await workspace.dataDir(users, 'segments');
    let starts = 0;
    const rounds = await takeTurns(
      ['empty', 'full'],
      (name) => startOnce(executable, name === 'full' ? dataDir : workspace.file(`empty-${++starts}`)),
      progress,
    );
    const panel = 'Cold start of the executable';
    return [
      { what: 'empty database', value: summary(rounds.map(({ empty }) => empty)), unit: 'ms', panel },
      {
        what: usersText(users),
        value: summary(rounds.map(({ full }) => full)),
        unit: 'ms',
        expected: { most: 300 },
        panel,
      },
    ];
  },
};

async function startOnce(executable: string, dataDir: string): Promise<number> {
  const start = performance.now();
  const service = await spawnService({ dataDir, executable });
  const { status } = await fetch(`${service.url}/readyz`);
  const took = performance.now() - start;
  await service.stop();
  if (status !== 200) throw new Error(`The service was not ready: ${status}`);
  return took;
}
