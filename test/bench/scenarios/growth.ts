import { type ServerProcess, startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { type Load, loader, requireWrk } from '../harness/wrk.ts';

/** Identifies a second at 64 connections by how many users there are: the sizes take turns. */
export const growth: Scenario = {
  name: 'growth',
  title: 'Growth: identifies a second at 64 connections by the number of users (20 segments)',
  async run({ size, workspace, executable, progress }: BenchContext): Promise<Measure[]> {
    requireWrk();
    const sizes = {
      quick: [10_000, 50_000],
      normal: [10_000, 100_000, 1_000_000],
      full: [10_000, 100_000, 1_000_000, 10_000_000],
    }[size];
    const seconds = size === 'quick' ? 1 : 2;
    const file = workspace.file('requests');
    const contestants = new Map<string, { users: number; server: ServerProcess; measure(): Promise<Load> }>();
    try {
      for (const users of sizes) {
        const dataDir = await workspace.dataDir(users, 'segments');
        const server = await startService({ dataDir, executable });
        const load = loader(10_000);
        const options = { server, connections: 64, seconds, events: workspace.events(users), file };
        contestants.set(usersText(users), { users, server, measure: () => load(options) });
      }
      const names = [...contestants.keys()];
      const rounds = await takeTurns(
        names,
        (name) => contestants.get(name)?.measure() as Promise<Load>,
        progress,
      );
      const [smallest = ''] = names;
      const of = (read: (round: Record<string, Load>) => number) => summary(rounds.map(read));
      const at = (round: Record<string, Load>, name: string) => round[name] as Load;
      return names.flatMap((name): Measure[] => [
        {
          what: name,
          value: of((round) => at(round, name).perSecond),
          unit: '/s',
          panel: 'Identifies a second by the number of users',
        },
        { what: `${name}, p99`, value: of((round) => at(round, name).p99), unit: 'ms' },
        { what: `${name}, processor time`, value: of((round) => at(round, name).cpu), unit: 'µs each' },
        ...(name === smallest
          ? []
          : [
              {
                what: `${name} to ${smallest}`,
                value: of((round) => (100 * at(round, name).perSecond) / at(round, smallest).perSecond),
                unit: '%',
                expected: { least: 70 },
              },
            ]),
      ]);
    } finally {
      await Promise.all([...contestants.values()].map(({ server }) => server.stop()));
    }
  },
};
