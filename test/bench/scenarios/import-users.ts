import { join } from 'node:path';
import { usersAsCsv, usersAsNdjson } from '../generate.ts';
import { outputOf, spawn } from '../harness/children.ts';
import { peakMemory } from '../harness/processes.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { withStore } from '../harness/workspace.ts';

/** A million users on a busy machine. */
const PATIENCE_MS = 900_000;
const ROOT = join(import.meta.dir, '../../..');

/** Files of users with some ten attributes each, on the command line and into an empty database with no segments. */
export const importUsers: Scenario = {
  name: 'import',
  title: 'Import of users with ten attributes (command line)',
  async run({ size, workspace, executable, progress }: BenchContext): Promise<Measure[]> {
    const measures: Measure[] = [];
    const sizes = { quick: [10_000], normal: [10_000, 100_000], full: [10_000, 100_000, 1_000_000] };
    for (const users of sizes[size]) {
      for (const format of ['csv', 'ndjson'] as const) {
        const many = `${usersText(users)}, ${format}`;
        progress(many);
        const file = workspace.file(`users-${users}.${format}`);
        const population = workspace.population(users);
        const lines = format === 'csv' ? usersAsCsv(population) : usersAsNdjson(population);
        await writeLines(file, lines);
        const dataDir = workspace.file(`imported-${users}-${format}`);
        const first = await runImport(file, dataDir, executable);
        const again = await runImport(file, dataDir, executable);
        const known = await withStore(dataDir, (store) => store.userIdRange());
        if (known.count !== users) throw new Error(`${known.count} of ${users} users were imported`);
        measures.push(
          { what: `${many}`, value: users / first.seconds, unit: '/s' },
          { what: `${many}, peak memory`, value: first.peakBytes / 1e6, unit: 'MB' },
          { what: `${many}, again`, value: users / again.seconds, unit: '/s' },
        );
      }
    }
    return measures;
  },
};

async function writeLines(file: string, lines: Iterable<string>) {
  const writer = Bun.file(file).writer({ highWaterMark: 1 << 20 });
  for (const line of lines) {
    writer.write(line);
    await writer.flush();
  }
  await writer.end();
}

async function runImport(file: string, dataDir: string, executable: string | undefined) {
  const command = executable === undefined ? [process.execPath, join(ROOT, 'src/main.ts')] : [executable];
  const start = performance.now();
  const child = spawn([...command, 'users', 'import', file], { DATA_DIR: dataDir });
  // Asked while it runs: what the kernel says of a process that has ended includes the one that started it.
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakMemory(child.pid) ?? 0);
  }, 50);
  await outputOf(child, PATIENCE_MS).finally(() => clearInterval(watch));
  return { seconds: (performance.now() - start) / 1000, peakBytes };
}
