import { checkAnswers, checkLoad } from '../harness/check-load.ts';
import { startBareServer, startService } from '../harness/processes.ts';
import type { BenchContext, Measure, Scenario } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { type Load, loader, requireWrk } from '../harness/wrk.ts';

const CONNECTIONS = [16, 64, 256];

/** Signed identifies, durable when answered, beside a bare server that stores nothing: in turns, so that both have the same luck. */
export const identifyThroughput: Scenario = {
  name: 'identify-throughput',
  title: 'Identifies a second: the service beside a bare Bun server that stores nothing (20 segments)',
  async run({ size, workspace, executable, profileDir, progress }: BenchContext): Promise<Measure[]> {
    requireWrk();
    const users = size === 'quick' ? 10_000 : 100_000;
    const seconds = size === 'quick' ? 1 : 3;
    const repetitions = 5;
    const file = workspace.file('requests');
    await checkLoad(workspace.events(users), file);

    const dataDir = await workspace.dataDir(users, true);
    const bare = await startBareServer();
    const service = await startService({ dataDir, executable, profileDir });
    const contestants = {
      bare: { server: bare, load: loader(20_000), events: workspace.events(users) },
      service: { server: service, load: loader(8_000), events: workspace.events(users) },
    };
    const measure = (who: 'bare' | 'service', connections: number) => {
      const { server, load, events } = contestants[who];
      return load({ server, connections, seconds, events, file });
    };
    const pairs = new Map<number, { bare: Load; service: Load }[]>();
    try {
      await checkAnswers(service, contestants.service.events);
      // The first round warms both up and does not count.
      for (let round = 0; round <= repetitions; round++) {
        progress(round === 0 ? 'warming up' : `round ${round} of ${repetitions}`);
        for (const connections of CONNECTIONS) {
          const pair = {
            bare: await measure('bare', connections),
            service: await measure('service', connections),
          };
          if (round > 0) pairs.set(connections, [...(pairs.get(connections) ?? []), pair]);
        }
      }
    } finally {
      await Promise.all([bare.stop(), service.stop()]);
    }
    return [...pairs].flatMap(([connections, rounds]) => compare(connections, rounds));
  },
};

function compare(connections: number, rounds: { bare: Load; service: Load }[]): Measure[] {
  const of = (read: (round: { bare: Load; service: Load }) => number) => summary(rounds.map(read));
  const at = `${connections} connections`;
  return [
    { what: `${at}, bare`, value: of(({ bare }) => bare.perSecond), unit: '/s' },
    { what: `${at}, service`, value: of(({ service }) => service.perSecond), unit: '/s' },
    {
      what: `${at}, service to bare`,
      value: of(({ bare, service }) => (100 * service.perSecond) / bare.perSecond),
      unit: '%',
    },
    { what: `${at}, bare, processor time`, value: of(({ bare }) => bare.cpu), unit: 'µs each' },
    { what: `${at}, service, processor time`, value: of(({ service }) => service.cpu), unit: 'µs each' },
    { what: `${at}, bare, p50`, value: of(({ bare }) => bare.p50), unit: 'ms' },
    { what: `${at}, bare, p99`, value: of(({ bare }) => bare.p99), unit: 'ms' },
    { what: `${at}, service, p50`, value: of(({ service }) => service.p50), unit: 'ms' },
    { what: `${at}, service, p99`, value: of(({ service }) => service.p99), unit: 'ms' },
    { what: `${at}, service, longest`, value: of(({ service }) => service.max), unit: 'ms' },
  ];
}
