import { statSync } from 'node:fs';
import { join } from 'node:path';
import { usersAsNdjson } from '../generate.ts';
import { spawnService, startService } from '../harness/processes.ts';
import type { BenchContext, Measure, Scenario } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { loader, requireWrk } from '../harness/wrk.ts';

/** What the service takes from the machine: disk, memory, and the time of a start. */
export const footprint: Scenario = {
  name: 'footprint',
  title: 'Disk, memory and cold start (20 segments)',
  async run(context: BenchContext): Promise<Measure[]> {
    requireWrk();
    const { size, workspace, progress } = context;
    const users = { quick: 10_000, normal: 100_000, full: 1_000_000 }[size];
    const dataDir = await workspace.dataDir(users, true);
    const onDisk = statSync(join(dataDir, 'quackback-segment.db')).size;
    let raw = 0;
    for (const line of usersAsNdjson(workspace.population(users))) raw += Buffer.byteLength(line);

    progress('cold starts');
    const repetitions = 7;
    const emptyStarts: number[] = [];
    const starts: number[] = [];
    for (let n = 0; n < repetitions; n++) {
      emptyStarts.push(await coldStart(context, workspace.file(`empty-${n}`)));
      starts.push(await coldStart(context, dataDir));
    }
    const { idle, loaded, peak } = await memoryUse(context, users, dataDir);
    const known = `${users.toLocaleString('en')} users`;
    return [
      { what: `disk a user, ${known}`, value: onDisk / users, unit: 'bytes' },
      { what: 'raw JSON of a user', value: raw / users, unit: 'bytes' },
      { what: `memory, idle, ${known}`, value: idle / 1e6, unit: 'MB' },
      { what: 'memory after 5 s of load', value: loaded / 1e6, unit: 'MB' },
      { what: 'memory, highest under load', value: peak / 1e6, unit: 'MB' },
      { what: 'start to first 200, empty database', value: summary(emptyStarts), unit: 'ms' },
      { what: `start to first 200, ${known}`, value: summary(starts), unit: 'ms' },
    ];
  },
};

async function coldStart({ executable }: BenchContext, dataDir: string): Promise<number> {
  const start = performance.now();
  const service = await spawnService({ dataDir, executable });
  const { status } = await fetch(`${service.url}/readyz`);
  const took = performance.now() - start;
  await service.stop();
  if (status !== 200) throw new Error(`The service was not ready: ${status}`);
  return took;
}

async function memoryUse({ workspace, executable, progress }: BenchContext, users: number, dataDir: string) {
  progress('memory, idle and under load');
  const service = await startService({ dataDir, executable });
  try {
    await Bun.sleep(2000);
    const idle = service.memory().now;
    const load = loader(8_000);
    const events = workspace.events(users);
    await load({ server: service, connections: 64, seconds: 5, events, file: workspace.file('requests') });
    const { now: loaded, peak } = service.memory();
    return { idle, loaded, peak };
  } finally {
    await service.stop();
  }
}
