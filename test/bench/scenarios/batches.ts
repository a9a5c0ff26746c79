import { type SignedEvent, sign } from '../generator/events.ts';
import { SECRET, startService } from '../harness/processes.ts';
import { takeTurns } from '../harness/rounds.ts';
import type { BenchContext, Measure, Scenario } from '../harness/scenario.ts';
import { summary } from '../harness/stats.ts';
import { loader, requireWrk, type SignedBody } from '../harness/wrk.ts';

const EVENTS = 1000;

/** Events a second in batches of a thousand, beside single ones to the same service. */
export const batches: Scenario = {
  name: 'batches',
  title: `Batches of ${EVENTS.toLocaleString('en')} events a request beside single events (20 segments)`,
  async run({ size, workspace, executable, profileDir, progress }: BenchContext): Promise<Measure[]> {
    requireWrk();
    const users = size === 'quick' ? 10_000 : 100_000;
    const seconds = size === 'quick' ? 1 : 2;
    const file = workspace.file('requests');
    const dataDir = await workspace.dataDir(users, 'segments');
    const server = await startService({ dataDir, executable, profileDir });
    const events = workspace.events(users);
    const kinds = {
      single: { load: loader(10_000), connections: 64, events, each: 1 },
      batch: { load: loader(20), connections: 4, events: batchesOf(events), each: EVENTS },
    };
    type Kind = keyof typeof kinds;
    try {
      const rounds = await takeTurns<Kind, { perSecond: number; cpu: number }>(
        ['single', 'batch'],
        async (kind) => {
          const { load, connections, events, each } = kinds[kind];
          const { perSecond, cpu } = await load({ server, connections, seconds, events, file });
          return { perSecond: perSecond * each, cpu: cpu / each };
        },
        progress,
      );
      const of = (kind: Kind, what: 'perSecond' | 'cpu') => summary(rounds.map((round) => round[kind][what]));
      const panel = 'Events a second';
      return [
        { what: 'single events, 64 connections', value: of('single', 'perSecond'), unit: '/s', panel },
        { what: 'in batches, 4 connections', value: of('batch', 'perSecond'), unit: '/s', panel },
        {
          what: 'batches to single events',
          value: summary(rounds.map(({ single, batch }) => batch.perSecond / single.perSecond)),
          unit: '×',
          expected: { least: 3 },
        },
        { what: 'single events, processor time', value: of('single', 'cpu'), unit: 'µs each' },
        { what: 'in batches, processor time', value: of('batch', 'cpu'), unit: 'µs each' },
      ];
    } finally {
      await server.stop();
    }
  },
};

/** Signed over the whole body, as many events in each. */
function* batchesOf(events: Generator<SignedEvent, never>): Generator<SignedBody, never> {
  for (;;) {
    const bodies = Array.from({ length: EVENTS }, () => events.next().value.body);
    const body = `[${bodies.join(',')}]`;
    yield { body, signature: sign(body, SECRET) };
  }
}
