import { segments } from '../generator/segments.ts';
import { api, startService } from '../harness/processes.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';

/** How long an admin waits for the count while building rules, and how much of it is complete by then. */
export const preview: Scenario = {
  name: 'preview',
  title: 'Preview of rules',
  async run({ size, workspace, executable, progress }: BenchContext): Promise<Measure[]> {
    const measures: Measure[] = [];
    const sizes = size === 'quick' ? [10_000] : [10_000, 100_000, 1_000_000];
    for (const users of sizes) {
      const many = usersText(users);
      progress(many);
      const service = await startService({ dataDir: await workspace.dataDir(users, 'segments'), executable });
      try {
        const times: number[] = [];
        const shares: number[] = [];
        for (const { rules } of segments(workspace.population(users).now)) {
          const start = performance.now();
          const { data } = await api(service, 'POST', '/api/v1/segments/preview', { rules });
          times.push(performance.now() - start);
          shares.push((100 * data.scanned) / data.total);
        }
        measures.push(
          { what: many, value: summary(times), unit: 'ms', expected: { most: 1000 } },
          { what: `${many}, looked at`, value: summary(shares), unit: '%' },
        );
      } finally {
        await service.stop();
      }
    }
    return measures;
  },
};
