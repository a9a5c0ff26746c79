import type { Stores } from '../harness/least-store.ts';
import { startBareServer, startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import type { BenchContext, Measure, Scenario } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { databaseIn } from '../harness/workspace.ts';
import { type Load, loader, requireWrk } from '../harness/wrk.ts';

const NAMES = ['bare', 'bodies appended', 'users merged', 'service'] as const;
type Name = (typeof NAMES)[number];

/** How far the bare server comes if it stores the least there is, and what the service does for the rest of the way. */
export const least: Scenario = {
  name: 'least',
  title: 'The least that makes events durable, beside the service (64 connections, 20 segments)',
  async run({ size, workspace, executable, progress }: BenchContext): Promise<Measure[]> {
    requireWrk();
    const users = size === 'quick' ? 10_000 : 100_000;
    const seconds = size === 'quick' ? 1 : 2;
    const file = workspace.file('requests');
    const storing = async (stores: Stores) =>
      startBareServer({ stores, database: databaseIn(await workspace.dataDir(users, 'segments')) });
    const servers = {
      bare: await startBareServer(),
      'bodies appended': await storing('bodies'),
      'users merged': await storing('users'),
      service: await startService({ dataDir: await workspace.dataDir(users, 'segments'), executable }),
    };
    const loads = new Map(
      NAMES.map((name) => {
        const load = loader(name === 'service' ? 10_000 : 40_000);
        const events = workspace.events(users);
        return [name, () => load({ server: servers[name], connections: 64, seconds, events, file })];
      }),
    );
    try {
      const rounds = await takeTurns(NAMES, (name) => loads.get(name)?.() as Promise<Load>, progress);
      return NAMES.flatMap((name) => compare(name, rounds));
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    }
  },
};

function compare(name: Name, rounds: Record<Name, Load>[]): Measure[] {
  const of = (read: (round: Record<Name, Load>) => number) => summary(rounds.map(read));
  return [
    { what: name, value: of((round) => round[name].perSecond), unit: '/s' },
    ...(name === 'bare'
      ? []
      : [
          {
            what: `${name}, to bare`,
            value: of((round) => (100 * round[name].perSecond) / round.bare.perSecond),
            unit: '%',
          },
        ]),
    { what: `${name}, processor time`, value: of((round) => round[name].cpu), unit: 'µs each' },
    { what: `${name}, p99`, value: of((round) => round[name].p99), unit: 'ms' },
  ];
}
