import { checkAnswers, checkLoad } from '../harness/check-load.ts';
import { startBareServer, startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import type { BenchContext, Measure, Scenario, Size } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { type Load, loader, requireWrk } from '../harness/wrk.ts';

type Connections = 16 | 64 | 256;
const CONNECTIONS: Record<Size, readonly Connections[]> = {
  quick: [64],
  normal: [16, 64, 256],
  full: [16, 64, 256],
};
/** Identifies a second to be ready for at first. */
const FROM = { bare: 40_000, service: 10_000, 'one by one': 2_000 };
const NAMES = ['bare', 'service', 'one by one'] as const;
type Name = (typeof NAMES)[number];

/**
 * Signed identifies, durable when answered, beside a bare server that stores nothing, and beside the same service with a
 * transaction for each request.
 */
export const identifyThroughput: Scenario = {
  name: 'identify-throughput',
  title: 'Identifies a second: the service beside a bare Bun server that stores nothing (20 segments)',
  async run({ size, workspace, executable, profileDir, progress }: BenchContext): Promise<Measure[]> {
    requireWrk();
    const users = size === 'quick' ? 10_000 : 100_000;
    const seconds = size === 'quick' ? 1 : 2;
    const file = workspace.file('requests');
    const dataDirs = [await workspace.dataDir(users, 'segments'), await workspace.dataDir(users, 'segments')];
    await checkLoad(workspace.events(users), file);

    const [dataDir = '', other = ''] = dataDirs;
    const servers = {
      bare: await startBareServer(),
      service: await startService({ dataDir, executable, profileDir }),
      'one by one': await startService({ dataDir: other, maxCommit: 1 }),
    };
    const contestant = (name: Name) => ({
      load: loader(FROM[name]),
      events: workspace.events(users),
    });
    const contestants = {
      bare: contestant('bare'),
      service: contestant('service'),
      'one by one': contestant('one by one'),
    };
    try {
      await checkAnswers(servers.service, contestants.service.events);
      const turns = CONNECTIONS[size].flatMap((connections) =>
        NAMES.map((name) => `${name} ${connections}` as const),
      );
      const rounds = await takeTurns(
        turns,
        (turn) => {
          const { name, connections } = partsOf(turn);
          const { load, events } = contestants[name];
          return load({ server: servers[name], connections, seconds, events, file });
        },
        progress,
      );
      return CONNECTIONS[size].flatMap((connections) => compare(connections, rounds));
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    }
  },
};

type Turn = `${Name} ${Connections}`;

function partsOf(turn: Turn): { name: Name; connections: number } {
  const at = turn.lastIndexOf(' ');
  return { name: turn.slice(0, at) as Name, connections: Number(turn.slice(at)) };
}

function compare(connections: Connections, rounds: Record<Turn, Load>[]): Measure[] {
  const of = (name: Name, read: (load: Load) => number) =>
    summary(rounds.map((round) => read(round[`${name} ${connections}`])));
  const share = (name: Name, to: Name) =>
    summary(
      rounds.map(
        (round) =>
          (100 * round[`${name} ${connections}`].perSecond) / round[`${to} ${connections}`].perSecond,
      ),
    );
  const at = `${connections} connections`;
  const each = (what: string, unit: string, read: (load: Load) => number): Measure[] =>
    NAMES.map((name) => ({ what: `${at}, ${name}, ${what}`, value: of(name, read), unit }));
  return [
    ...NAMES.map((name) => ({
      what: `${at}, ${name}`,
      value: of(name, ({ perSecond }) => perSecond),
      unit: '/s',
      panel: 'Identifies a second',
    })),
    {
      what: `${at}, service to bare`,
      value: share('service', 'bare'),
      unit: '%',
      ...(connections === 64 ? { expected: { least: 50 } } : {}),
      panel: 'The service to bare Bun',
    },
    { what: `${at}, service to one by one`, value: share('service', 'one by one'), unit: '%' },
    ...each('processor time', 'µs each', ({ cpu }) => cpu),
    ...each('p50', 'ms', ({ p50 }) => p50),
    ...each('p99', 'ms', ({ p99 }) => p99),
  ];
}
