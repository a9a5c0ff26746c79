import { startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { loader, requireWrk } from '../harness/wrk.ts';

/** Resident memory, idle and under load, each time from a fresh start. */
export const memory: Scenario = {
  name: 'memory',
  title: 'Resident memory (20 segments)',
  async run({ size, workspace, executable, progress }: BenchContext): Promise<Measure[]> {
    requireWrk();
    const users = size === 'quick' ? 10_000 : 1_000_000;
    const seconds = size === 'quick' ? 1 : 4;
    const dataDir = await workspace.dataDir(users, 'segments');
    const events = workspace.events(users);
    const load = loader(10_000);
    const rounds = await takeTurns(['once'], measure, progress, { warmUp: false });
    const of = (read: (one: Awaited<ReturnType<typeof measure>>) => number) =>
      summary(rounds.map(({ once }) => read(once) / 1e6));
    const panel = `Resident memory, ${usersText(users)}`;
    return [
      { what: 'idle', value: of(({ idle }) => idle), unit: 'MB', expected: { most: 150 }, panel },
      {
        what: 'highest under load',
        value: of(({ peak }) => peak),
        unit: 'MB',
        expected: { most: 400 },
        panel,
      },
      { what: 'after the load', value: of(({ after }) => after), unit: 'MB', panel },
    ];

    async function measure() {
      const service = await startService({ dataDir, executable });
      try {
        // What a start leaves behind is swept up by then.
        await Bun.sleep(2000);
        const idle = service.memory().now;
        const file = workspace.file('requests');
        await load({ server: service, connections: 64, seconds, events, file });
        const { now: after, peak } = service.memory();
        return { idle, after, peak };
      } finally {
        await service.stop();
      }
    }
  },
};
