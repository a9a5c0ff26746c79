import { join } from 'node:path';
import { until } from '../harness/children.ts';
import { api, SETTINGS, start, startService } from '../harness/processes.ts';
import { ROUNDS, takeTurns } from '../harness/rounds.ts';
import { type BenchContext, type Measure, type Scenario, usersText } from '../harness/scenario.ts';
import { startSink } from '../harness/sink.ts';
import { summary } from '../harness/stats.ts';

/** What is sent at most after a slice is complete and until the sending has been switched off, events. */
const OVERRUN = 10_000;
const PATIENCE_MS = 120_000;

/**
 * A backlog of one change for each user is told to a stand-in that answers at once, beside the same calls made out of
 * memory. In slices, so that both take turns; what the first one leaves is there for the next.
 */
export const drain: Scenario = {
  name: 'drain',
  title: 'Outbound: pending changes told to a stand-in that answers at once, no limit on the rate',
  async run({ size, workspace, executable, profileDir, progress }: BenchContext): Promise<Measure[]> {
    const users = size === 'quick' ? 200_000 : 1_000_000;
    const dataDir = await workspace.dataDir(users, 'pending');
    const sink = startSink();
    const service = await startService({ dataDir, segmentUrl: sink.url, executable, profileDir });
    const bare = await start([
      process.execPath,
      join(import.meta.dir, '../harness/bare-sender.ts'),
      sink.url,
    ]);
    const slice = Math.floor(users / (ROUNDS + 1)) - OVERRUN;
    const enable = (enabled: boolean) => api(service, 'PATCH', SETTINGS, { outbound: { enabled } });
    try {
      await api(service, 'PATCH', SETTINGS, {
        outbound: { enabled: false, writeKey: 'bench-write-key', eventsPerSecond: null },
      });
      await until('the backlog to be complete', async () => (await pending()) === users, PATIENCE_MS, 500);
      const rounds = await takeTurns(
        ['service', 'no database'],
        async (name) => {
          const rate = sink.rate(slice, PATIENCE_MS);
          if (name === 'service') await enable(true);
          else void fetch(`${bare.url}/${slice}`, { method: 'POST' });
          const result = await rate;
          if (name === 'service') await enable(false);
          return result;
        },
        progress,
      );
      progress('the rest of the backlog');
      await enable(true);
      await until('all of it to be told', async () => (await pending()) === 0, PATIENCE_MS, 500);
      const panel = 'Outbound, changes told a second';
      return [
        { what: 'pending at first', value: users, unit: 'changes' },
        { what: 'service', value: summary(rounds.map((r) => r.service)), unit: '/s', panel },
        { what: 'no database', value: summary(rounds.map((r) => r['no database'])), unit: '/s', panel },
        {
          what: 'service to no database',
          value: summary(rounds.map((r) => (100 * r.service) / r['no database'])),
          unit: '%',
          expected: { least: 50 },
        },
        { what: `peak memory, ${usersText(users)}`, value: service.memory().peak / 1e6, unit: 'MB' },
      ];
    } finally {
      await Promise.all([service.stop(), bare.stop()]);
      await sink.stop();
    }

    async function pending(): Promise<number> {
      const { data } = await api(service, 'GET', SETTINGS);
      return data.outbound.pending;
    }
  },
};
