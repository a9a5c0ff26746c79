import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chart } from './harness/chart.ts';
import { endAll, outputOf, spawn } from './harness/children.ts';
import { machine, otherWork, processorTime, table } from './harness/report.ts';
import type { Results, ScenarioResult } from './harness/results.ts';
import type { BenchContext, Scenario, Size } from './harness/scenario.ts';
import { createWorkspace } from './harness/workspace.ts';
import { ackLatency } from './scenarios/ack-latency.ts';
import { batches } from './scenarios/batches.ts';
import { coldStart } from './scenarios/cold-start.ts';
import { disk } from './scenarios/disk.ts';
import { drain } from './scenarios/drain.ts';
import { evaluationUnderLoad } from './scenarios/evaluation-under-load.ts';
import { growth } from './scenarios/growth.ts';
import { identifyThroughput } from './scenarios/identify-throughput.ts';
import { importUsers } from './scenarios/import-users.ts';
import { least } from './scenarios/least.ts';
import { loopLatency } from './scenarios/loop-latency.ts';
import { memory } from './scenarios/memory.ts';
import { preview } from './scenarios/preview.ts';
import { reevaluation } from './scenarios/reevaluation.ts';
import { RESULTS, writeDocuments } from './write-docs.ts';

const SCENARIOS: readonly Scenario[] = [
  identifyThroughput,
  least,
  ackLatency,
  batches,
  loopLatency,
  drain,
  evaluationUnderLoad,
  growth,
  coldStart,
  memory,
  disk,
  importUsers,
  preview,
  reevaluation,
];
const ROOT = join(import.meta.dir, '../..');
const CHART = join(import.meta.dir, 'results.svg');

const USAGE = `bun run bench [scenario …] [--quick | --full] [--executable FILE] [--profile FOLDER] [--write-docs]

${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(22)} ${title}`).join('\n')}

  --quick       small and short, up to 4 minutes: to see that everything works
  --full        10,000,000 users and an import of 1,000,000, up to 60 minutes; without it up to 15
  --executable  measures a built executable in place of the sources
  --profile     writes CPU profiles of the service under load (sources only)
  --write-docs  puts the results into docs/performance.md and test/bench/README.md

The numbers are printed and written to test/bench/results.json, with a chart in results.svg. Linux only; HTTP load needs
wrk.`;

async function main() {
  const { positionals: names, values } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      executable: { type: 'string' },
      profile: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}\n\n${USAGE}`);
  if (values['write-docs'] && names.length > 0) throw new Error('--write-docs takes a run of every scenario');

  const size: Size = values.quick ? 'quick' : values.full ? 'full' : 'normal';
  const wanted = SCENARIOS.filter(({ name }) => names.length === 0 || names.includes(name));
  const started = new Date();
  const host = machine();
  const before = processorTime();
  const results = await run(wanted, size, values.executable, values.profile);
  const report: Results = {
    startedAt: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
    command: ['bun run bench', ...Bun.argv.slice(2)].join(' '),
    size,
    machine: host,
    otherWork: otherWork(before, processorTime()),
    results,
  };
  await Bun.write(RESULTS, `${JSON.stringify(report, null, 2)}\n`);
  await Bun.write(CHART, chart(report));
  console.log(`\n${Math.round(report.seconds)} s; written to ${RESULTS} and results.svg`);
  if (values['write-docs']) await writeDocuments();
  if (Object.values(results).some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

/** One after the other; what fails says so and keeps none of the others from being measured. */
async function run(
  wanted: readonly Scenario[],
  size: Size,
  executable: string | undefined,
  profileDir: string | undefined,
) {
  const began = performance.now();
  const progress = (text: string) => console.error(`${clock(performance.now() - began)} … ${text}`);
  const workspace = await createWorkspace(progress);
  const interrupted = () =>
    void endAll()
      .then(workspace.remove)
      .then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  let built: Promise<string> | undefined;
  const build = () => {
    built ??= executable === undefined ? buildExecutable(progress) : Promise.resolve(executable);
    return built;
  };
  const context: BenchContext = { size, workspace, executable, build, profileDir, progress };
  const results: Record<string, ScenarioResult> = {};
  try {
    for (const { name, title, run } of wanted) {
      progress(name);
      const result: ScenarioResult = { title, measures: [] };
      try {
        result.measures = await run(context);
        console.log(`\n${title}\n${table(result.measures)}\n`);
      } catch (error) {
        result.failure = (error as Error).message;
        console.error(`\n${name} failed:`, error);
      }
      results[name] = result;
      await endAll();
      await workspace.tidy();
    }
  } finally {
    await endAll();
    await workspace.remove();
  }
  return results;
}

async function buildExecutable(progress: BenchContext['progress']): Promise<string> {
  progress('building the executable');
  await outputOf(spawn([process.execPath, join(ROOT, 'build.ts')], {}, 'ignore', ROOT), 300_000);
  return join(ROOT, 'dist/quackback-segment');
}

const clock = (ms: number) => new Date(ms).toISOString().slice(14, 19);

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
