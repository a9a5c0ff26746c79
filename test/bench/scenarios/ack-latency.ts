import { type Latencies, openLoad } from '../harness/open-loop.ts';
import { startBareServer, startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import type { BenchContext, Measure, Scenario } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { loader, requireWrk } from '../harness/wrk.ts';

const NAMES = ['bare', 'service'] as const;
type Name = (typeof NAMES)[number];

/** How long an answer takes at half of what the service can do, beside a bare server at the same rate. */
export const ackLatency: Scenario = {
  name: 'ack-latency',
  title: 'Latency of the acknowledgement at half the maximum rate (20 segments)',
  async run({ size, workspace, executable, profileDir, progress }: BenchContext): Promise<Measure[]> {
    requireWrk();
    const users = size === 'quick' ? 10_000 : 100_000;
    const [seconds, warmUp] = size === 'quick' ? [2, 1] : [5, 1];
    const file = workspace.file('requests');
    const dataDir = await workspace.dataDir(users, 'segments');
    const servers = {
      bare: await startBareServer(),
      service: await startService({ dataDir, executable, profileDir }),
    };
    const events = { bare: workspace.events(users), service: workspace.events(users) };
    try {
      const most = await maximum();
      const rate = Math.round(most / 2);
      const rounds = await takeTurns(
        NAMES,
        (name) => openLoad({ server: servers[name], rate, seconds, warmUp, events: events[name], file }),
        progress,
      );
      return [
        { what: 'maximum, 64 connections', value: most, unit: '/s' },
        { what: 'rate of this load', value: rate, unit: '/s' },
        ...NAMES.flatMap((name) => describe(name, rounds)),
      ];
    } finally {
      await Promise.all([servers.bare.stop(), servers.service.stop()]);
    }

    async function maximum(): Promise<number> {
      const load = loader(10_000);
      const rates: number[] = [];
      for (let n = 0; n < 4; n++) {
        progress('looking for the maximum rate');
        const { perSecond } = await load({
          server: servers.service,
          connections: 64,
          seconds: size === 'quick' ? 1 : 2,
          events: events.service,
          file,
        });
        // The first one warms up.
        if (n > 0) rates.push(perSecond);
      }
      return summary(rates).median;
    }
  },
};

function describe(name: Name, rounds: Record<Name, Latencies>[]): Measure[] {
  const of = (read: (one: Latencies) => number) => summary(rounds.map((round) => read(round[name])));
  const own = name === 'service';
  return [
    { what: `${name}, p50`, value: of(({ p50 }) => p50), unit: 'ms' },
    {
      what: `${name}, p99`,
      value: of(({ p99 }) => p99),
      unit: 'ms',
      ...(own ? { expected: { most: 10 } } : {}),
      panel: 'Acknowledgement at half the maximum rate',
    },
    {
      what: `${name}, longest`,
      value: of(({ max }) => max),
      unit: 'ms',
      ...(own ? { expected: { most: 50, always: true } } : {}),
      panel: 'Acknowledgement at half the maximum rate',
    },
  ];
}
