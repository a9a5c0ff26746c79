import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, table } from './harness/report.ts';
import type { Measure, Scenario, Size } from './harness/scenario.ts';
import { createWorkspace } from './harness/workspace.ts';
import { footprint } from './scenarios/footprint.ts';
import { identifyThroughput } from './scenarios/identify-throughput.ts';
import { importUsers } from './scenarios/import-users.ts';
import { loopLatency } from './scenarios/loop-latency.ts';
import { preview } from './scenarios/preview.ts';
import { reevaluation } from './scenarios/reevaluation.ts';

const SCENARIOS: readonly Scenario[] = [
  identifyThroughput,
  loopLatency,
  importUsers,
  preview,
  reevaluation,
  footprint,
];
const RESULTS = join(import.meta.dir, 'results.json');

const USAGE = `bun run bench [scenario …] [--quick | --full] [--executable FILE] [--profile FOLDER]

${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(20)} ${title}`).join('\n')}

  --quick       small and short: to see that everything works
  --full        with a million users where that matters
  --executable  measures a built executable in place of the sources
  --profile     writes CPU profiles of the service under load (sources only)

The numbers are printed and written to test/bench/results.json. Linux only; HTTP load needs wrk.`;

async function main() {
  const { positionals: names, values } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      executable: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}\n\n${USAGE}`);

  const size: Size = values.quick ? 'quick' : values.full ? 'full' : 'normal';
  const progress = (text: string) => console.error(`… ${text}`);
  const started = new Date();
  const host = machine();
  const results: Record<string, { title: string; measures: Measure[] }> = {};
  const workspace = await createWorkspace(progress);
  try {
    for (const { name, title, run } of SCENARIOS) {
      if (names.length > 0 && !names.includes(name)) continue;
      const { executable, profile: profileDir } = values;
      const measures = await run({ size, workspace, executable, profileDir, progress });
      console.log(`\n${title}\n${table(measures)}`);
      results[name] = { title, measures };
    }
  } finally {
    await workspace.remove();
  }
  const report = { startedAt: started.toISOString(), size, machine: host, results };
  await Bun.write(RESULTS, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\nWritten to ${RESULTS}`);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
